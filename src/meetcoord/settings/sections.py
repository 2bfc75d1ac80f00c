"""What an operator may set: one frozen Struct per [section], each setting with its default and the reason for it."""

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from unicodedata import category
from urllib.parse import SplitResult, urlsplit

import msgspec
from msgspec import Meta

from meetcoord.domain.errors import Misconfigured
from meetcoord.domain.profiles import OCCUPANTS_MAX, SHIPPED, Profile, Profiles

_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
# Unicode's classes of control, format and surrogate characters and of line and paragraph ends.
_ORIGIN = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}")
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def is_loopback(host: str) -> bool:
    """Whether `host` can only be this machine itself."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise Misconfigured(f"{name} is not an address that can be read.") from None
    return parts


def _check_web_address(name: str, url: str, *, path: bool = False, clear: bool = False) -> None:
    parts = _split(name, url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise Misconfigured(f'{name} = {url!r} must look like "https://meet.example.org".')
    if (parts.path and not path) or url.endswith("/") or parts.query or parts.fragment:
        end = "path" if path else "host (and port)"
        raise Misconfigured(f"{name} = {url!r} must end with the {end}, without a final slash.")
    if parts.scheme != "https" and not clear and not is_loopback(parts.hostname):
        raise Misconfigured(
            f"{name} = {url!r} must begin with https://; only this machine itself may use http."
        )


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What stands under one [heading]. No text holds a control character, so none can break a header or a log."""

    def __post_init__(self) -> None:
        for key in self.__struct_fields__:
            value = getattr(self, key)
            if isinstance(value, str) and any(category(character) in _UNSEEN for character in value):
                name = f"{type(self).__name__.lower()}.{key}"
                raise Misconfigured(
                    f"{name} = {value!a} holds a line break or another unseen character. Remove it."
                )


class Service(Section, frozen=True, kw_only=True):
    public_url: Annotated[
        str, Meta(description="Where people reach the service; join links begin with it.")
    ] = "http://127.0.0.1:8000"
    listen_host: Annotated[str, Meta(min_length=1, description="The address it listens on.")] = "127.0.0.1"
    listen_port: Annotated[int, Meta(ge=1, le=65535, description="The port it listens on.")] = 8000
    data_directory: Annotated[
        str, Meta(min_length=1, description="Where its files lie; relative to the directory it starts in.")
    ] = "./meetcoord-data"
    problem_base_url: Annotated[
        str, Meta(description='What error types begin with; empty: public_url + "/problems/".')
    ] = ""
    help_phone: Annotated[
        str, Meta(description="The number people are told to call when they cannot join.")
    ] = ""
    language: Annotated[
        Literal["fr", "en", "de"],
        Meta(description="The language of mail and pages where a person chose none."),
    ] = "fr"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_web_address("service.public_url", self.public_url)
        if self.problem_base_url and not self.problem_base_url.endswith("/"):
            raise Misconfigured(
                f"service.problem_base_url = {self.problem_base_url!r} must end with a slash."
            )


class Database(Section, frozen=True, kw_only=True):
    url: Annotated[
        str,
        Meta(
            description='"sqlite:///path" or "postgresql://user@host/name"; empty: SQLite in the data directory.'
        ),
    ] = ""
    password_file: Annotated[str, Meta(description="A file that holds the database password.")] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        parts = _split("database.url", self.url)
        if self.url and (parts.scheme not in {"sqlite", "postgresql"} or "://" not in self.url):
            raise Misconfigured('database.url must begin with "sqlite:///" or "postgresql://", or be empty.')
        # The value is not repeated here: it may well hold the password it must not hold.
        if parts.password:
            raise Misconfigured(
                "database.url holds a password. Put it in a file and name that in database.password_file."
            )


class Keys(Section, frozen=True, kw_only=True):
    directory: Annotated[
        str, Meta(description="Where the service's keys lie; empty: keys/ in the data directory.")
    ] = ""


