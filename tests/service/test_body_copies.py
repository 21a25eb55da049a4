"""How often the photo of a body is copied: once, to where it stays."""

import tracemalloc
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from facemask.service.intake.body import BodyChunks
from facemask.service.intake.codecs import MSGPACK, MSGPACK_BODY
from facemask.service.intake.multipart import parse_multipart

PHOTO = np.random.default_rng(1).integers(0, 256, 8 * 2**20, np.uint8).tobytes()
BOUNDARY = b"a-boundary"


def form(photo: bytes) -> bytes:
    head = b'--%b\r\nContent-Disposition: form-data; name="%b"; filename="x"\r\n\r\n'
    parts = [head % (BOUNDARY, name) + content for name, content in ((b"image", photo), (b"segmentation_map", b"map"))]
    return b"\r\n".join([*parts, b"--%b--\r\n" % BOUNDARY])


def peak_bytes(call: Callable[[], object]) -> int:
    """The most memory that a call has allocated at any time."""
    tracemalloc.start()
    call()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_a_form_is_parsed_with_one_copy_of_the_photo() -> None:
    body = form(PHOTO)
    parts = parse_multipart(body, BOUNDARY)
    assert (parts["image"].content, parts["segmentation_map"].content) == (PHOTO, b"map")
    assert len(PHOTO) <= peak_bytes(lambda: parse_multipart(body, BOUNDARY)) < 1.1 * len(PHOTO)


def test_messagepack_is_decoded_with_one_copy_of_the_photo() -> None:
    body = msgspec.msgpack.encode({"image": PHOTO, "segmentation_map": b"map"})
    assert MSGPACK.decode_body(MSGPACK_BODY, body).image == PHOTO
    assert len(PHOTO) <= peak_bytes(lambda: MSGPACK.decode_body(MSGPACK_BODY, body)) < 1.1 * len(PHOTO)


@pytest.mark.parametrize("size", [1, 7, 2**12, 2**14, 2**16, 10**6])
def test_chunks_of_any_size_are_joined_in_their_order(size: int) -> None:
    body = form(PHOTO[: min(len(PHOTO), 40_000 * size)])
    chunks = BodyChunks()
    for start in range(0, len(body), size):
        chunks.add(body[start : start + size])
    assert chunks.content() == body
    assert chunks.content() == b""


def test_single_bytes_are_no_objects_of_their_own() -> None:
    chunks = BodyChunks()
    single = [PHOTO[index : index + 1] for index in range(200_000)]

    def receive() -> None:
        for byte in single:
            chunks.add(byte)

    assert 200_000 <= peak_bytes(receive) < 1.5 * 200_000
    assert chunks.content() == PHOTO[:200_000]


def test_joining_chunks_is_one_copy() -> None:
    chunks = BodyChunks()
    pieces = [PHOTO[start : start + 2**16] for start in range(0, len(PHOTO), 2**16)]
    assert peak_bytes(lambda: [chunks.add(piece) for piece in pieces]) < 2**16
    assert len(PHOTO) <= peak_bytes(chunks.content) < 1.1 * len(PHOTO)
