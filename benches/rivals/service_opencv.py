"""The service a skilled engineer would write without Rust: FastAPI, pydantic, orjson, OpenCV in a thread pool, base64
with SIMD. `python service_opencv.py PORT PHOTO`, where PHOTO is `full` (decode the photo, what most services do) or
`header` (read its size only, where its pixels are not shown).

It does the same job for the same body, and answers at once instead of sending its clients to ask again.
"""

import asyncio
import io
import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import cv2
import numpy as np
import orjson
import pybase64
import uvicorn
from fastapi import FastAPI, HTTPException, Response
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel

# MediaPipe's face mesh: corners of the eyes, and the line around the face.
EYE_R, EYE_L = (33, 133), (263, 362)
COLORS = ("#e9c46a", "#4c6ef5", "#12b886", "#fa5252", "#7950f2", "#fd7e14", "#22b8cf", "#e64980", "#82c91e", "#be4bdb")
QUALITY = 90


class Point(BaseModel):
    """One landmark, pixels of the photo."""

    x: float
    y: float


class Options(BaseModel):
    """How to draw."""

    embed_image: str = "none"


class Submission(BaseModel):
    """The body of a submission."""

    image: str
    segmentation_map: str
    landmarks: list[Point]
    options: Options = Options()


Upright = tuple[NDArray[np.float64], tuple[int, int]]


def upright(points: NDArray[np.float64], width: int, height: int) -> Upright:
    """The affine from the photo to the upright crop, and the crop's size: the landmarks' box and a margin."""
    across = points[list(EYE_L)].mean(0) - points[list(EYE_R)].mean(0)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), math.degrees(math.atan2(across[1], across[0])), 1.0)
    moved = points @ turn[:, :2].T + turn[:, 2]
    low, high = moved.min(0), moved.max(0)
    wide, tall = high - low
    left, top = math.floor(max(low[0] - 0.2 * wide, 0)), math.floor(max(low[1] - 0.4 * tall, 0))
    right, bottom = math.ceil(min(high[0] + 0.2 * wide, width)), math.ceil(min(high[1] + 0.15 * tall, height))
    turn[:, 2] -= left, top
    return turn, (right - left, bottom - top)


def photo_of(submission: Submission, mode: str) -> tuple[NDArray[np.uint8] | None, tuple[int, int]]:
    """The photo's pixels, where they are needed, and its size."""
    data = pybase64.b64decode(submission.image, validate=True)
    if mode == "full" or submission.options.embed_image == "crop":
        photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if photo is None:
            raise HTTPException(422, "the image cannot be read")
        return photo, (photo.shape[1], photo.shape[0])
    with Image.open(io.BytesIO(data)) as head:
        return None, head.size


def drawing(rings: dict[int, list[NDArray[np.int32]]], size: tuple[int, int], backdrop: str) -> str:
    """The SVG of all labels."""
    paths = []
    for label, found in rings.items():
        text = "".join(f"M{' '.join([f'{x},{y}' for x, y in ring.tolist()])}z" for ring in found)
        color = COLORS[label % len(COLORS)]
        paths.append(
            f'<path id="region-{label}" fill="{color}" fill-opacity=".4" stroke="#fff" '
            f'stroke-dasharray="4" fill-rule="evenodd" d="{text}"/>'
        )
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f"{backdrop}{''.join(paths)}</svg>"
    )


def trace(submission: Submission, mode: str) -> bytes:
    """One job; runs in a thread."""
    photo, (width, height) = photo_of(submission, mode)
    data = pybase64.b64decode(submission.segmentation_map, validate=True)
    labels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if labels is None or labels.ndim != 2:
        raise HTTPException(422, "the label map cannot be read")
    points = np.array([(point.x, point.y) for point in submission.landmarks])
    matrix, size = upright(points, width, height)
    turned = cv2.warpAffine(labels, matrix, size, flags=cv2.INTER_NEAREST)
    rings = {}
    for label in np.flatnonzero(cv2.calcHist([turned], [0], None, [256], [0, 256]))[1:]:
        found, _ = cv2.findContours(
            cv2.compare(turned, int(label), cv2.CMP_EQ), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE
        )
        rings[int(label)] = [ring[:, 0] for ring in found]
    backdrop = ""
    if submission.options.embed_image == "crop" and photo is not None:
        shown = cv2.warpAffine(photo, matrix, size, flags=cv2.INTER_LINEAR)
        _, jpeg = cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        text = pybase64.b64encode_as_string(jpeg)
        backdrop = f'<image width="{size[0]}" height="{size[1]}" href="data:image/jpeg;base64,{text}"/>'
    svg = drawing(rings, size, backdrop)
    answer = {
        "id": str(uuid4()),
        "status": "completed",
        "svg": pybase64.b64encode_as_string(svg.encode()),
        "mask_contours": {str(label): found for label, found in rings.items()},
        "size": size,
        "crop_from_image": matrix.ravel().tolist(),
    }
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


def application(mode: str) -> FastAPI:
    """The service."""
    app = FastAPI()
    threads = ThreadPoolExecutor(os.cpu_count())

    @app.post("/api/v1/frontal/crop/submit")
    async def submit(submission: Submission) -> Response:
        body = await asyncio.get_running_loop().run_in_executor(threads, trace, submission, mode)
        return Response(body, media_type="application/json")

    @app.get("/health/ready")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    return app


if __name__ == "__main__":
    cv2.setNumThreads(1)  # the pool has a thread a core already
    uvicorn.run(
        application(sys.argv[2]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False
    )
