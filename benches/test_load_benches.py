"""The benches of overload and of hostile connections do what they say; how long things take is theirs to tell."""

from argparse import Namespace
from collections.abc import Iterator

import pytest
from hostile_traffic import attacked, service
from liveness_probe import LIVE
from overload import overloaded
from processes import Server
from request_bodies import sample_bodies
from traffic_patterns import KINDS, MIXED

_OPEN = [name for name, kind in KINDS.items() if not kind.keyed]
_KEYED = [name for name, kind in KINDS.items() if kind.keyed]


@pytest.fixture(scope="module")
def open_server() -> Iterator[Server]:
    with service(keyed=False) as server:
        yield server


@pytest.fixture(scope="module")
def keyed_server() -> Iterator[Server]:
    with service(keyed=True) as server:
        yield server


@pytest.mark.parametrize("name", [*_OPEN, MIXED])
def test_a_good_client_is_served_beside_hostile_ones(open_server: Server, name: str):
    _is_served(open_server, name)


@pytest.mark.parametrize("name", _KEYED)
def test_a_good_client_is_served_beside_hostile_ones_without_its_key(keyed_server: Server, name: str):
    _is_served(keyed_server, name)


def _is_served(server: Server, name: str) -> None:
    found = attacked(server, name, 0.5)
    assert found.connections > 0
    assert found.good.times
    assert found.good.undone == 0
    assert found.unanswered == 0
    assert found.peak_bytes < 300e6


def test_every_request_of_an_overload_is_accounted_for(open_server: Server):
    args = Namespace(seconds=1.0, capacity_seconds=0.5, probe_port=None, probe_path=LIVE, blocking=False, poisson=True)
    found = overloaded(open_server, sample_bodies(), 3.0, args)
    answers = sum(map(len, found.outcomes.times.values()))
    assert found.outcomes.sent == answers + found.lost()
    assert found.outcomes.times["completed"]
    assert found.live["main port"]
