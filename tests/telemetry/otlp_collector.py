"""A collector that receives traces by OTLP over HTTP and decodes them into plain spans."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    """One span. Ids are hexadecimal; `links` are trace id and span id in one."""

    name: str
    kind: int
    trace: str
    id: str
    parent: str
    links: list[str]
    attributes: dict[str, Any]
    failed: bool


@dataclass
class OtlpCollector:
    """Spans received so far, decoded and as raw bytes."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that make a process export its spans here within 0.1 s."""
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": self.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}

    def wait_for_spans(self, condition: Callable[[list[str]], bool], seconds: float = 15.0) -> list[Span]:
        """Wait for a condition on the names of the spans received. Returns all spans."""
        end = time.monotonic() + seconds
        while not condition([span.name for span in self.spans]):
            assert time.monotonic() < end, [span.name for span in self.spans]
            time.sleep(0.05)
        return self.spans

    def receive(self, body: bytes) -> None:
        """Decode one export request."""
        self.raw += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [_span(span) for span in scope.spans]


def _span(span: Any) -> Span:
    attributes = {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in span.attributes}
    links = [link.trace_id.hex() + link.span_id.hex() for link in span.links]
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Span(span.name, span.kind, *ids, links, attributes, span.status.code == 2)


@contextmanager
def otlp_collector() -> Iterator[OtlpCollector]:
    """Run a collector on a free port of 127.0.0.1."""
    received = OtlpCollector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.receive(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
