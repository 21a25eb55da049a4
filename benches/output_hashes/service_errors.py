"""What the service refuses: bodies of errors, and connections that it ends."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np

from output_hashes import png_files
from output_hashes.decoding import made_files
from output_hashes.faces import MAP_FILE, PHOTO_FILE, POINTS
from output_hashes.library import Case
from output_hashes.server import PREFIX, Service
from output_hashes.submissions import MSGPACK, as_json, as_multipart, submission, submit


def bad_submissions(running: Service, *, quick: bool) -> Iterator[Case]:
    """Submit bad options, landmarks, files and fields."""
    options: list[Any] = [
        {"crop": "Face"}, {"tolerance": -1}, {"tolerance": "1"}, {"tolerance": 1e7}, {"curve": "x"}, {"style": "x"},
        {"min_area": -1}, {"regions": "x"}, {"landmark_scheme": "x"}, {"landmark_units": "x"}, {"landmarks_frame": "x"},
        {"label_scheme": "x"}, {"label_scheme": "mediapipe-multiclass-6"}, {"label_names": {"300": "a"}},
        {"label_names": {"1": ""}}, {"label_names": []}, {"label_names": {"1": 5}}, {"label_palette": [[1]]},
        {"label_palette": [[0, 0, 300]]}, {"label_palette": "x"}, {"colors": {"1": "x"}}, {"embed_image": "x"},
        {"format": "pdf"}, {"cache": "x"}, {"misspelt": 1}, [], "x", 5, {"crop": None}, {"tolerance": None},
        {"landmark_scheme": "ibug-68"}, {"map_fit": "fill"}, {"map_box": [1, 2, 3]}, {"map_box": [0, 0, 0, 1]},
        {"image_from_labels": [0, 0, 0, 0, 0, 0]}, {"map_fit": "stretch", "image_from_labels": [1, 0, 0, 0, 1, 0]},
    ]  # fmt: skip
    for number, value in enumerate(options[: 3 if quick else None]):
        yield f"error, options {number}", submit(running, submission(options=value)).content()
    landmarks: list[Any] = [
        "x", 5, {}, [1, 2, 3], [[1]], [[1, "2"]], [{"x": 1}], [{"x": 1, "y": None}], [[1, 2], 3], [[1e7, 0]], [True],
        POINTS[:100], POINTS[::-1], [[0, 0]] * 5, [[]], [[1, 2, 3, 4]], [[{"x": 1, "y": 2}], 5], [POINTS, 5],
    ]  # fmt: skip
    for number, value in enumerate(landmarks[: 3 if quick else None]):
        yield f"error, landmarks {number}", submit(running, submission(landmarks=value)).content()
        if isinstance(value, list):
            body = as_json(submission(landmarks=value))
            answer = running.request("POST", f"{PREFIX}/submit?wait=30", body, content_type="application/json")
            yield f"error, landmarks {number} in JSON", answer.content()
    for name, data in list(made_files().items())[: 2 if quick else None]:
        for field in ("image", "segmentation_map"):
            yield f"error, {name} as {field}", submit(running, submission(**{field: data})).content()
    submissions: dict[str, dict[str, Any]] = {
        "no image": {"segmentation_map": MAP_FILE},
        "no map": {"image": PHOTO_FILE},
        "unknown field": submission(extra=1),
        "image of text": submission(image="abc"),
        "image of null": submission(image=None),
        "flag of text": submission(loadtest_mode="yes"),
        "noise": submission(segmentation_map=png_files.png(np.indices((900, 900)).sum(0) % 2)),
        "too large to embed": submission(
            image=png_files.png(np.zeros((5000, 5000), np.uint8), depth=1), options={"embed_image": "crop"}
        ),
        "aspect": submission(image=png_files.png(np.zeros((40, 90), np.uint8))),
    }
    for name, values in submissions.items():
        yield f"error, {name}", submit(running, values).content()
    good = base64.b64encode(PHOTO_FILE).decode()
    for number, text in enumerate(
        ("", "abc!", good[:-1], good[:9] + "=" + good[9:], f"{good}=", "AB==", "A", "\u00e4")
    ):
        body = as_json(submission() | {"image": text})
        answer = running.request("POST", f"{PREFIX}/submit", body, content_type="application/json")
        yield f"error, base64 {number}", answer.content()


def bad_requests(running: Service, *, quick: bool) -> Iterator[Case]:
    """Send bad bodies, addresses and connections."""
    address, body = f"{PREFIX}/submit", as_json(submission())
    multipart = "multipart/form-data; boundary=boundary"
    bodies: dict[str, tuple[bytes, dict[str, str]]] = {
        "nothing": (b"", {}),
        "no type": (body, {}),
        "text": (b"x", {"content_type": "text/plain"}),
        "cut": (body[:-5], {"content_type": "application/json"}),
        "not JSON": (b"{x", {"content_type": "application/json"}),
        "not UTF-8": (b'{"image": "\xff"}', {"content_type": "application/json"}),
        "list": (b"[]", {"content_type": "application/json"}),
        "nested": (b"[" * 100_000, {"content_type": "application/json"}),
        "twice": (b'{"image": "", "image": "", "segmentation_map": ""}', {"content_type": "application/json"}),
        "not msgpack": (b"\xc1", {"content_type": MSGPACK}),
        "gzip": (body, {"content_type": "application/json", "content_encoding": "gzip"}),
        "too large": (b" " * 4_000_001, {"content_type": "application/json"}),
        "no boundary": (b"", {"content_type": "multipart/form-data"}),
        "multipart cut": (as_multipart(submission())[:-20], {"content_type": multipart}),
        "multipart twice": (
            as_multipart({"image": b"1"})[:-14] + as_multipart({"image": b"1"}),
            {"content_type": multipart},
        ),
        "multipart unknown": (as_multipart({"images": b"1"}), {"content_type": multipart}),
        "idempotency key": (body, {"content_type": "application/json", "idempotency_key": "x" * 300}),
    }
    for name, (data, headers) in list(bodies.items())[: 3 if quick else None]:
        yield f"request, {name}", running.request("POST", address, data, **headers).content()
        running.close()  # a refused body may end the connection
    unknown = "00000000-0000-4000-8000-000000000000"
    paths = [
        ("GET", address), ("PUT", address), ("POST", f"{address}?wait=soon"), ("GET", f"{PREFIX}/status/x"),
        ("GET", "/nowhere"), ("GET", f"{PREFIX}/status/{unknown}"), ("GET", f"{PREFIX}/status/{unknown}?wait=nan"),
        ("GET", f"{PREFIX}/result/{unknown}.svg"), ("GET", f"{PREFIX}/result/{unknown}?format=x"),
        ("DELETE", f"{PREFIX}/{unknown}"), ("PATCH", f"{PREFIX}/{unknown}"), ("OPTIONS", address), ("GET", PREFIX),
        ("GET", "/health/live"), ("HEAD", "/health/ready"), ("POST", "/health/live"), ("GET", "//"), ("GET", "/docs/"),
    ]  # fmt: skip
    for method, path in paths:
        yield f"request, {method} {path}", running.request(method, path).content()
        running.close()
    post = f"POST {address} HTTP/1.1\r\nHost: a\r\n".encode()
    raw = {
        "garbage": b"\x16\x03\x01\x02\x00\r\n\r\n",
        "no host": b"GET /health/live HTTP/1.1\r\n\r\n",
        "two hosts": b"GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "HTTP/1.0": b"GET /health/live HTTP/1.0\r\n\r\n",
        "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/9": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "bad length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "length and coding": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "other coding": b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "huge head": b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        "folded header": b"GET /health/live HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
        "bad name": b"GET /health/live HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n",
        "pipeline": b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n" * 3,
        "upgrade": b"GET /health/live HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        "cut body": post + b"Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        "bad chunk": post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    }
    for name, data in list(raw.items())[: 3 if quick else None]:
        yield f"connection, {name}", running.raw(data)
