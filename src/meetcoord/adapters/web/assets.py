"""Templates and static files, all our own; a static file's address names its content, so it may be kept for ever."""

from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import Response, get
from litestar.params import FromPath

from meetcoord.adapters.web.security import IMMUTABLE
from meetcoord.domain.errors import NotFound

_KINDS = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def _named_by_content() -> Mapping[str, tuple[str, bytes]]:
    """File name -> its address and bytes."""
    found = {}
    for file in files(__package__).joinpath("static").iterdir():
        stem, _, kind = file.name.rpartition(".")
        if kind in _KINDS:
            data = file.read_bytes()
            found[file.name] = (f"{stem}.{sha256(data).hexdigest()[:16]}.{kind}", data)
    return found


_FILES = _named_by_content()
_BY_ADDRESS = dict(_FILES.values())


def address_of(name: str) -> str:
    """Where a page finds this static file."""
    return f"/static/{_FILES[name][0]}"


_pages = Environment(
    loader=PackageLoader("meetcoord.adapters.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_pages.globals["static"] = address_of


def page(template: str, **facts: Any) -> Response[str]:
    return Response(_pages.get_template(template).render(facts), media_type="text/html")


@get("/static/{name:str}", media_type="application/octet-stream", include_in_schema=False)
async def read_static(name: FromPath[str]) -> Response[bytes]:
    data = _BY_ADDRESS.get(name)
    if data is None:
        raise NotFound("There is no such file.")
    return Response(data, media_type=_KINDS[name.rpartition(".")[2]], headers={"Cache-Control": IMMUTABLE})


ROUTES = (read_static,)
