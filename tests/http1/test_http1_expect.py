"""`Expect: 100-continue`: the interim response comes if the body is wanted, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from support.http1.messages import BODY, JSON, NEXT_REQUEST, NEXT_STATUS, SUBMIT, head, held_job, submit
from support.http1.raw_client import RawConnection
from support.http1.server_process import ServerProcess

KEY = "a-key-of-sixteen-or-more"
EXPECT = "Expect: 100-continue"
KEYED = f"X-API-Key: {KEY}"
KEYED_NEXT = NEXT_REQUEST.replace(b"\r\n\r\n", f"\r\n{KEYED}\r\n\r\n".encode())


@pytest.fixture(scope="module")
def keyed_server(module_server: Any) -> ServerProcess:
    """A service with a key that takes 2 kB at most."""
    return module_server(AUTH_API_KEYS=KEY, LIMIT_BODY_BYTES="2000")


@pytest.mark.parametrize("value", ["100-continue", "100-Continue"])
def test_a_body_that_is_wanted_is_asked_for(server: ServerProcess, value: str) -> None:
    with RawConnection(server.port) as connection:
        connection.send(head(SUBMIT, JSON, f"Content-Length: {len(BODY)}", f"Expect: {value}"))
        connection.read_until(lambda: connection.reader.interim == [100])
        assert connection.reader.interim == [100]
        got = connection.send(BODY + NEXT_REQUEST).read_responses(2).result()
    assert got.statuses == [202, NEXT_STATUS]
    assert [answer.interim for answer in got.responses] == [[100], []]


def test_a_body_that_comes_unasked_is_read_all_the_same(server: ServerProcess) -> None:
    with RawConnection(server.port) as connection:
        got = connection.send(submit(EXPECT) + NEXT_REQUEST).read_responses(2).result()
    assert got.statuses == [202, NEXT_STATUS]


REFUSED = {
    "401": (SUBMIT, [JSON, "Content-Length: 1000"], 401),
    "404": ("/nothing", [JSON, KEYED, "Content-Length: 1000"], 404),
    "413": (SUBMIT, [JSON, KEYED, "Content-Length: 3000"], 413),
    "415": (SUBMIT, [KEYED, "Content-Length: 1000"], 415),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_is_refused_is_not_asked_for(keyed_server: ServerProcess, name: str) -> None:
    """Who sends it all the same gets no second answer for it; the connection may be closed instead."""
    path, lines, status = REFUSED[name]
    length = int(lines[-1].split()[1])
    with RawConnection(keyed_server.port) as connection:
        got = connection.send(head(path, *lines, EXPECT)).read_responses(1).result()
        assert got.statuses == [status]
        assert got.responses[0].interim == []
        got = connection.send(b" " * length, KEYED_NEXT).read_responses(2).result()
    assert got.statuses == [status, NEXT_STATUS] or (got.statuses == [status] and got.closed)


def test_a_body_is_not_asked_for_where_the_queue_is_full(make_server: Any, tmp_path: Any) -> None:
    server = make_server(JOB_QUEUE_SIZE="0")
    done = tmp_path / "done"
    with RawConnection(server.port) as worker, RawConnection(server.port) as connection:
        worker.send(submit(content=held_job(done))).read_responses(1)
        connection.send(head(SUBMIT, JSON, "Content-Length: 30000000", EXPECT))
        (answer,) = connection.read_responses(1).result().responses
        done.touch()
    assert answer.status == 503
    assert answer.interim == []
    assert answer.header("retry-after") == "1"


def test_who_shows_no_key_learns_nothing_of_the_queue(make_server: Any, tmp_path: Any) -> None:
    """401 comes before 503."""
    server = make_server(JOB_QUEUE_SIZE="0", AUTH_API_KEYS=KEY)
    done = tmp_path / "done"
    statuses = []
    with RawConnection(server.port) as worker:
        worker.send(submit(KEYED, content=held_job(done))).read_responses(1)
        for request in (submit(KEYED), submit(), submit("X-API-Key: another-key-of-that-length")):
            with RawConnection(server.port) as connection:
                statuses += connection.send(request).read_responses(1).result().statuses
        done.touch()
    assert statuses == [503, 401, 401]


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", "a riddle"])
def test_an_expectation_that_nobody_knows_is_refused_or_ignored(server: ServerProcess, value: str) -> None:
    with RawConnection(server.port) as connection:
        got = connection.send(submit(f"Expect: {value}") + NEXT_REQUEST).read_responses(2).result()
    assert got.statuses in ([202, NEXT_STATUS], [417, NEXT_STATUS]) or (got.statuses == [417] and got.closed)
    assert got.responses[0].interim == []
