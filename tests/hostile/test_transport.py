"""Requests that fail before any image is decoded, and clients that disconnect."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from attacks import SUBMIT, body
from support.service.facemask_process import FacemaskProcess

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def client(server: FacemaskProcess):
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


def request_head(path: str, length: int) -> bytes:
    lines = (f"POST {path} HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {length}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def problem(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"].startswith("application/problem+json"), response.text
    return response.status_code, response.json()["code"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"null", 422),
        (b"\xff\xfe", 400),
        (b'{"image": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", (400, 422)),
        (b'{"image":"","segmentation_map":"","landmarks":' + b"[" * 100_000 + b"]" * 100_000 + b"}", (400, 422)),
        (b'{"image":"","segmentation_map":"","x":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", (400, 422)),
        (json.dumps({"image": None}).encode(), 422),
    ],
)
def test_malformed_json(client: httpx.Client, content: bytes, status: int | tuple[int, ...]):
    got, _ = problem(client.post(SUBMIT, content=content, headers=JSON))
    assert got in (status if isinstance(status, tuple) else (status,))


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "image/png"},
        {"content-type": "application/xml"},
        {},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_wrong_media_types(client: httpx.Client, headers: dict[str, str]):
    assert problem(client.post(SUBMIT, content=b"{}", headers=headers))[0] == 415


def test_too_large_a_body_is_refused_before_it_is_read(server: FacemaskProcess):
    head = request_head(SUBMIT, 10**12)
    with socket.create_connection(server.address, timeout=5) as connection:
        connection.sendall(head)
        answer = ""
        while '"code"' not in answer and (piece := connection.recv(65536)):
            answer += piece.decode()
    assert answer.startswith("HTTP/1.1 413 ")
    assert '"code":"body_too_large"' in answer


@pytest.mark.parametrize(
    "path",
    [
        "%00",
        "a%00b",
        "..%2f..%2fetc%2fpasswd",
        "....//",
        "%2e%2e",
        "x" * 3000,
        "ffffffff-ffff-4fff-bfff-ffffffffffff",
        "%ff%fe",
        "' or 1=1",
    ],
)
def test_ids_that_are_none(client: httpx.Client, path: str):
    assert problem(client.get(f"/api/v1/frontal/crop/status/{path}"))[0] == 404
    assert problem(client.get(f"/api/v1/frontal/crop/result/{path}.svg"))[0] == 404


def test_clients_that_vanish_leave_the_service_as_it_was(server: FacemaskProcess, client: httpx.Client):
    sent = json.dumps(body()).encode()
    head = request_head(f"{SUBMIT}?wait=20", len(sent))
    for share in (0.0, 0.3, 1.0):
        for _ in range(40):
            with socket.create_connection(server.address) as gone:
                gone.sendall(head + sent[: int(len(sent) * share)])
    assert client.post(SUBMIT, params={"wait": "30"}, content=sent, headers=JSON).json()["status"] == "completed"


def test_liveness_while_32_clients_keep_the_workers_busy(server: FacemaskProcess):
    sent = json.dumps(body(options={"embed_image": "crop"})).encode()
    deadline = time.monotonic() + 4.0

    def load(_: int) -> int:
        done = 0
        with httpx.Client(base_url=server.url, timeout=60) as busy:
            while time.monotonic() < deadline:
                answer = busy.post(SUBMIT, params={"wait": "30"}, content=sent, headers=JSON)
                assert answer.status_code in (200, 202, 503), answer.text
                done += answer.status_code == 200
        return done

    with ThreadPoolExecutor(33) as pool:
        jobs = [pool.submit(load, number) for number in range(32)]
        times = []
        with httpx.Client(base_url=server.url, timeout=10) as probe:
            while time.monotonic() < deadline:
                start = time.monotonic()
                assert probe.get("/health/live").status_code == 200
                times.append(time.monotonic() - start)
                time.sleep(0.01)
        assert sum(job.result() for job in jobs) > 32
    p50, p99 = np.percentile(times, [50, 99]) * 1e3
    print(f"liveness: p50 {p50:.1f} ms, p99 {p99:.1f} ms of {len(times)}")
