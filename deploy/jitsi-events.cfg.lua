-- For Prosody in docker-jitsi-meet: put it into ${CONFIG}/prosody/config/conf.d/, and the one line of meetcoord's
-- keys/jitsi.key into ${CONFIG}/prosody/config/jitsi.key. Where XMPP_DOMAIN is not meet.jitsi, change the names below.

-- Prosody 13 knows FileLine; older ones read the file the long way.
local first_line = FileLine or function (path)
    local file = assert(io.open(path))
    local line = file:read("*l")
    file:close()
    return line
end

-- meetcoord takes questions and reports from whoever knows this, and from nobody else.
local secret_header = { ["Authorization"] = "Bearer " .. first_line("/config/jitsi.key") }

-- The question before a room is opened; its address stands in jitsi.env.
VirtualHost "meet.jitsi"
    reservations_api_headers = secret_header

-- Who came and who left, by the contributed module event_sync; meetcoord's routes are <api_prefix>/events/...
Component "esync.meet.jitsi" "event_sync_component"
    muc_component = "muc.meet.jitsi"
    api_prefix = "http://meetcoord-inner:8081/jitsi"
    api_headers = secret_header
    api_timeout = 5
    api_retry_count = 3
    api_retry_delay = 1
