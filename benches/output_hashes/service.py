"""What the service answers: jobs, results, errors, documents, metrics, log lines."""

import base64
import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, Final

import msgspec
import numpy as np

from output_hashes import png_files
from output_hashes.faces import MAP_FILE, PHOTO_FILE, POINTS, faces, faces_of_generated_maps, sample
from output_hashes.library import CROPS, CURVES, REGIONS, STYLES, TOLERANCES, Case
from output_hashes.server import PREFIX, Answer, Service, serving
from output_hashes.service_errors import bad_requests, bad_submissions
from output_hashes.submissions import as_json, as_multipart, face_fields, submission, submit

FORMATS: Final = ("svg", "geojson", "coco", "yolo", "label-studio", "png", "svg-plain")
_KEYS = ("a-first-key-of-16-characters", "a-second-key-of-16-characters")
_ACCEPTS = (
    "*/*", "image/svg+xml", "image/png, */*", "image/png, */*;q=0.9", "application/json", "application/geo+json",
    "text/plain;charset=utf-8", "text/html", "text/plain;q=0, */*;q=0.1", "image/*", ";;;, text/plain", "",
)  # fmt: skip


def service(*, quick: bool) -> Iterator[Case]:
    """Answer jobs without a cache."""
    with serving(CACHE_MODE="off", LIMIT_BODY_BYTES="4000000") as running:
        # Metrics and log come last: they are of all that went before.
        for group in (_jobs, _faces, _bodies, _results, bad_submissions, bad_requests, _documents, _metrics, _log):
            for name, content in group(running, quick=quick):
                yield f"service/{name}", content


def _jobs(running: Service, *, quick: bool) -> Iterator[Case]:
    styles = STYLES[:1] if quick else STYLES
    for values in product(REGIONS, CROPS, TOLERANCES, CURVES, styles):
        options = dict(zip(("regions", "crop", "tolerance", "curve", "style"), values, strict=True))
        yield f"job, {', '.join(map(str, values))}", submit(running, submission(options=options)).content()
    special: dict[str, dict[str, Any]] = {
        "embedded": {"embed_image": "crop"},
        "embedded whole": {"embed_image": "crop", "crop": "none", "tolerance": 0},
        "embedded, outline": {"embed_image": "crop", "style": "outline", "crop": "head"},
        "names and colors": {"label_names": {"1": "\u00e4 <&>"}, "colors": {"1": "#abc", "nose": "red"}},
        "schemes named": {"label_scheme": "lapa-11", "landmark_scheme": "mediapipe-478", "landmark_units": "pixel"},
        "custom scheme": {"label_scheme": "custom"},
        "a box, letterboxed": {"map_box": [100, 50, 700, 800], "map_fit": "letterbox"},
        "a turned map": {"image_from_labels": [0.9, -0.2, 100, 0.2, 0.9, -50], "tolerance": 0},
        "area": {"min_area": 400},
        "exact cache": {"cache": "exact"},
        "no cache": {"cache": "off"},
    }
    for name, options in special.items():
        yield f"job, {name}", submit(running, submission(options=options)).content()
    colors = [[7 * label, 255 - label, 3] for label in range(12)]
    colored = png_files.png(np.array(colors, np.uint8)[sample().labels])
    sent = submission(segmentation_map=colored, options={"label_palette": colors})
    yield "job, palette", submit(running, sent).content()
    ratios = [[x / sample().size[0], y / sample().size[1]] for x, y in POINTS]
    sent = submission(landmarks=ratios, options={"landmark_units": "normalized"})
    yield "job, ratios", submit(running, sent).content()
    for form, regions, tolerance in product(FORMATS[:2] if quick else FORMATS, REGIONS, (0, 0.5)):
        options = {"format": form, "regions": regions, "tolerance": tolerance}
        name = f"job as {form}, {regions}, {tolerance}"
        yield (f"{name} png" if form == "png" else name), submit(running, submission(options=options)).content()
    for orientation, frame in () if quick else product(range(1, 9), ("oriented", "raw")):
        photo = png_files.with_orientation(PHOTO_FILE, orientation)
        for embed in ("none", "crop"):
            options = {"landmarks_frame": frame, "embed_image": embed}
            answer = submit(running, submission(image=photo, options=options))
            yield f"job, orientation {orientation}, {frame}, {embed}", answer.content()


