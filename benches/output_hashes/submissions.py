"""Bodies of submissions."""

import base64
import json
from typing import Any, Final

import msgspec
import numpy as np

from output_hashes import png_files
from output_hashes.faces import MAP_FILE, PHOTO_FILE, POINTS, Face
from output_hashes.server import PREFIX, Answer, Service

MSGPACK: Final = "application/msgpack"


def submission(**changes: Any) -> dict[str, Any]:
    """Return the sample as a submission, changed."""
    return {"image": PHOTO_FILE, "segmentation_map": MAP_FILE, "landmarks": POINTS} | changes


def as_json(fields: dict[str, Any]) -> bytes:
    """Encode a submission as JSON."""
    encoded = {
        name: base64.b64encode(value).decode() if isinstance(value, bytes) else value for name, value in fields.items()
    }
    return json.dumps(encoded).encode()


def as_multipart(fields: dict[str, Any], boundary: str = "boundary") -> bytes:
    """Encode a submission as a form."""
    parts = []
    for name, value in fields.items():
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        file_name = f'; filename="{name}.png"' if isinstance(value, bytes) else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file_name}\r\n\r\n'
        parts.append(head.encode() + data + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def submit(service: Service, fields: dict[str, Any], query: str = "?wait=30", **headers: str) -> Answer:
    """Submit as MessagePack and wait for the job."""
    body = msgspec.msgpack.encode(fields)
    return service.request("POST", f"{PREFIX}/submit{query}", body, **{"content_type": MSGPACK} | headers)


def face_fields(face: Face, **options: Any) -> dict[str, Any]:
    """Return a face as a submission, with a black photo of its size."""
    width, height = face.size
    photo = png_files.png(np.zeros((height, width), np.uint8), depth=1)
    landmarks = None if face.landmarks is None else face.landmarks.tolist()
    return submission(
        image=photo, segmentation_map=png_files.png(face.labels), landmarks=landmarks, options=face.options | options
    )
