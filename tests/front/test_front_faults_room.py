"""Room is taken for bytes that came, not for bytes that were announced: who sends little keeps nobody else out.

The crowd comes from one address of the loopback, the good client from another.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from crowd import GOOD_ADDRESS, Crowd
from support.http1.messages import API, BODY, JSON, SUBMIT, head, held, submit
from support.http1.raw_client import End, RawConnection
from support.http1.server_process import FrontServer

KEY, OTHER = "a-key-of-sixteen-or-more", "another-key-of-that-length"
# As often a good client asks while the crowd is there, and how long it rests in between.
ASKED, REST_SECONDS = 12, 0.25
MEBIBYTE = 2**20


def head_of(length: int, *lines: str) -> bytes:
    return head(SUBMIT, JSON, f"Content-Length: {length}", *lines)


CHUNKS = head(SUBMIT, JSON, "Transfer-Encoding: chunked")
CROWDS = {
    "70 announce 1,000 bytes and send nothing": (70, head_of(1000), None),
    "70 announce 1,000 bytes and send one": (70, head_of(1000) + b"{", None),
    "70 announce 1,000 bytes and send one a second": (70, head_of(1000), 1.0),
    "70 announce chunks and send nothing": (70, CHUNKS, None),
    "70 announce a chunk of 1,000 bytes and send one a second": (70, CHUNKS + b"3e8\r\n", 1.0),
    "8 announce 32 MiB and send nothing": (8, head_of(32 * MEBIBYTE), None),
    "8 announce 32 MiB and send one byte": (8, head_of(32 * MEBIBYTE) + b"{", None),
    "8 announce 32 MiB and send a byte a second": (8, head_of(32 * MEBIBYTE), 1.0),
    "70 announce 32 MiB and send a byte a second": (70, head_of(32 * MEBIBYTE), 1.0),
    "200 announce 1,000 bytes and send one": (200, head_of(1000) + b"{", None),
}


def asks(front: FrontServer, *lines: str, source: str = GOOD_ADDRESS, path: str = SUBMIT) -> int:
    """The status of a good submit."""
    with RawConnection(front.port, source=source) as good:
        (answer,) = good.send(submit(*lines, path=path)).until_answers(1).result().answers
        return answer.status


@pytest.mark.parametrize(("count", "data", "seconds"), CROWDS.values(), ids=CROWDS.keys())
def test_a_crowd_that_announces_and_does_not_send_keeps_nobody_out(
    make_front: Callable[..., FrontServer], count: int, data: bytes, seconds: float | None
) -> None:
    front = make_front()
    before = front.memory()
    with Crowd(front.port, count, data, seconds=seconds):
        statuses = []
        for _ in range(ASKED):
            statuses.append(asks(front))
            time.sleep(REST_SECONDS)
        assert statuses == [202] * ASKED
        assert asks(front, path=f"{SUBMIT}?wait=20") == 200
        assert front.memory() - before < 64 * MEBIBYTE


def test_a_crowd_that_comes_back_again_and_again_keeps_nobody_out(make_front: Callable[..., FrontServer]) -> None:
    """Its bodies end, in error, after half a second, and it begins anew."""
    front = make_front(LIMIT_BODY_SECONDS="0.5")
    with Crowd(front.port, 70, head_of(1000), seconds=0.2) as crowd:
        statuses = []
        while crowd.opened < 3 * 70:
            statuses.append(asks(front))
            time.sleep(REST_SECONDS)
        assert set(statuses) == {202}


@pytest.mark.parametrize(
    "address", [lambda _: "127.0.0.1", lambda number: f"127.0.1.{number + 1}"], ids=["one address", "many addresses"]
)
def test_one_key_keeps_no_other_out(make_front: Callable[..., FrontServer], address: Callable[[int], str]) -> None:
    front = make_front(AUTH_API_KEYS=f"{KEY},{OTHER}")
    data = head_of(1000, f"X-API-Key: {OTHER}") + b"{"
    with Crowd(front.port, 70, data, address=address):
        statuses = []
        for _ in range(ASKED):
            statuses.append(asks(front, f"X-API-Key: {KEY}"))
            time.sleep(REST_SECONDS)
        assert statuses == [202] * ASKED


def test_a_crowd_without_a_key_takes_no_room_at_all(make_front: Callable[..., FrontServer]) -> None:
    """Not even from clients of its own address; and it is told 401, with the queue full or not."""
    front = make_front(AUTH_API_KEYS=KEY)
    with Crowd(front.port, 70, head_of(1000, f"X-API-Key: {OTHER}") + b"{"):
        assert [asks(front, f"X-API-Key: {KEY}", source="127.0.0.1") for _ in range(ASKED)] == [202] * ASKED
        assert asks(front, f"X-API-Key: {OTHER}", source="127.0.0.1") == 401


def test_a_full_queue_is_told_to_those_with_a_key_only_also_in_a_crowd(
    make_front: Callable[..., FrontServer], tmp_path: Path
) -> None:
    front = make_front(AUTH_API_KEYS=KEY, JOB_QUEUE_SIZE="0")
    done = tmp_path / "done"
    with RawConnection(front.port, source=GOOD_ADDRESS) as worker, Crowd(front.port, 20, head_of(1000) + b"{"):
        worker.send(submit(f"X-API-Key: {KEY}", content=held(done))).until_answers(1)
        statuses = [asks(front), asks(front, f"X-API-Key: {OTHER}"), asks(front, f"X-API-Key: {KEY}")]
        done.touch()
    assert statuses == [401, 401, 503]


# Who is slow, and who is too slow.


def test_a_body_that_comes_at_a_drop_a_second_is_ended_before_its_time(make_front: Callable[..., FrontServer]) -> None:
    """Its time would be minutes: what ends it is that less comes than any line carries."""
    front = make_front(LIMIT_BODY_SECONDS="600")
    deadline = time.monotonic() + 60
    with RawConnection(front.port) as connection:
        connection.send(head_of(1_000_000))
        while connection.end is End.OPEN and not connection.reader.complete and time.monotonic() < deadline:
            connection.send(b" ").listen(0.5)
        got = connection.until_closed().result()
    assert got.statuses == [408]
    assert got.closed


def test_a_slow_line_is_served(make_front: Callable[..., FrontServer]) -> None:
    """40 kB a second, with a second between the head and the body."""
    front = make_front()
    content = BODY + b" " * 160_000
    with RawConnection(front.port) as connection:
        connection.send(head_of(len(content))).listen(1.0)
        connection.send(*(content[at : at + 8000] for at in range(0, len(content), 8000)), pause=0.2)
        (answer,) = connection.until_answers(1).result().answers
    assert answer.status == 202


def test_several_slow_lines_of_one_address_are_served(make_front: Callable[..., FrontServer]) -> None:
    """An office, a gateway: some uploads at once from one address are no attack."""
    front = make_front()
    content = BODY + b" " * 100_000
    several = [RawConnection(front.port) for _ in range(8)]
    for connection in several:
        connection.send(head_of(len(content)))
    for at in range(0, len(content), 10_000):
        for connection in several:
            connection.send(content[at : at + 10_000])
        time.sleep(0.1)
    statuses = [connection.until_answers(1).result().statuses for connection in several]
    for connection in several:
        connection.socket.close()
    assert statuses == [[202]] * 8


def test_a_crowd_that_is_gone_leaves_nothing_behind(make_front: Callable[..., FrontServer]) -> None:
    """Its room was given back, also to its own address."""
    front = make_front()
    with Crowd(front.port, 70, head_of(1000) + b"{"):
        pass
    with RawConnection(front.port) as connection:
        got = connection.send(submit(), submit(), submit(path=f"{API}/submit?wait=20")).until_answers(3).result()
    assert got.statuses == [202, 202, 200]
