"""What an operator may write, and what is said to one who wrote something else."""

from pathlib import Path

import pytest

from meetcoord.domain.errors import Misconfigured
from meetcoord.domain.profiles import SHIPPED
from meetcoord.settings import Settings, example, find, load, read_secret
from meetcoord.settings.table import every_setting

EXAMPLE = Path(__file__).parents[1] / "deploy" / "meetcoord.example.toml"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "meetcoord.toml"


def written(file: Path, text: str) -> Settings:
    file.write_text(text, encoding="utf-8")
    return load(file, {})


def test_without_a_file_the_defaults_hold() -> None:
    assert load(None, {}) == Settings()


def test_the_committed_example_is_what_the_code_says() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == example(), "type: make example"


def test_the_example_says_what_holds_without_it(file: Path) -> None:
    assert written(file, example()) == Settings()


def test_every_setting_gives_a_reason() -> None:
    assert [setting.name for setting in every_setting() if not setting.why] == []


def test_the_environment_wins_over_the_file(file: Path) -> None:
    file.write_text("[mail]\nport = 587\ntimeout_seconds = 9\n")
    settings = load(file, {"MEETCOORD_MAIL__PORT": "465", "HOME": "/nowhere"})
    assert (settings.mail.port, settings.mail.timeout_seconds) == (465, 9)


def test_every_setting_can_come_from_the_environment() -> None:
    environment = {setting.variable: str(setting.default) for setting in every_setting()}
    assert load(None, environment) == Settings()


def test_the_variable_that_names_the_file_is_no_setting() -> None:
    assert load(None, {"MEETCOORD_SETTINGS": "/etc/meetcoord.toml"}) == Settings()


