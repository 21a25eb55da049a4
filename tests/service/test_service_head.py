"""HEAD on every route with GET: the same status and headers, and no body, even if the server would keep one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from facemask.service.access.keys import parse_keys
from facemask.service.app import create_app
from litestar import Litestar
from support.service.fake_tracer import API, FakeTracer, body
from support.service.live_server import build_settings

pytestmark = pytest.mark.anyio

KEY = "anna-0123456789abcdef"
# One address or more of every route that answers GET, those that end in a refusal too.
PATHS = {
    f"{API}/status/{{job_id}}": ["{done}", "{held}", "{done}?wait=0", "{done}?wait=x", "x"],
    f"{API}/result/{{file_name}}": ["{done}", "{done}.svg", "{held}", "{done}?format=coco", "{done}?format=x", "x.svg"],
    "/": [""],
    "/docs": [""],
    "/docs/openapi.json": [""],
    "/docs/{name}": ["start.js", "swagger-ui.css", "nothing"],
    "/health/live": [""],
    "/health/ready": [""],
    "/metrics": [""],
    "/playground/about.json": [""],
    "/playground/sample/{name}": ["image.jpg", "nothing"],
    "/playground/{name}": ["main.js", "nothing"],
}  # fmt: skip
# A page of metrics counts the request before it, so its length is another one.
CHANGING = {"/metrics": {"content-length"}}


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


async def request(app: Litestar, method: str, address: str, **headers: str) -> Response:
    """What the application itself sends."""
    path, _, query = address.partition("?")
    scope: dict[str, Any] = {"type": "http", "method": method, "path": path, "raw_path": path.encode()}
    scope |= {"query_string": query.encode(), "root_path": "", "http_version": "1.1", "scheme": "http"}
    scope |= {"server": ("testserver", 80), "client": ("127.0.0.1", 1)}
    scope["headers"] = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    answer = Response(0, {}, b"")

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
            assert len(answer.headers) == len(message["headers"]), "a header comes twice"
        else:
            answer.body += message["body"]

    await app(scope, receive, send)  # type: ignore[arg-type]
    return answer


@asynccontextmanager
async def app_with_jobs(**changes: Any) -> AsyncIterator[tuple[Litestar, dict[str, str]]]:
    """An application with a finished job and one that runs."""
    tracer = FakeTracer()
    app = create_app(build_settings(**changes), tracer)
    keys = {"x-api-key": KEY} if changes.get("keys") else {}
    url = f"http://testserver{API}"
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=url, headers=keys) as client,
    ):
        done = (await client.post("/submit?wait=10", json=body())).json()
        held = (await client.post("/submit", json=body(hold=True))).json()
        try:
            yield app, {"done": done["id"], "held": held["id"]}
        finally:
            tracer.release.set()


def template_paths(ids: dict[str, str]) -> list[tuple[str, str]]:
    """Templates, and addresses that they route."""
    return [
        (template, template.partition("{")[0] + ending.format(**ids))
        for template, endings in PATHS.items()
        for ending in endings
    ]


async def assert_same_headers(app: Litestar, ids: dict[str, str], **headers: str) -> set[int]:
    statuses = set()
    for template, address in template_paths(ids):
        got, head = [await request(app, method, address, **headers) for method in ("GET", "HEAD")]
        statuses.add(got.status)
        assert head.body == b"", address
        assert head.status == got.status, address
        assert head.headers.keys() == got.headers.keys(), address
        left_out = CHANGING.get(template, set())
        for name in head.headers.keys() - left_out:
            assert head.headers[name] == got.headers[name], (address, name)
        if got.status != 304:
            assert int(got.headers["content-length"]) == len(got.body) > 0, address
    return statuses


async def test_every_get_answers_head_with_the_same_headers() -> None:
    async with app_with_jobs() as (app, ids):
        assert set(PATHS) == {route.path_format for route in app.routes if "GET" in getattr(route, "methods", ())}, (
            "a route that is not asked here"
        )
        assert await assert_same_headers(app, ids) == {200, 404, 406, 409, 422}


async def test_head_is_refused_as_get_is() -> None:
    async with app_with_jobs(keys=parse_keys(KEY)) as (app, ids):
        assert await assert_same_headers(app, ids) == {200, 401, 404}
        assert await assert_same_headers(app, ids, x_api_key=KEY) == {200, 404, 406, 409, 422}


async def test_every_answer_that_depends_on_accept_says_so() -> None:
    """And no other does, so that caches need not keep the drawing once for each browser."""
    async with app_with_jobs() as (app, ids):
        etag = (await request(app, "GET", f"{API}/result/{ids['done']}")).headers["etag"]
        for ending, headers, status, varies in (
            ("{done}", {}, 200, True),
            ("{done}", {"if_none_match": etag}, 304, True),
            ("{done}", {"accept": "application/pdf"}, 406, True),
            ("{done}?format=svg", {"accept": "application/pdf"}, 200, False),
            ("{done}?format=bmp", {}, 406, False),
            ("{done}.svg", {"accept": "application/pdf"}, 200, False),
            ("{done}.svg", {"if_none_match": etag}, 304, False),
            ("{held}", {}, 409, False),
            ("x", {}, 404, False),
        ):
            for method in ("GET", "HEAD"):
                answer = await request(app, method, f"{API}/result/{ending.format(**ids)}", **headers)
                assert (answer.status, answer.headers.get("vary")) == (status, "Accept" if varies else None), ending
        for accept in ("text/plain", "application/openmetrics-text", "application/pdf"):
            assert (await request(app, "GET", "/metrics", accept=accept)).headers["vary"] == "Accept"


async def test_other_origins_do_not_hide_what_an_answer_depends_on() -> None:
    async with app_with_jobs(origins=("https://a.example",)) as (app, ids):
        for origin in ({"origin": "https://a.example"}, {"origin": "https://b.example"}, {}):
            answer = await request(app, "GET", f"{API}/result/{ids['done']}", **origin)
            assert sorted(answer.headers["vary"].split(", ")) == ["Accept", "Origin"]
            assert (await request(app, "GET", "/health/live", **origin)).headers["vary"] == "Origin"
    async with app_with_jobs(origins=("*",)) as (app, ids):
        answer = await request(app, "GET", f"{API}/result/{ids['done']}", origin="https://a.example")
        assert answer.headers["vary"] == "Accept"
