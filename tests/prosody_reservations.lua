-- Before it opens a room it asks over HTTP, as Jitsi's focus and its reservations do together; nothing else of theirs.
local http = require "net.http";
local formencode = require "util.http".formencode;
local jid = require "util.jid";
local json = require "util.json";
local st = require "util.stanza";

local FOCUS = "http://jitsi.org/protocol/focus";
local url = module:get_option_string("asked_url");
local secret = module:get_option_string("asked_secret");

local function opened(event, room)
	prosody.hosts[jid.host(room)].modules.muc.create_room(room);
	event.origin.send(st.reply(event.stanza):tag("conference", { xmlns = FOCUS, ready = "true" }));
end

local function refused(event, body, code)
	local said = json.decode(body) or {};
	local answer = st.error_reply(event.stanza, "cancel", "service-unavailable", said.message);
	event.origin.send(answer:tag("reservation-error", { xmlns = FOCUS, ["error-code"] = tostring(code) }));
end

module:hook("iq/host", function (event)
	local asked = event.stanza:get_child("conference", FOCUS);
	if not asked then return; end
	local room = asked.attr.room;
	http.request(url, {
		method = "POST";
		body = formencode({ name = jid.node(room) });
		headers = {
			["Content-Type"] = "application/x-www-form-urlencoded";
			["Authorization"] = "Bearer " .. secret;
		};
	}, function (body, code)
		if code == 200 then opened(event, room); else refused(event, body, code); end
	end);
	return true;
end);