def _faces(running: Service, *, quick: bool) -> Iterator[Case]:
    for name, face in faces(quick=quick).items():
        for number, regions in enumerate(REGIONS):
            options = {"regions": regions, "tolerance": (0.5, 0)[number], "style": STYLES[number]}
            yield f"face, {name}, {regions}", submit(running, face_fields(face, **options)).content()
    for name, face in faces_of_generated_maps(quick=quick).items():
        for tolerance, curve in product(TOLERANCES, CURVES):
            sent = face_fields(face, tolerance=tolerance, curve=curve, crop="none")
            yield f"generated face, {name}, {tolerance:g}, {curve}", submit(running, sent).content()


def _bodies(running: Service, *, quick: bool) -> Iterator[Case]:
    fields = submission(options={"tolerance": 1.0}, loadtest_mode=True)
    plain = as_json(fields)
    photo, labels = (base64.b64encode(data).decode() for data in (PHOTO_FILE, MAP_FILE))
    urlsafe = base64.urlsafe_b64encode(PHOTO_FILE).decode().rstrip("=")
    bodies: dict[str, tuple[str, bytes]] = {
        "JSON": ("application/json", plain),
        "JSON, indented": ("application/json; charset=utf-8", json.dumps(json.loads(plain), indent=2).encode()),
        "JSON, byte order mark": ("application/json", b"\xef\xbb\xbf" + plain),
        "JSON, data URI": ("application/json", as_json(fields | {"image": f"data:image/jpeg;base64,{photo}"})),
        "JSON, URL alphabet": ("application/json", as_json(fields | {"image": urlsafe})),
        "JSON, white space": (
            "application/json",
            as_json(fields | {"segmentation_map": f" {labels[:8]}\n{labels[8:]}"}),
        ),
        "JSON, objects": ("application/json", as_json(fields | {"landmarks": [{"x": x, "y": y} for x, y in POINTS]})),
        "JSON, null": ("application/json", as_json(fields | {"landmarks": None, "options": None})),
        "multipart": ("multipart/form-data; boundary=boundary", as_multipart(fields)),
        "msgpack": ("application/x-msgpack", msgspec.msgpack.encode(fields)),
    }
    for name, (content_type, body) in list(bodies.items())[: 1 if quick else None]:
        answer = running.request("POST", f"{PREFIX}/submit?wait=30", body, content_type=content_type)
        yield f"body, {name}", answer.content()


def _results(running: Service, *, quick: bool) -> Iterator[Case]:
    jobs = {"smooth": {}, "exact": {"tolerance": 0, "format": "label-studio"}, "zones": {"regions": "zones"}}
    for name, options in list(jobs.items())[: 1 if quick else None]:
        pending = submit(running, submission(options=options), query="")
        job = pending.job_id()
        yield f"result, {name}, submitted", pending.content()
        yield f"result, {name}, status", running.request("GET", f"{PREFIX}/status/{job}?wait=30").content()
        for method in ("GET", "HEAD"):
            yield f"result, {name}, {method}", running.request(method, f"{PREFIX}/result/{job}.svg").content()
            for form in (*FORMATS, "pdf"):
                case = f"result, {name}, {method} {form}"
                answer = running.request(method, f"{PREFIX}/result/{job}?format={form}")
                yield f"{case} drawn" if form == "png" else case, answer.content()
        for accept in _ACCEPTS:
            case = f"result, {name}, accept {accept}"
            answer = running.request("GET", f"{PREFIX}/result/{job}", accept=accept)
            yield f"{case} drawn" if answer.body[:4] == b"\x89PNG" else case, answer.content()
        tag = dict(running.request("GET", f"{PREFIX}/result/{job}.svg").headers).get("etag", "")
        for sent in (tag, f"W/{tag}", "*", '"other"'):
            answer = running.request("GET", f"{PREFIX}/result/{job}.svg", if_none_match=sent)
            yield f"result, {name}, tag {sent == tag}, {sent[:2]}", answer.content()
        yield f"result, {name}, erased", running.request("DELETE", f"{PREFIX}/{job}").content()
        yield f"result, {name}, erased again", running.request("DELETE", f"{PREFIX}/{job}").content()
        yield f"result, {name}, result of an erased job", running.request("GET", f"{PREFIX}/result/{job}").content()
    failed = submit(running, submission(landmarks=POINTS[::-1]))
    yield "result, failed", failed.content()
    yield "result, failed, result", running.request("GET", f"{PREFIX}/result/{failed.job_id()}.svg").content()


