"""The playground: a web page that tries the API, from this package's own files."""

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
from facemask.service.core.native import detects_faces, scheme_names
from facemask.service.http.exports import Representation
from facemask.service.http.responses import GET_AND_HEAD, conditional_response, response
from facemask.service.settings import LimitSettings

IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match")]

# Own files only. Pictures that a visitor chooses are shown from `blob:` addresses.
_CSP = (
    "default-src 'self'; img-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# Browsers revalidate each file and mostly get 304, so that no page mixes files of two versions.
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


@route("/", http_method=GET_AND_HEAD, status_code=200, sync_to_thread=True)
def page(if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """The HTML page."""
    return conditional_response(_read("index.html"), if_none_match or "", _HEADERS)


@route("/playground/{name:str}", http_method=GET_AND_HEAD, status_code=200, sync_to_thread=True)
def asset(name: FromPath[str], if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """One of the page's files."""
    return conditional_response(_read(name), if_none_match or "", _HEADERS)


@route("/playground/sample/{name:str}", http_method=GET_AND_HEAD, status_code=200, sync_to_thread=True)
def sample(name: FromPath[str], if_none_match: IfNoneMatch = None) -> ASGIResponse:
    """One of the sample's files."""
    return conditional_response(_read(f"sample/{name}"), if_none_match or "", _HEADERS)


@route("/playground/about.json", http_method=GET_AND_HEAD, status_code=200, sync_to_thread=True)
def about(request: Request[Any, Any, Any], limits: NamedDependency[LimitSettings]) -> ASGIResponse:
    """The service's version, scheme names, limits and whether it detects faces, for the page's form."""
    landmark_schemes, label_schemes = scheme_names()
    facts = {
        "version": request.app.openapi_schema.info.version,
        "landmark_schemes": landmark_schemes,
        "label_schemes": label_schemes,
        "body_bytes": limits.body_bytes,
        "detects_faces": detects_faces(),
    }
    return response(msgspec.json.encode(facts))


@cache
def _names() -> frozenset[str]:
    """Return the names of all files.

    Other names are never looked up on disk.
    """
    root = files("facemask.service").joinpath("playground")
    folders = [("", root), ("sample/", root / "sample")]
    return frozenset(prefix + entry.name for prefix, folder in folders for entry in folder.iterdir() if entry.is_file())


def _read(name: str) -> Representation:
    if name not in _names():
        raise NotFoundException
    return _load(name)


@cache
def _load(name: str) -> Representation:
    data = files("facemask.service").joinpath("playground", *name.split("/")).read_bytes()
    return Representation(data, _MEDIA_TYPES[name.rpartition(".")[2]], f'"{blake2b(data, digest_size=16).hexdigest()}"')


# The page itself needs no key and is not rate-limited; its API requests are.
ROUTER = Router(
    "/",
    route_handlers=[page, asset, sample, about],
    include_in_schema=False,
    opt={PUBLIC: True, NOT_RATE_LIMITED: True},
)
