"""The application's `/metrics`."""

from litestar import Request, route
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from facemask.service.http.responses import GET_AND_HEAD, response
from facemask.service.http.security_headers import add_vary
from facemask.service.telemetry.exposition import MetricsExposition


@route("/metrics", http_method=GET_AND_HEAD, status_code=200, operation_id="metrics", include_in_schema=False)
async def metrics(request: Request, exposition: NamedDependency[MetricsExposition]) -> ASGIResponse:  # type: ignore[type-arg]
    """All metrics, in the exposition format that the scraper accepts."""
    add_vary(request.scope, "Accept")
    text, media_type = await exposition.render(", ".join(request.headers.getall("accept", [])))
    return response(text, media_type=media_type)
