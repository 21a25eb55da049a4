"""Rate limit: which requests share a limit, the response at the limit, and bounded memory."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from api_keys import ANNA, BERT, KEYS, bearer
from facemask.service.access import rate_limit
from facemask.service.access.client_address import caller_address, is_loopback, parse_networks
from facemask.service.access.rate_limit import TokenBuckets
from facemask.service.environment import SettingsError
from facemask.service.settings import read_settings
from support.service.fake_tracer import API, TEST_ORIGIN
from support.service.problems import assert_problem

PROXIES = parse_networks("10.0.0.0/8, ::1, 192.0.2.7") or ()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(rate_limit, "monotonic", lambda: now[0])
    return now


def test_a_burst_then_the_rate(clock: list[float]) -> None:
    buckets = TokenBuckets(rate=2.0, burst=3)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0
    clock[0] += 0.4
    assert buckets.take("a") == pytest.approx(0.1)
    clock[0] += 0.1
    assert buckets.take("a") == 0
    assert buckets.take("a") == pytest.approx(0.5)
    clock[0] += 3600
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_refused_requests_cost_nothing(clock: list[float]) -> None:
    buckets = TokenBuckets(rate=1.0, burst=1)
    buckets.take("a")
    assert [buckets.take("a") for _ in range(100)] == [1.0] * 100
    clock[0] += 1.0
    assert buckets.take("a") == 0


def test_callers_are_forgotten_and_the_busy_one_last(clock: list[float]) -> None:
    buckets = TokenBuckets(rate=1.0, burst=1)
    buckets.take("busy")
    for number in range(3 * rate_limit.MAX_CALLERS):
        buckets.take(str(number))
        assert buckets.take("busy") > 0 if number % 1000 == 0 else True
    assert len(buckets) == rate_limit.MAX_CALLERS


def test_too_many_requests_are_429_and_say_when_to_come_again(make_client: Any, clock: list[float]) -> None:
    client = make_client(rate=0.25, burst=2)
    assert [client.get("/status/x").status_code for _ in range(2)] == [404, 404]
    response = client.get("/status/x")
    assert_problem(response, 429, "rate_limited")
    assert response.headers["retry-after"] == "4"
    clock[0] += 4
    assert client.get("/status/x").status_code == 404
    assert client.post("/submit").status_code == 429
    assert client.get(f"{TEST_ORIGIN}/docs").status_code == 429
    assert client.get(f"{TEST_ORIGIN}/health/live").status_code == 200
    assert client.get(f"{TEST_ORIGIN}/health/ready").status_code == 200


def test_each_key_has_its_own_rate_and_wrong_keys_share_their_address(make_client: Any, clock: list[float]) -> None:
    client = make_client(rate=1.0, burst=2, keys=KEYS)

    def codes(headers: dict[str, str], times: int = 3) -> list[int]:
        return [client.get("/status/x", headers=headers).status_code for _ in range(times)]

    assert codes(bearer(ANNA)) == [404, 404, 429]
    assert codes(bearer(BERT)) == [404, 404, 429]
    assert codes(bearer("guess-1"), 1) + codes(bearer("guess-2"), 1) + codes(bearer("guess-3"), 1) == [401, 401, 429]
    assert codes({}, 1) == [429]


def test_a_header_that_anybody_can_write_is_nobodys_name(make_client: Any, clock: list[float]) -> None:
    client = make_client(rate=1.0, burst=2)
    names = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP", "X-Client-IP")
    sent = [client.get("/status/x", headers=dict.fromkeys(names, f"192.0.2.{n}")).status_code for n in range(4)]
    assert sent == [404, 404, 429, 429]


def test_a_real_server_does_not_believe_it_either(make_live: Any) -> None:
    """Uvicorn by itself takes the client's address from X-Forwarded-For when the peer is 127.0.0.1."""
    live = make_live(rate=0.001, burst=1)
    headers = [{"X-Forwarded-For": f"192.0.2.{n}"} for n in range(3)]
    codes = [httpx.get(f"{live.url}{API}/status/x", headers=each).status_code for each in headers]
    assert codes == [404, 429, 429]


def test_a_trusted_proxy_says_who_asks(make_live: Any) -> None:
    live = make_live(rate=0.001, burst=1, trusted_proxies=parse_networks("127.0.0.1"))

    def ask(said: str) -> int:
        return httpx.get(f"{live.url}{API}/status/x", headers={"X-Forwarded-For": said}).status_code

    assert [ask("192.0.2.1"), ask("192.0.2.1"), ask("192.0.2.2")] == [404, 429, 404]
    # What the client wrote itself stands to the left of what the proxy has seen.
    assert [ask(f"198.51.100.{n}, 192.0.2.3") for n in range(3)] == [404, 429, 429]


@pytest.mark.parametrize(
    ("peer", "forwarded", "caller"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.1.2.3", [], "10.1.2.3"),
        ("10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1, 198.51.100.2"], "198.51.100.2"),
        ("10.1.2.3", ["198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1", "198.51.100.2, 10.9.9.9"], "198.51.100.2"),
        ("10.1.2.3", ["198.51.100.1, nonsense"], "10.1.2.3"),
        ("10.1.2.3", ["10.4.4.4, 10.5.5.5"], "10.4.4.4"),
        ("::ffff:10.1.2.3", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1%eth0", [], "2001:db8:1:2::/64"),
        ("::1", ["2001:db8::1"], "2001:db8::/64"),
        ("", ["198.51.100.1"], ""),
        ("/run/socket", ["198.51.100.1"], "/run/socket"),
    ],
)
def test_whose_address_counts(peer: str, forwarded: list[str], caller: str) -> None:
    assert caller_address(peer, forwarded, PROXIES) == caller


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.0.2.1", "example.org", "")))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIMIT_RATE", "-1"),
        ("LIMIT_RATE", "nan"),
        ("LIMIT_BURST", "0"),
        ("AUTH_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("AUTH_TRUSTED_PROXIES", "everybody"),
        ("AUTH_TRUSTED_PROXIES", "10.0.0.1,"),
        ("AUTH_CORS_ORIGINS", "example.org"),
        ("AUTH_CORS_ORIGINS", "https://example.org/"),
        ("AUTH_CORS_ORIGINS", "https://*.example.org"),
        ("AUTH_CORS_ORIGINS", "null"),
        ("LIMIT_REQUEST_SECONDS", "60"),
        ("LIMIT_RESPONSE_BYTES", "1000"),
    ],
)
def test_bad_settings_are_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_settings({name: value})
