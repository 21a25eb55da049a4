"""Bodies of submissions: some faces, and any number of distinct requests for each."""

import json
import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from inputs import SAMPLE
from numpy.typing import NDArray

FACES = 12
SIZE = (1024, 1023)
# Bytes of the comment with the request's number, a multiple of three, so that base64 stays aligned after it.
_PNG_COMMENT_BYTES, _JPEG_COMMENT_BYTES = 24, 27
_SETTINGS = {"png": [cv2.IMWRITE_PNG_COMPRESSION, 6], "jpg": [cv2.IMWRITE_JPEG_QUALITY, 88]}


@dataclass(frozen=True, slots=True)
class RequestBody:
    """JSON of one face with two slots for a number: in a landmark, and in a comment of the photo."""

    before: bytes
    between: bytes
    after: bytes
    photo_format: str
    content_type: str = "application/json"

    def parts(self, number: int) -> tuple[bytes, bytes]:
        """Body of request `number`, as a short part and the shared rest.

        Photo and landmarks differ from those of all other requests, so no cache answers it.
        """
        comment = _png_comment(number) if self.photo_format == "png" else _jpeg_comment(number)
        return b"%b%06d%b%b" % (self.before, number % 1_000_000, self.between, b64encode(comment)), self.after

    def numbered(self, number: int) -> bytes:
        """Body of request `number` in one piece."""
        return b"".join(self.parts(number))


def _png_comment(number: int) -> bytes:
    content = b"tEXt" + b"Comment\0%04d" % (number % 10_000)
    return struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))


def _jpeg_comment(number: int) -> bytes:
    return b"\xff\xd8\xff\xfe" + struct.pack(">H", _JPEG_COMMENT_BYTES - 4) + b"%021d" % number


@cache
def sample_bodies() -> tuple[RequestBody, ...]:
    """The unchanged sample, 512 x 512 as JPEG, without options: a typical request."""
    points = np.array([(p["x"], p["y"]) for p in json.loads((SAMPLE / "landmarks.json").read_bytes())])
    return (
        _body((SAMPLE / "image.jpg").read_bytes(), (SAMPLE / "segmentation.png").read_bytes(), points, "{}", "jpg"),
    )


@cache
def face_bodies(photo_format: str, embed: str, curve: str = "straight") -> tuple[RequestBody, ...]:
    """Bodies of `FACES` faces: the sample rotated and shifted, with a photo of 1024 x 1023, about 1 MB as PNG."""
    photo = cv2.imread(str(SAMPLE / "image.jpg"))
    labels = cv2.imread(str(SAMPLE / "segmentation.png"), cv2.IMREAD_UNCHANGED)
    points = np.array([(p["x"], p["y"]) for p in json.loads((SAMPLE / "landmarks.json").read_bytes())])
    return tuple(_face(photo, labels, points, number, (photo_format, embed, curve)) for number in range(FACES))


def _face(
    photo: NDArray[np.uint8],
    labels: NDArray[np.uint8],
    points: NDArray[np.float64],
    number: int,
    form: tuple[str, str, str],
) -> RequestBody:
    photo_format, embed, curve = form
    side = photo.shape[0]
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), 5.0 * number - 27.0, SIZE[0] / side)
    turn[:, 2] += (SIZE[0] - side) / 2 + number, (SIZE[1] - side) / 2 - number
    turned = cv2.warpAffine(photo, turn, SIZE, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    mapped = cv2.warpAffine(labels, turn, SIZE, flags=cv2.INTER_NEAREST)
    _, coded = cv2.imencode(f".{photo_format}", turned, _SETTINGS[photo_format])
    _, coded_map = cv2.imencode(".png", mapped)
    moved = points @ turn[:, :2].T + turn[:, 2]
    options = f'{{"embed_image":"{embed}","curve":"{curve}"}}'
    return _body(coded.tobytes(), coded_map.tobytes(), moved, options, photo_format)


def _body(file: bytes, label_map: bytes, points: NDArray[np.float64], options: str, photo_format: str) -> RequestBody:
    # Signature and header of a PNG take 33 bytes; the comment of a JPEG follows its first marker.
    head, tail = (file[:33], file[33:]) if photo_format == "png" else (b"", file[2:])
    (x, y), *others = points.round(2).tolist()
    landmarks = json.dumps([{"x": x, "y": y} for x, y in others])
    return RequestBody(
        before=f'{{"landmarks":[{{"y":{y},"x":{x:.2f}'.encode(),
        between=f'}},{landmarks[1:]},"options":{options},"image":"'.encode() + b64encode(head),
        after=b64encode(tail) + b'","segmentation_map":"' + b64encode(label_map) + b'"}',
        photo_format=photo_format,
    )
