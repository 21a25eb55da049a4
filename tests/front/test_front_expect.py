"""`Expect: 100-continue`: the body is asked for when it is wanted, and only then."""

from __future__ import annotations

from typing import Any

import pytest
from support.http1.messages import BODY, JSON, NEXT, NEXT_STATUS, SUBMIT, head, held, submit
from support.http1.raw_client import RawConnection
from support.http1.server_process import FrontServer

KEY = "a-key-of-sixteen-or-more"
EXPECT = "Expect: 100-continue"
KEYED = f"X-API-Key: {KEY}"
KEYED_NEXT = NEXT.replace(b"\r\n\r\n", f"\r\n{KEYED}\r\n\r\n".encode())


@pytest.fixture(scope="module")
def keyed(module_front: Any) -> FrontServer:
    """A service with a key that takes 2 kB at most."""
    return module_front(AUTH_API_KEYS=KEY, LIMIT_BODY_BYTES="2000")


@pytest.mark.parametrize("value", ["100-continue", "100-Continue"])
def test_a_body_that_is_wanted_is_asked_for(front: FrontServer, value: str) -> None:
    with RawConnection(front.port) as connection:
        connection.send(head(SUBMIT, JSON, f"Content-Length: {len(BODY)}", f"Expect: {value}"))
        connection.until(lambda: connection.reader.interim == [100])
        assert connection.reader.interim == [100]
        got = connection.send(BODY + NEXT).until_answers(2).result()
    assert got.statuses == [202, NEXT_STATUS]
    assert [answer.interim for answer in got.answers] == [[100], []]


def test_a_body_that_comes_unasked_is_read_all_the_same(front: FrontServer) -> None:
    with RawConnection(front.port) as connection:
        got = connection.send(submit(EXPECT) + NEXT).until_answers(2).result()
    assert got.statuses == [202, NEXT_STATUS]


REFUSED = {
    "401": (SUBMIT, [JSON, "Content-Length: 1000"], 401),
    "404": ("/nothing", [JSON, KEYED, "Content-Length: 1000"], 404),
    "413": (SUBMIT, [JSON, KEYED, "Content-Length: 3000"], 413),
    "415": (SUBMIT, [KEYED, "Content-Length: 1000"], 415),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_that_is_refused_is_not_asked_for(keyed: FrontServer, name: str) -> None:
    """Who sends it all the same gets no second answer for it; the connection may be closed instead."""
    path, lines, status = REFUSED[name]
    length = int(lines[-1].split()[1])
    with RawConnection(keyed.port) as connection:
        got = connection.send(head(path, *lines, EXPECT)).until_answers(1).result()
        assert got.statuses == [status]
        assert got.answers[0].interim == []
        got = connection.send(b" " * length, KEYED_NEXT).until_answers(2).result()
    assert got.statuses == [status, NEXT_STATUS] or (got.statuses == [status] and got.closed)


def test_a_body_is_not_asked_for_where_the_queue_is_full(make_front: Any, tmp_path: Any) -> None:
    front = make_front(JOB_QUEUE_SIZE="0")
    done = tmp_path / "done"
    with RawConnection(front.port) as worker, RawConnection(front.port) as connection:
        worker.send(submit(content=held(done))).until_answers(1)
        connection.send(head(SUBMIT, JSON, "Content-Length: 30000000", EXPECT))
        (answer,) = connection.until_answers(1).result().answers
        done.touch()
    assert answer.status == 503
    assert answer.interim == []
    assert answer.header("retry-after") == "1"


def test_who_shows_no_key_learns_nothing_of_the_queue(make_front: Any, tmp_path: Any) -> None:
    """401 comes before 503."""
    front = make_front(JOB_QUEUE_SIZE="0", AUTH_API_KEYS=KEY)
    done = tmp_path / "done"
    statuses = []
    with RawConnection(front.port) as worker:
        worker.send(submit(KEYED, content=held(done))).until_answers(1)
        for request in (submit(KEYED), submit(), submit("X-API-Key: another-key-of-that-length")):
            with RawConnection(front.port) as connection:
                statuses += connection.send(request).until_answers(1).result().statuses
        done.touch()
    assert statuses == [503, 401, 401]


@pytest.mark.parametrize("value", ["200-ok", "100-continue, x", "a riddle"])
def test_an_expectation_that_nobody_knows_is_refused_or_ignored(front: FrontServer, value: str) -> None:
    with RawConnection(front.port) as connection:
        got = connection.send(submit(f"Expect: {value}") + NEXT).until_answers(2).result()
    assert got.statuses in ([202, NEXT_STATUS], [417, NEXT_STATUS]) or (got.statuses == [417] and got.closed)
    assert got.answers[0].interim == []
