"""Templates and static files, all our own; a static file's address names its content, so it may be kept for ever."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response, get
from litestar.params import FromPath

from meetcoord.adapters.web.security import IMMUTABLE
from meetcoord.domain.errors import NotFound

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}

BUILT = "vendor"
"""The folder of what is no source of ours: it is built from locked packages, or absent."""

_IMPORT = re.compile(rb'from "\./(\w+\.js)"')


def _named_by_content() -> Mapping[str, tuple[str, bytes]]:
    """File name -> its address and bytes."""
    folder = files(__package__).joinpath("static")
    raw = {file.name: file.read_bytes() for file in (*_kept(folder), *_kept(folder.joinpath(BUILT)))}
    return {name: _named(name, raw) for name in raw}


def _kept(folder: Traversable) -> Iterator[Traversable]:
    found = folder.iterdir() if folder.is_dir() else ()
    return (file for file in found if file.name.rpartition(".")[2] in _KINDS)


def _named(name: str, raw: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The modules that a script imports are named by their content first: a change in one renames both."""
    data = _IMPORT.sub(lambda found: b'from "./%s"' % _named(found[1].decode(), raw)[0].encode(), raw[name])
    stem, _, kind = name.rpartition(".")
    return f"{stem}.{sha256(data).hexdigest()[:16]}.{kind}", data


_FILES = _named_by_content()
_BY_ADDRESS = dict(_FILES.values())


def address_of(name: str) -> str:
    """Where a page finds this static file."""
    return f"/static/{_FILES[name][0]}"


def address_if_built(name: str) -> str:
    """Where a page finds what `make web` builds, or nothing where that was not done."""
    return address_of(name) if name in _FILES else ""


_pages = Environment(
    loader=PackageLoader("meetcoord.adapters.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals["static"] = address_of


def page(template: str, headers: Mapping[str, str] | None = None, **facts: Any) -> Response[str]:
    """`headers` win over those that every answer carries."""
    return Response(_pages.get_template(template).render(facts), media_type="text/html", headers=headers)


@get("/static/{name:str}", media_type="application/octet-stream", include_in_schema=False)
async def read_static(name: FromPath[str]) -> Response[bytes]:
    data = _BY_ADDRESS.get(name)
    if data is None:
        raise NotFound("There is no such file.")
    return Response(data, media_type=_KINDS[name.rpartition(".")[2]], headers={"Cache-Control": IMMUTABLE})


ROUTES = (read_static,)