def test_a_process_finds_the_file_its_environment_names(file: Path) -> None:
    file.write_text('[service]\nlanguage = "de"\n')
    assert find(None, {"MEETCOORD_SETTINGS": str(file)}).service.language == "de"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[servise]\nlisten_port = 1", "[servise] is not a section. Did you mean [service]?"),
        ("[mail]\nprot = 25", "mail.prot is not a setting. Did you mean mail.port?"),
        ("[service]\naudience = 'x'", "service.audience is not a setting. Did you mean rooms.audience?"),
        (
            "[profiles.secret]\ndoors_minutes = 5",
            "[profiles.secret] is not a section. Did you mean [profiles.critical]?",
        ),
        ("listen_port = 80", "listen_port is not a setting. Did you mean service.listen_port?"),
        ("mail = 25", "mail is a section: write [mail] on a line of its own."),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_right_one(file: Path, text: str, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        written(file, text)
    assert said in refused.value.detail
    assert str(file) in refused.value.detail


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[mail]\nport = '25'",
            "mail.port = '25' cannot be used: it must be a whole number from 1 to 65535.",
        ),
        ("[mail]\nport = 0", "mail.port = 0 cannot be used: it must be a whole number from 1 to 65535."),
        (
            "[mail]\nport = true",
            "mail.port = true cannot be used: it must be a whole number from 1 to 65535.",
        ),
        (
            "[mail]\ntls = 'tls'",
            'mail.tls = \'tls\' cannot be used: it must be one of "starttls", "implicit", "none".',
        ),
        ("[mail]\nhost = ''", "mail.host = '' cannot be used: it must be text that is not empty."),
        ("[rooms]\nembed = 'yes'", "rooms.embed = 'yes' cannot be used: it must be true or false."),
        ("[mail]\nfrom_name = 7", "mail.from_name = 7 cannot be used: it must be text in quotes."),
        ("[service]\nlanguage = 'it'", 'it must be one of "fr", "en", "de".'),
        ("[profiles.standard]\ndoors_minutes = 61", "it must be a whole number from 0 to 60."),
        ("[mail.port]\nvalue = 1", "mail.port = {'value': 1} cannot be used"),
        ("[service]\nlisten_port = 1979-05-27", "service.listen_port = "),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(file: Path, text: str, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        written(file, text)
    assert said in refused.value.detail


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        (
            "MEETCOORD_MAIL__PROT",
            "25",
            "MEETCOORD_MAIL__PROT is not a setting. Did you mean MEETCOORD_MAIL__PORT?",
        ),
        ("MEETCOORD_SETTING", "x", "Did you mean MEETCOORD_SETTINGS?"),
        ("MEETCOORD_MAIL__PORT", "many", "MEETCOORD_MAIL__PORT = 'many' cannot be used"),
        ("MEETCOORD_MAIL__PORT", "", "MEETCOORD_MAIL__PORT = '' cannot be used"),
        ("MEETCOORD_PROFILES__CRITICAL__TOKEN_MINUTES", "6", "at most 5"),
    ],
)
def test_a_wrong_variable_is_refused_too(variable: str, value: str, said: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        load(None, {variable: value})
    assert said in refused.value.detail


@pytest.mark.parametrize(
    "url",
    [
        "http://meet.example.org",
        "meet.example.org",
        "https://",
        "https://meet.example.org/",
        "https://meet.example.org/path",
        "https://meet.example.org?x=1",
        "https://somebody@meet.example.org",
        "ftp://127.0.0.1",
        "https://meet.example.org:port",
        "https://[::1",
    ],
)
def test_a_public_address_must_be_https_and_bare(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"service\.public_url"):
        load(None, {"MEETCOORD_SERVICE__PUBLIC_URL": url})


@pytest.mark.parametrize("url", ["https://meet.example.org", "http://localhost:8000", "http://[::1]:8000"])
def test_https_or_this_very_machine_may_be_public(url: str) -> None:
    assert load(None, {"MEETCOORD_SERVICE__PUBLIC_URL": url}).service.public_url == url


def test_mail_leaves_in_the_clear_only_to_this_machine() -> None:
    with pytest.raises(Misconfigured, match="in the clear to relay"):
        load(None, {"MEETCOORD_MAIL__HOST": "relay.example.org"})
    assert (
        load(None, {"MEETCOORD_MAIL__HOST": "relay.example.org", "MEETCOORD_MAIL__TLS": "starttls"}).mail.tls
        == "starttls"
    )
    assert load(None, {"MEETCOORD_MAIL__HOST": "::1"}).mail.tls == "none"


def test_a_mail_login_needs_name_and_password_file() -> None:
    with pytest.raises(Misconfigured, match="go together"):
        load(None, {"MEETCOORD_MAIL__USERNAME": "meetcoord"})


@pytest.mark.parametrize(
    "address", ["meetcoord", "@example.org", "a@", "A <a@example.org>", "a@example.org\nBcc: b"]
)
def test_a_sender_is_one_plain_address(address: str) -> None:
    with pytest.raises(Misconfigured, match=r"mail\.from_address"):
        load(None, {"MEETCOORD_MAIL__FROM_ADDRESS": address})


def test_a_line_break_in_a_name_cannot_reach_a_header() -> None:
    with pytest.raises(Misconfigured, match=r"mail\.from_name.*unseen"):
        load(None, {"MEETCOORD_MAIL__FROM_NAME": "City\r\nBcc: all@example.org"})


@pytest.mark.parametrize("url", ["mysql://host/name", "meetcoord.db", "postgresql:name"])
def test_only_the_two_databases_are_known(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"database\.url"):
        load(None, {"MEETCOORD_DATABASE__URL": url})


def test_a_password_in_the_database_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(Misconfigured, match=r"database\.password_file") as refused:
        load(None, {"MEETCOORD_DATABASE__URL": "postgresql://meetcoord:hunter2@db.example.org/meetcoord"})
    assert "hunter2" not in refused.value.detail


@pytest.mark.parametrize(
    "url", ["https://jitsi.example.org/prosody", "http://xmpp.meet.jitsi:5280", "http://127.0.0.1:5280", ""]
)
def test_orders_to_the_video_server_may_stay_on_a_network_of_ones_own(url: str) -> None:
    assert load(None, {"MEETCOORD_ROOMS__CONTROL_URL": url}).rooms.control_url == url


@pytest.mark.parametrize(
    "url", ["xmpp.meet.jitsi:5280", "http://prosody/", "http://a:b@prosody", "http://p?x=1"]
)
def test_orders_to_the_video_server_need_its_bare_address(url: str) -> None:
    with pytest.raises(Misconfigured, match=r"rooms\.control_url"):
        load(None, {"MEETCOORD_ROOMS__CONTROL_URL": url})


@pytest.mark.parametrize("domain", ["", "*", "muc meet", "room@muc.meet.jitsi", "muc.meet.jitsi&x=1"])
def test_the_domain_of_rooms_is_one_name(domain: str) -> None:
    with pytest.raises(Misconfigured, match=r"CONFERENCE_DOMAIN|conference_domain"):
        load(None, {"MEETCOORD_ROOMS__CONFERENCE_DOMAIN": domain})


def test_a_star_opens_no_room() -> None:
    with pytest.raises(Misconfigured, match=r"rooms\.audience"):
        load(None, {"MEETCOORD_ROOMS__AUDIENCE": "*"})


def test_a_log_name_is_one_word() -> None:
    with pytest.raises(Misconfigured, match=r"log\.origin"):
        load(None, {"MEETCOORD_LOG__ORIGIN": "our log"})


def test_what_is_left_empty_follows_from_the_rest(tmp_path: Path) -> None:
    settings = load(
        None,
        {
            "MEETCOORD_SERVICE__PUBLIC_URL": "https://meet.example.org:8443",
            "MEETCOORD_SERVICE__DATA_DIRECTORY": str(tmp_path),
        },
    )
    assert settings.problem_base_url == "https://meet.example.org:8443/problems/"
    assert settings.log_origin == "log.meet.example.org"
    assert settings.keys_directory == tmp_path / "keys"
    assert settings.database_url == f"sqlite:///{tmp_path}/meetcoord.db"


def test_profiles_are_as_shipped_unless_an_operator_is_stricter() -> None:
    assert Settings().profile_table() == SHIPPED
    stricter = load(None, {"MEETCOORD_PROFILES__CRITICAL__TOKEN_MINUTES": "2"}).profile_table()
    assert stricter.critical.pass_life.total_seconds() == 120
    assert stricter.critical.proof is SHIPPED.critical.proof


def test_who_keeps_no_public_archives_may_do_without_their_visa() -> None:
    chosen = load(None, {"MEETCOORD_PROFILES__STANDARD__ARCHIVE_VISA": "false"}).profile_table()
    assert [chosen.standard.archive_visa, chosen.sensitive.archive_visa] == [False, True]


@pytest.mark.parametrize(
    ("content", "said"), [(b"[mail\n", "is not TOML"), (b"\xff\xfe\x00", "it is not UTF-8 text")]
)
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    with pytest.raises(Misconfigured) as refused:
        load(file, {})
    assert said in refused.value.detail
    assert str(file) in refused.value.detail


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    with pytest.raises(Misconfigured, match=r"meetcoord\.toml cannot be read \(No such file"):
        load(file, {})


def test_a_secret_is_what_its_file_holds(file: Path) -> None:
    file.write_text("correct horse\n")
    assert read_secret("mail.password_file", str(file)) == "correct horse"
    file.write_text("\n")
    with pytest.raises(Misconfigured, match=r"mail\.password_file: .* is empty"):
        read_secret("mail.password_file", str(file))
