"""CPU of a job by the form of its body: JSON, multipart and MessagePack.

    python benches/body_forms.py [--rounds 7] [--seconds 2]

One service gets every form in turn: a PNG photo of 1 MB, straight lines, 8 clients, and no two requests are equal. The
figures are medians of the service's own CPU; only ratios carry over to another machine.
"""

from __future__ import annotations

import argparse
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import closed_loop
import msgspec
import processes
from bounds import BoundedValue, bounds_table, markdown_table
from request_bodies import RequestBody, face_bodies

JSON, MULTIPART, MSGPACK = "JSON", "multipart", "MessagePack"
CLIENTS = 8
_BOUNDARY = "----facemask-benchmark"


class _Fields(msgspec.Struct):
    """A submission in JSON, with landmarks and options as text."""

    image: str
    segmentation_map: str
    landmarks: msgspec.Raw
    options: msgspec.Raw


_decode = msgspec.json.Decoder(_Fields).decode


@dataclass(frozen=True, slots=True)
class EncodedBody:
    """A numbered JSON body in another form."""

    body: RequestBody
    content_type: str
    encode: Callable[[dict[str, bytes]], bytes]

    def parts(self, number: int) -> tuple[bytes, bytes]:
        """Body of request `number`, and nothing after it."""
        fields = _decode(self.body.numbered(number))
        files = {name: b64decode(getattr(fields, name)) for name in ("image", "segmentation_map")}
        return self.encode(files | {"landmarks": bytes(fields.landmarks), "options": bytes(fields.options)}), b""


def _multipart(fields: dict[str, bytes]) -> bytes:
    head = '--{}\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\n\r\n'
    parts = [head.format(_BOUNDARY, name, name).encode() + content + b"\r\n" for name, content in fields.items()]
    return b"".join([*parts, f"--{_BOUNDARY}--\r\n".encode()])


def _msgpack(fields: dict[str, bytes]) -> bytes:
    values = {name: msgspec.json.decode(fields[name]) for name in ("landmarks", "options")}
    return msgspec.msgpack.encode(fields | values)


def bodies_by_form() -> dict[str, tuple[RequestBody | EncodedBody, ...]]:
    """The bodies of all faces in each form."""
    faces = face_bodies("png", "none")
    forms = {
        MULTIPART: (f"multipart/form-data; boundary={_BOUNDARY}", _multipart),
        MSGPACK: ("application/msgpack", _msgpack),
    }
    encoded = {name: tuple(EncodedBody(face, *form) for face in faces) for name, form in forms.items()}
    return {JSON: faces, **encoded}


def measure(rounds: int, seconds: float) -> dict[str, float]:
    """Median milliseconds of CPU a job."""
    bodies = bodies_by_form()
    found: dict[str, list[float]] = {name: [] for name in bodies}
    with processes.server_process(*processes.facemask_command()) as server:
        for number in range(rounds + 1):
            for name, faces in bodies.items():
                before = server.cpu_seconds()
                result = closed_loop.run_load(server.port, faces, CLIENTS, seconds)
                if not result.times or result.refused:
                    raise RuntimeError(f"{name}: {len(result.times)} jobs done and {result.refused} refused")
                if number:  # the first round warms up
                    found[name].append(1e3 * (server.cpu_seconds() - before) / len(result.times))
    return {name: median(samples) for name, samples in found.items()}


def check_bounds(found: dict[str, float]) -> list[BoundedValue]:
    """Bounds relative to JSON."""
    return [
        BoundedValue(f"CPU of a {name} job, of a JSON job", found[name] / found[JSON], 0.85, unit="x")
        for name in (MULTIPART, MSGPACK)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    arguments = parser.parse_args()
    found = measure(arguments.rounds, arguments.seconds)
    rows = [("form", "CPU, ms", "of JSON")]
    rows += [(name, f"{cpu:.3g}", f"{cpu / found[JSON]:.2f} x") for name, cpu in found.items()]
    print(markdown_table(rows), "\n")
    print(bounds_table(check_bounds(found)))


if __name__ == "__main__":
    main()