def _documents(running: Service, *, quick: bool) -> Iterator[Case]:
    seen, waiting = set(), ["/", "/docs", "/docs/openapi.json", "/playground/about.json"]
    while waiting:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        answer = running.request("GET", path)
        yield f"document, {path}", answer.content()
        if not quick:
            yield f"document, HEAD {path}", running.request("HEAD", path).content()
            waiting += [link for link in _links(answer, path) if link not in seen]


def _links(answer: Answer, path: str) -> list[str]:
    """Find the addresses of this server that a page, a script or a style sheet names."""
    kind = dict(answer.headers).get("content-type", "")
    if (
        answer.status != 200
        or not kind.startswith(("text/html", "text/javascript", "text/css"))
        or len(answer.body) > 500_000
    ):
        return []
    text = answer.body.decode()
    absolute = re.findall(r"""["'(](/(?:playground|docs)/[\w./-]+)["')]""", text)
    relative = re.findall(r"""["'(]\./([\w./-]+)["')]""", text)
    return absolute + [f"{path.rpartition('/')[0]}/{name}" for name in relative]


def _metrics(running: Service, **_: bool) -> Iterator[Case]:
    text = running.request("GET", "/metrics").body.decode()
    own = [line for line in text.splitlines() if "facemask" in line.split("{")[0]]
    yield "metrics", "\n".join(line if line[0] == "#" else line.rpartition(" ")[0] for line in own).encode()


def _log(running: Service, **_: bool) -> Iterator[Case]:
    """Name each event of the log with its level and its keys. Numbers in messages are of this run."""
    events = set()
    for line in running.log.read_text().splitlines():
        event = json.loads(line)
        message = without_numbers(event["message"])
        keys = sorted(event.keys() - {"logger"}) + sorted(event.get("settings", ()))
        events.add(f"{event['level']} {message} {' '.join(keys)}")
    yield "log", "\n".join(sorted(events)).encode()


def without_numbers(message: str) -> str:
    """Replace digits."""
    return re.sub(r"\d+(\.\d+)?", "0", message)


def guarded_service(**_: bool) -> Iterator[Case]:
    """Answer with keys, a cache, and other origins."""
    origin = "https://example.org"
    with serving(AUTH_API_KEYS=",".join(_KEYS), AUTH_CORS_ORIGINS=origin, APP_NAME="named") as running:
        for name, content in _guarded(running, origin):
            yield f"guarded/{name}", content


def _guarded(running: Service, origin: str) -> Iterator[Case]:
    for number, headers in enumerate(
        (
            {},
            {"x_api_key": "x"},
            {"authorization": "Bearer x"},
            {"authorization": f"Bearer {_KEYS[0]}"},
            {"origin": origin},
        )
    ):
        answer = running.request("GET", f"{PREFIX}/status/x", **headers)
        yield f"key {number}", answer.content()
        running.close()
    own, other = {"x_api_key": _KEYS[0]}, {"x_api_key": _KEYS[1]}
    first = submit(running, submission(), **own)
    yield "cache, first", first.content()
    yield "cache, again", submit(running, submission(), **own).content()
    yield "cache, other key", submit(running, submission(), **other).content()
    yield "cache, off", submit(running, submission(options={"cache": "off"}), **own).content()
    yield "cache, other form", submit(running, submission(options={"format": "yolo"}), **own).content()
    yield "owner, other key", running.request("GET", f"{PREFIX}/status/{first.job_id()}", **other).content()
    named = own | {"idempotency_key": "one"}
    yield "idempotency, first", submit(running, submission(), **named).content()
    yield "idempotency, again", submit(running, submission(), **named).content()
    yield "idempotency, another body", submit(running, submission(landmarks=None), **named).content()
    preflight = {
        "origin": origin,
        "access_control_request_method": "POST",
        "access_control_request_headers": "x-api-key",
    }
    yield "origin, preflight", running.request("OPTIONS", f"{PREFIX}/submit", **preflight).content()
    yield "origin, other", running.request("GET", "/health/live", origin="https://example.com").content()
    yield "document, /docs/openapi.json", running.request("GET", "/docs/openapi.json").content()
    yield "metrics without a key", running.request("GET", "/metrics").content()