class Mail(Section, frozen=True, kw_only=True):
    host: Annotated[str, Meta(min_length=1, description="The mail server that takes our messages.")] = (
        "127.0.0.1"
    )
    port: Annotated[
        int, Meta(ge=1, le=65535, description="Its port: 587 for starttls, 465 for implicit.")
    ] = 25
    tls: Annotated[
        Literal["starttls", "implicit", "none"],
        Meta(description="How the connection is protected; none only to this machine itself."),
    ] = "none"
    username: Annotated[str, Meta(description="Who we log in as; empty: no login.")] = ""
    password_file: Annotated[str, Meta(description="A file that holds the password of that login.")] = ""
    from_address: Annotated[str, Meta(description="The address our messages come from.")] = (
        "meetcoord@example.org"
    )
    from_name: Annotated[str, Meta(description="The name shown beside it.")] = "meetcoord"
    ca_file: Annotated[
        str,
        Meta(description="Certificate authorities that may vouch for the mail server; empty: the system's."),
    ] = ""
    timeout_seconds: Annotated[int, Meta(ge=1, le=600, description="How long one answer may take.")] = 30

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.tls == "none" and not is_loopback(self.host):
            raise Misconfigured(
                f'mail.tls = "none" would send mail in the clear to {self.host}. '
                'Only this machine itself (127.0.0.1) may be reached so; say "starttls" or "implicit".'
            )
        if bool(self.username) != bool(self.password_file):
            raise Misconfigured("mail.username and mail.password_file go together: give both or neither.")
        local, _, domain = self.from_address.rpartition("@")
        if not local or not domain or set(self.from_address) & set(" <>,;"):
            raise Misconfigured(f"mail.from_address = {self.from_address!r} is not one plain mail address.")


