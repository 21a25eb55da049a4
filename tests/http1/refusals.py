"""Assertions that a server refuses a malformed message, however it is delivered."""

from __future__ import annotations

import pytest
from support.http1.messages import NEXT_REQUEST, NEXT_STATUS, split_bytes
from support.http1.raw_client import Exchange, RawConnection, exchange
from support.http1.server_process import ServerProcess

REFUSED = (400, 501, 505)
# The malformed message comes first on its connection, after another request, or in single bytes.
DELIVERIES = ("first", "second", "bytewise")


def deliver(server: ServerProcess, data: bytes, delivery: str) -> Exchange:
    """Send a message and a good request after it. Returns the responses to these two."""
    if delivery == "second":
        with RawConnection(server.port) as connection:
            before = connection.send(NEXT_REQUEST).read_responses(1).result()
            assert before.statuses == [NEXT_STATUS]
            after = connection.send(data + NEXT_REQUEST).read_to_close().result()
            return Exchange(after.responses[1:], after.end, after.unsent)
    pieces = split_bytes(data + NEXT_REQUEST) if delivery == "bytewise" else [data + NEXT_REQUEST]
    return exchange(server.port, *pieces)


def assert_refused(server: ServerProcess, data: bytes, delivery: str) -> None:
    """Assert that a message gets one error response and closes the connection."""
    got = deliver(server, data, delivery)
    assert len(got.responses) == 1, got.statuses
    assert got.statuses[0] in REFUSED
    assert got.responses[0].header("connection") == "close"
    assert got.closed


def each_message(messages: dict[str, bytes]) -> pytest.MarkDecorator:
    """Parametrize a test by messages."""
    return pytest.mark.parametrize("data", messages.values(), ids=messages.keys())


each_delivery = pytest.mark.parametrize("delivery", DELIVERIES)
