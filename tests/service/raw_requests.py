"""Requests to a live server over plain sockets."""

from __future__ import annotations

import socket

import httpx
from support.service.fake_tracer import API, body
from support.service.live_server import LiveServer

SUBMIT_HEAD = f"POST {API}/submit HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def read_all(sock: socket.socket, seconds: float = 5) -> bytes:
    """Read until the server closes, or sends nothing for some seconds."""
    sock.settimeout(seconds)
    received = b""
    try:
        while chunk := sock.recv(65536):
            received += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    return received


def assert_still_works(live: LiveServer) -> None:
    """Assert that the server completes a job."""
    response = httpx.post(f"{live.url}{API}/submit?wait=5", json=body())
    assert response.status_code == 200
    assert response.json()["status"] == "completed"
