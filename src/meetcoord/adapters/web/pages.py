"""The pages that belong to nobody in particular: the first one, and what each kind of problem means."""

from litestar import Response, get
from litestar.params import FromPath

from meetcoord.adapters.web.assets import page
from meetcoord.adapters.web.parts import Parts
from meetcoord.adapters.web.wording import TITLES
from meetcoord.domain.errors import NotFound


@get("/", include_in_schema=False, media_type="text/html")
async def show_start(parts: Parts) -> Response[str]:
    """What this is, for whoever comes by."""
    return page("start.html", help_phone=parts.help_phone)


@get("/problems/{code:str}", include_in_schema=False, media_type="text/html")
async def show_problem(parts: Parts, code: FromPath[str]) -> Response[str]:
    """Where the `type` of a problem leads."""
    if code not in TITLES:
        raise NotFound("There is no such problem.")
    titles = {language.value: title for language, title in TITLES[code].items()}
    return page("problem.html", code=code, titles=titles, help_phone=parts.help_phone)


ROUTES = (show_start, show_problem)