class Rooms(Section, frozen=True, kw_only=True):
    url: Annotated[str, Meta(description="Where the Jitsi server is reached.")] = "https://meet.example.org"
    subject: Annotated[str, Meta(min_length=1, description="Its XMPP domain: the token's sub.")] = (
        "meet.jitsi"
    )
    issuer: Annotated[str, Meta(min_length=1, description="Its asap_accepted_issuers: the token's iss.")] = (
        "meetcoord"
    )
    audience: Annotated[
        str, Meta(min_length=1, description="Its asap_accepted_audiences: the token's aud.")
    ] = "jitsi"
    control_url: Annotated[
        str,
        Meta(
            description="Where its Prosody takes orders to put people out; http only on a network of your own. "
            "Empty: nobody can be put out from here."
        ),
    ] = ""
    conference_domain: Annotated[
        str, Meta(min_length=1, description="Its XMPP domain of rooms, needed to end one.")
    ] = "muc.meet.jitsi"
    embed: Annotated[
        bool,
        Meta(
            description="Whether the room opens inside our join page; Jitsi must then allow our address to frame it."
        ),
    ] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_web_address("rooms.url", self.url, path=True)
        if self.control_url:
            _check_web_address("rooms.control_url", self.control_url, path=True, clear=True)
        if not _DOMAIN.fullmatch(self.conference_domain):
            raise Misconfigured(
                f'rooms.conference_domain = {self.conference_domain!r} must look like "muc.meet.jitsi".'
            )
        for key in ("subject", "issuer", "audience"):
            if "*" in getattr(self, key):
                raise Misconfigured(f"rooms.{key} must name one value: a star would open every room.")

    @property
    def framed_origin(self) -> str:
        """Scheme, host and port of the only server our join page may frame; empty where it frames none."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}" if self.embed else ""


class Log(Section, frozen=True, kw_only=True):
    origin: Annotated[
        str,
        Meta(
            description='The name the log signs with, never changed later; empty: "log." + the public host.'
        ),
    ] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.origin and not _ORIGIN.fullmatch(self.origin):
            raise Misconfigured(
                f"log.origin = {self.origin!r} must begin with a letter or digit and hold at most 64 lower-case "
                "letters, digits and . _ / - (every sealed text repeats it)."
            )


class Witnesses(Section, frozen=True, kw_only=True):
    policy_file: Annotated[
        str,
        Meta(
            description="The policy that names the agencies' witnesses, their addresses and the quorum; empty: the log "
            "is not cosigned."
        ),
    ] = ""
    own: Annotated[
        str,
        Meta(
            description="Of these witnesses the names of the operator's own, with blanks between: they do not count."
        ),
    ] = ""
    faulty: Annotated[
        int,
        Meta(
            ge=0, le=64, description="How many witnesses may be faulty and two histories still be ruled out."
        ),
    ] = 1
    patience_seconds: Annotated[
        int, Meta(ge=1, le=60, description="How long one witness may take to answer.")
    ] = 5


class ProfileLimits(Section, frozen=True, kw_only=True):
    doors_minutes: Annotated[int, Meta(ge=0, le=60, description="How long before the start the doors open.")]
    token_minutes: Annotated[
        int, Meta(ge=1, le=15, description="How long a room token lives; never longer than shipped.")
    ]
    signed_approvals: Annotated[
        bool,
        Meta(description="Whether each approval of minutes is signed with a key of the agency's own."),
    ]
    archive_visa: Annotated[
        bool,
        Meta(description="Whether sealed minutes are erased only with the archives' visa number."),
    ]
    max_occupants: Annotated[
        int,
        Meta(
            ge=0,
            le=OCCUPANTS_MAX,
            description="How many connections a room takes; 0: two for each person invited.",
        ),
    ]


def _limits(profile: Profile) -> ProfileLimits:
    minute = timedelta(minutes=1)
    return ProfileLimits(
        doors_minutes=profile.doors // minute,
        token_minutes=profile.pass_life // minute,
        signed_approvals=profile.signed_approvals,
        archive_visa=profile.archive_visa,
        max_occupants=profile.max_occupants,
    )


class ProfileTable(Section, frozen=True, kw_only=True):
    standard: ProfileLimits = _limits(SHIPPED.standard)
    sensitive: ProfileLimits = _limits(SHIPPED.sensitive)
    critical: ProfileLimits = _limits(SHIPPED.critical)

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            asked, shipped = getattr(self, name), _limits(getattr(SHIPPED, name))
            if asked.token_minutes > shipped.token_minutes:
                raise Misconfigured(
                    f"profiles.{name}.token_minutes = {asked.token_minutes} is longer than the profile allows: "
                    f"at most {shipped.token_minutes}."
                )
            if shipped.signed_approvals and not asked.signed_approvals:
                raise Misconfigured(
                    f"profiles.{name}.signed_approvals = false is less than the profile asks for."
                )


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an operator chooses. Secrets are never in here, only the files that hold them."""

    service: Service = Service()
    database: Database = Database()
    keys: Keys = Keys()
    mail: Mail = Mail()
    rooms: Rooms = Rooms()
    log: Log = Log()
    witnesses: Witnesses = Witnesses()
    profiles: ProfileTable = ProfileTable()

    @property
    def data_directory(self) -> Path:
        return Path(self.service.data_directory).absolute()

    @property
    def keys_directory(self) -> Path:
        return Path(self.keys.directory).absolute() if self.keys.directory else self.data_directory / "keys"

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.data_directory / 'meetcoord.db'}"

    @property
    def problem_base_url(self) -> str:
        return self.service.problem_base_url or f"{self.service.public_url}/problems/"

    @property
    def log_origin(self) -> str:
        host = urlsplit(self.service.public_url).hostname or ""
        return self.log.origin or f"log.{host.replace(':', '-')}"

    def profile_table(self) -> Profiles:
        """The shipped profiles with the operator's stricter times and approvals, and the size of rooms."""
        return Profiles(
            **{
                name: msgspec.structs.replace(
                    getattr(SHIPPED, name),
                    doors=timedelta(minutes=limits.doors_minutes),
                    pass_life=timedelta(minutes=limits.token_minutes),
                    signed_approvals=limits.signed_approvals,
                    archive_visa=limits.archive_visa,
                    max_occupants=limits.max_occupants,
                )
                for name in ProfileTable.__struct_fields__
                for limits in [getattr(self.profiles, name)]
            }
        )
