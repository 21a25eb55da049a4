"""API documentation: Swagger UI from this package's own files."""

from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from litestar import Request, Router, route
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from facemask.service.access.settings import PUBLIC
from facemask.service.http.openapi.document import openapi_document
from facemask.service.http.responses import GET_AND_HEAD, response

_ASSETS: Final = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "start.js": "text/javascript",
}
# Swagger UI writes style attributes and shows icons from data URIs; scripts come from our own files only.
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_DOCUMENT: Final = "openapi_document"
_PAGE = b"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>facemask API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="swagger"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""


@route("/", http_method=GET_AND_HEAD, status_code=200)
async def page() -> ASGIResponse:
    """The HTML page."""
    return response(_PAGE, media_type="text/html", headers={"Content-Security-Policy": _CSP})


@route("/openapi.json", http_method=GET_AND_HEAD, status_code=200)
async def document(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The OpenAPI document, encoded once: it takes ten milliseconds."""
    state = request.app.state
    if _DOCUMENT not in state:
        state[_DOCUMENT] = msgspec.json.encode(openapi_document(request.app))
    return response(state[_DOCUMENT])


@route("/{name:str}", http_method=GET_AND_HEAD, status_code=200, sync_to_thread=True)
def asset(name: FromPath[str]) -> ASGIResponse:
    """One of the page's files."""
    if name not in _ASSETS:
        raise NotFoundException
    return response(_read(name), media_type=_ASSETS[name], headers={"Cache-Control": "public, max-age=3600"})


class EmptyRouter(Router):
    """A router without routes, in place of Litestar's documentation pages.

    Those return errors as HTML and do not support HEAD.
    """

    def register(self, value: Any) -> list[Any]:  # noqa: ARG002 - part of `Router`
        """Register nothing."""
        return []


@cache
def _read(name: str) -> bytes:
    return files("facemask.service").joinpath("swagger", name).read_bytes()


ROUTER = Router("/docs", route_handlers=[page, document, asset], include_in_schema=False, opt={PUBLIC: True})
