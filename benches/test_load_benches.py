"""The benchmarks of overload and hostile traffic run, and the service stays within its bounds meanwhile."""

from argparse import Namespace
from collections.abc import Iterator

import pytest
from hostile_traffic import measure_pattern, running_service
from liveness_probe import LIVENESS_PATH
from overload import measure_overload
from processes import ServerProcess
from request_bodies import sample_bodies
from traffic_patterns import MIXED, PATTERNS

_OPEN = [name for name, pattern in PATTERNS.items() if not pattern.needs_keys]
_KEYED = [name for name, pattern in PATTERNS.items() if pattern.needs_keys]


@pytest.fixture(scope="module")
def open_server() -> Iterator[ServerProcess]:
    with running_service(needs_keys=False) as server:
        yield server


@pytest.fixture(scope="module")
def keyed_server() -> Iterator[ServerProcess]:
    with running_service(needs_keys=True) as server:
        yield server


@pytest.mark.parametrize("name", [*_OPEN, MIXED])
def test_a_good_client_is_served_beside_hostile_ones(open_server: ServerProcess, name: str):
    _is_served(open_server, name)


@pytest.mark.parametrize("name", _KEYED)
def test_a_good_client_is_served_beside_hostile_ones_without_its_key(keyed_server: ServerProcess, name: str):
    _is_served(keyed_server, name)


def _is_served(server: ServerProcess, name: str) -> None:
    found = measure_pattern(server, name, 0.5)
    assert found.connections > 0
    assert found.good.times
    assert found.good.abandoned == 0
    assert found.unanswered == 0
    assert found.peak_bytes < 300e6


def test_every_request_of_an_overload_is_accounted_for(open_server: ServerProcess):
    args = Namespace(
        seconds=1.0, capacity_seconds=0.5, probe_port=None, probe_path=LIVENESS_PATH, blocking=False, poisson=True
    )
    found = measure_overload(open_server, sample_bodies(), 3.0, args)
    answers = sum(map(len, found.outcomes.times.values()))
    assert found.outcomes.sent == answers + found.lost()
    assert found.outcomes.times["completed"]
    assert found.live["main port"]
