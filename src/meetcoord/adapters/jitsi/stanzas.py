"""XMPP's XML, built and read so that nothing a server sends can do more than be refused."""

import re
from xml.etree.ElementTree import Element, ParseError, XMLParser, tostring

from meetcoord.domain.errors import CannotTell

CLIENT = "jabber:client"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
MUC = "http://jabber.org/protocol/muc"
FOCUS = "http://jitsi.org/protocol/focus"
JIGASI = "http://jitsi.org/protocol/jigasi"
MUC_OWNER = "http://jabber.org/protocol/muc#owner"
FORM = "jabber:x:data"
VERSION = "jabber:iq:version"

SAID_MAX = 160
"""Characters repeated of what a server says; in a longer text nobody reads the end."""

# What has more characters than a word may be a token that the server gives back to us.
_NO_WORD = re.compile(r"[\w.~+/=%&?-]{41,}")


def element(tag: str, namespace: str = "", **attributes: str) -> Element:
    """An element of its own namespace; the empty one stands in the namespace around it."""
    return Element(tag, ({"xmlns": namespace} if namespace else {}) | attributes)


def within(outer: Element, *inner: Element) -> Element:
    outer.extend(inner)
    return outer


def written(stanza: Element) -> str:
    return tostring(stanza, encoding="unicode")


def read(frame: str | bytes) -> Element:
    """One WebSocket message as one element (RFC 7395, 3.3). Raises CannotTell.

    XMPP allows neither document types nor comments nor processing instructions (RFC 6120, 11.1). Without the first
    there are no entities to expand, so no small message becomes a large one and none reads a file.
    """
    if isinstance(frame, bytes) or "<!" in frame or "<?" in frame:
        raise CannotTell("what answers there does not speak XMPP.")
    parser = XMLParser()  # noqa: S314  it has just been made sure that there is no document type
    try:
        parser.feed(frame)
        return parser.close()
    except (ParseError, ValueError) as error:
        raise CannotTell("what answers there does not speak XMPP.") from error


def name(found: Element) -> str:
    """The tag without its namespace."""
    return found.tag.rpartition("}")[2]


def first(found: Element, tag: str) -> Element | None:
    """The first element of that name, whatever its namespace and depth."""
    return next((inner for inner in found.iter() if name(inner) == tag), None)


def reason(refusal: Element) -> str:
    """What a failure or error says of itself: its condition and its text, cut short and without anything unseen."""
    error = refusal if name(refusal) == "failure" else first(refusal, "error")
    if error is None:
        return "no reason given"
    words = [inner.text or "" if name(inner) == "text" else name(inner) for inner in error]
    return harmless(": ".join(filter(None, words))) or "no reason given"


def harmless(text: str) -> str:
    """Foreign text for a terminal or a log: printable, short, and no token in it."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return _NO_WORD.sub("(…)", " ".join(printable.split()))[:SAID_MAX]
