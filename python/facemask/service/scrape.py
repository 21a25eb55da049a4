"""`/metrics` of the application."""

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.response.base import ASGIResponse

from facemask.service.answers import answer
from facemask.service.telemetry.page import MetricsPage


@get("/metrics", status_code=200, operation_id="metrics", include_in_schema=False)
async def metrics(request: Request, metrics_page: NamedDependency[MetricsPage]) -> ASGIResponse:  # type: ignore[type-arg]
    """All metrics, in the format that Prometheus asks for."""
    text, media_type = await metrics_page.written(request.headers.get("accept", ""))
    return answer(text, media_type=media_type)
