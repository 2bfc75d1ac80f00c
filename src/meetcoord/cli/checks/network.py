"""What others see of us and we of others: the public address, the room keys it publishes, the mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from meetcoord.cli.checks.finding import Finding, fail, ok, warn
from meetcoord.domain.errors import MeetcoordError
from meetcoord.settings import Settings, read_secret

if TYPE_CHECKING:
    import httpx

SECONDS = 10


def look(settings: Settings) -> Iterator[Finding]:
    yield _public_url(settings.service.public_url)
    yield _room_keys(settings)
    yield _mail(settings)


def _public_url(url: str) -> Finding:
    if url.startswith("https://"):
        return ok("public address", url)
    return warn(
        "public address", f"{url} serves this machine only: set service.public_url to the https:// address."
    )


def _room_keys(settings: Settings) -> Finding:
    import httpx

    from meetcoord.bootstrap.keyring import Keyring

    try:
        ring = Keyring.read(settings.keys_directory, settings.log_origin)
    except MeetcoordError:
        return warn("room keys", "not looked at, as the keys could not be read.")
    base = settings.service.public_url
    published = {f"/asap/{name}.pem": pem for name, pem in ring.room_keys.published().items()}
    published |= {f"/syskeys/{name}.pem": pem for name, pem in ring.system_keys.published().items()}
    try:
        with httpx.Client(timeout=SECONDS) as client:
            wrong = [path for path, pem in published.items() if _fetched(client, base + path) != pem]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return warn(
            "room keys", f"{base} does not answer ({type(error).__name__}): start it with `meetcoord serve`."
        )
    if wrong:
        return fail(
            "room keys",
            f"{base}{wrong[0]} is not our key: let the proxy pass /asap/ and /syskeys/ on, restart the service.",
        )
    return ok("room keys", f"published under {base}/asap and {base}/syskeys.")


def _fetched(client: "httpx.Client", url: str) -> bytes:
    answer = client.get(url)
    return answer.content if answer.status_code == 200 else b""


def _mail(settings: Settings) -> Finding:
    where = f"{settings.mail.host} port {settings.mail.port}"
    try:
        return ok("mail", f"{where}: {_greet(settings)}; nothing was sent.")
    except MeetcoordError as error:
        return fail("mail", error.detail)
    except smtplib.SMTPAuthenticationError:
        return fail(
            "mail", f"{where} refuses the login: check mail.username and what mail.password_file holds."
        )
    except (smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
        return fail(
            "mail", f"{where} does not offer what mail.tls promises ({error}): check mail.tls, mail.ca_file."
        )
    except (OSError, smtplib.SMTPException) as error:
        return fail("mail", f"{where} cannot be used ({error}): check mail.host and mail.port.")


def _greet(settings: Settings) -> str:
    """EHLO, TLS and login as the settings say, then goodbye."""
    mail, domain = settings.mail, settings.mail.from_address.rpartition("@")[2]
    context = ssl.create_default_context(cafile=mail.ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    timeout = min(mail.timeout_seconds, SECONDS)
    if mail.tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.host, mail.port, domain, timeout=timeout, context=context
        )
    else:
        server = smtplib.SMTP(mail.host, mail.port, domain, timeout=timeout)
    with server:
        server.ehlo_or_helo_if_needed()
        if mail.tls == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if mail.username:
            server.login(mail.username, read_secret("mail.password_file", mail.password_file))
    spoken = "in the clear, on this machine" if mail.tls == "none" else f"TLS checked ({mail.tls})"
    return f"{spoken}{', login accepted' if mail.username else ''}"
