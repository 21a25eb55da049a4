"""The service never requests an address from a submission: a listener and audit hooks record every attempt."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import crafted_images as crafted
import msgspec
import pytest
from attacks import SUBMIT, b64, body
from facemask.service.app import create_app
from facemask.service.schemas import OptionsBody
from facemask.service.settings import Settings
from litestar.testing import TestClient

asked: list[str] = []
listening = False


def _report(event: str, arguments: tuple[Any, ...]) -> None:
    if listening and event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"}:
        asked.append(f"{event} {arguments}")


sys.addaudithook(_report)


@pytest.fixture(scope="module")
def trap() -> Iterator[tuple[str, list[Any]]]:
    """Where the trap is, and who came."""
    came: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()

        def wait() -> None:
            while True:
                try:
                    connection, address = server.accept()
                except OSError:
                    return
                came.append(address)
                connection.close()

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        yield f"{host}:{port}", came
        server.shutdown(socket.SHUT_RDWR)
    thread.join(5)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(Settings())) as opened:
        yield opened


def documents(url: str) -> dict[str, bytes]:
    """Files whose readers like to fetch things."""
    return {
        "SVG": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>'.encode(),
        "XML": f'<?xml version="1.0"?><!DOCTYPE a SYSTEM "{url}"><a/>'.encode(),
        "entity": f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "{url}">]><a>&b;</a>'.encode(),
        "HTML": f'<html><img src="{url}"><link rel="stylesheet" href="{url}"></html>'.encode(),
        "PostScript": f"%!PS\n({url}) (r) file".encode(),
        "playlist": f"#EXTM3U\n{url}\n".encode(),
        "MVG": f"push graphic-context\nimage over 0,0 0,0 '{url}'\n".encode(),
        "photo with an address": crafted.PHOTO + url.encode(),
    }


def bodies(where: str) -> Iterator[dict[str, Any]]:
    http, file = f"http://{where}/x.png", "file:///etc/passwd"
    for url in (http, f"//{where}/x", f"https://{where}/x", f"ftp://{where}/x", f"\\\\{where}\\x", file):
        for field in ("image", "segmentation_map"):
            yield body(**{field: url})
            yield body(**{field: f"data:{url};base64,"})
            yield body(**{field: f"data:image/png;base64,{b64(url.encode())}"})
        yield body(landmarks=url)
        yield body(landmarks=[{"x": url, "y": url}])
        yield body(landmarks={"$ref": url})
        for option in OptionsBody.__struct_fields__:
            yield body(options={option: url})
            yield body(options={option: {"6": url}})
        yield body(options={"label_names": {"6": url}, "colors": {"6": f"url({url})"}})
        for name in ("image_url", "url", "webhook", "callback", "callback_url", "$schema"):
            yield body(**{name: url})
            yield body(options={name: url})
    for data in documents(http).values():
        yield body(image=data)
        yield body(segmentation_map=data)


def test_no_address_in_a_request_is_asked(client: TestClient, trap: tuple[str, list[Any]]) -> None:
    global listening  # noqa: PLW0603 - an audit hook cannot be taken away
    where, came = trap
    url = f"http://{where}/x"
    names = ("Referer", "Origin", "X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "Link", "X-Original-URL")
    headers = dict.fromkeys(names, url) | {"Content-Location": url, "Destination": url}
    listening = True
    try:
        sent = list(bodies(where))
        assert len(sent) > 300
        for each in sent:
            answer = client.post(SUBMIT, params={"wait": "30"}, content=json.dumps(each), headers=headers | JSON)
            assert answer.status_code in {200, 422}, answer.text
        parts = {"image": (url, crafted.PHOTO, "message/external-body"), "segmentation_map": (url, crafted.MAP)}
        job = client.post(SUBMIT, params={"wait": "30"}, files=parts, headers=headers).json()
        assert job["status"] == "completed"
        packed = msgspec.msgpack.encode({"image": url.encode(), "segmentation_map": url.encode()})
        client.post(SUBMIT, content=packed, headers=headers | {"Content-Type": "application/msgpack"})
        for path in (f"result/{job['id']}.svg", f"status/{job['id']}", "result/http:%2f%2f" + where, f"status/{where}"):
            client.get(f"/api/v1/frontal/crop/{path}", headers=headers)
    finally:
        listening = False
    assert asked == []
    assert came == []


def test_a_connection_would_be_noticed_twice(trap: tuple[str, list[Any]]) -> None:
    global listening  # noqa: PLW0603 - as above
    where, came = trap
    host, port = where.split(":")
    listening = True
    try:
        with socket.create_connection((host, int(port))) as connection:
            assert connection.recv(1) == b""
    finally:
        listening = False
    assert len(came) == 1
    assert any(event.startswith("socket.connect") for event in asked)
    came.clear()
    asked.clear()


JSON = {"Content-Type": "application/json"}
