"""The playground: a page that shows the service at work, from this package's own files."""

from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, Router, route
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, HeaderParameter
from litestar.response.base import ASGIResponse

from facemask.service.access.settings import NOT_RATE_LIMITED, PUBLIC
from facemask.service.core.native import scheme_names
from facemask.service.http.exports import File
from facemask.service.http.responses import GET, answer, tagged_answer
from facemask.service.settings import LimitSettings

IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match")]

# Nothing but our own files. Pictures that somebody chooses are shown from `blob:` addresses, and nowhere else.
_CSP = (
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# A browser asks each time and is mostly told 304: after an update no page runs with a part of the old one.
_HEADERS: Final = {"Cache-Control": "no-cache", "Content-Security-Policy": _CSP, "Referrer-Policy": "no-referrer"}
_MEDIA_TYPES: Final = {
    "css": "text/css",
    "html": "text/html",
    "jpg": "image/jpeg",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
}


@route("/", http_method=GET, status_code=200, sync_to_thread=True)
def page(if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """The page."""
    return tagged_answer(_read("index.html"), if_none_match or "", _HEADERS)


@route("/playground/{name:str}", http_method=GET, status_code=200, sync_to_thread=True)
def asset(name: FromPath[str], if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """One of the page's files."""
    return tagged_answer(_read(name), if_none_match or "", _HEADERS)


@route("/playground/sample/{name:str}", http_method=GET, status_code=200, sync_to_thread=True)
def sample(name: FromPath[str], if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """One of the sample's files."""
    return tagged_answer(_read(f"sample/{name}"), if_none_match or "", _HEADERS)


@route("/playground/about.json", http_method=GET, status_code=200)
async def about(request: Request[Any, Any, Any], limits: NamedDependency[LimitSettings]) -> ASGIResponse:
    """What the page has to know of this service."""
    landmark_schemes, label_schemes = scheme_names()
    facts = {
        "version": request.app.openapi_schema.info.version,
        "landmark_schemes": landmark_schemes,
        "label_schemes": label_schemes,
        "body_bytes": limits.body_bytes,
    }
    return answer(msgspec.json.encode(facts))


@cache
def _names() -> frozenset[str]:
    """What there is: a name that a client makes up is never looked for on the disk."""
    home = files("facemask.service").joinpath("page")
    inside = [(prefix, folder) for prefix, folder in (("", home), ("sample/", home / "sample"))]
    return frozenset(prefix + entry.name for prefix, folder in inside for entry in folder.iterdir() if entry.is_file())


def _read(name: str) -> File:
    if name not in _names():
        raise NotFoundException
    return _file(name)


@cache
def _file(name: str) -> File:
    data = files("facemask.service").joinpath("page", *name.split("/")).read_bytes()
    return File(data, _MEDIA_TYPES[name.rpartition(".")[2]], f'"{blake2b(data, digest_size=16).hexdigest()}"')


# The page itself needs no key and does not count as a caller's request; what it asks of the API does.
ROUTER = Router(
    "/",
    route_handlers=[page, asset, sample, about],
    include_in_schema=False,
    opt={PUBLIC: True, NOT_RATE_LIMITED: True},
)
