"""`/metrics` of the application."""

from litestar import Request, route
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from facemask.service.http.responses import GET, answer
from facemask.service.http.security_headers import varies_by
from facemask.service.telemetry.exposition import MetricsPage


@route("/metrics", http_method=GET, status_code=200, operation_id="metrics", include_in_schema=False)
async def metrics(request: Request, metrics_page: NamedDependency[MetricsPage]) -> ASGIResponse:  # type: ignore[type-arg]
    """All metrics, in the format that Prometheus asks for."""
    varies_by(request.scope, "Accept")
    text, media_type = await metrics_page.written(", ".join(request.headers.getall("accept", [])))
    return answer(text, media_type=media_type)
