"""Accuracy of `similar` results by the former rule of the cache: `python benches/similar_accuracy.py`.

By that rule two inputs were equal if no border was further than a pixel from the same border of the other map, and no
landmark further than a pixel from its counterpart. This compares such results with the true ones:

* re-encoded photos: the Hamming distance of their hashes;
* repeated predictions of the map: shares of the sample's classes, blurred as by a network, with smooth noise, at full,
  half and a quarter of the resolution and enlarged, then the class with the largest share;
* repeated detections of landmarks: each moved by some distance in a direction of its own.

If mediapipe is installed (`pip install mediapipe==0.10.21`), its networks process the re-encoded photos too.
"""

import importlib.util
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import facemask
import numpy as np
import shapely
from facemask import _core
from facemask.service.cache.photo_hash import hamming_distance, photo_hash
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut"
PHOTO = Image.open(SAMPLE / "image.jpg").convert("RGB")
MAP: NDArray[np.uint8] = np.asarray(Image.open(SAMPLE / "segmentation.png"))
POINTS = np.array([(p["x"], p["y"]) for p in json.loads((SAMPLE / "landmarks.json").read_bytes())])
EYES = ([33, 133], [263, 362])
SEEDS = 10
BLUR = 1.5  # sigma of soft borders, in cells of the network
GRAIN = 3.0  # sigma of the noise, in cells of the network
CELLS, MOST_CELLS = 64, 40

Map = NDArray[np.uint8]
Points = NDArray[np.float64]


def encode(kind: str, **options: Any) -> bytes:
    """The photo in an encoding."""
    file = io.BytesIO()
    PHOTO.save(file, kind, **options)
    return file.getvalue()


def resize_round_trip(share: float) -> bytes:
    """The photo as a PNG, downsized and enlarged again."""
    small = PHOTO.resize((round(PHOTO.width * share), round(PHOTO.height * share)))
    file = io.BytesIO()
    small.resize(PHOTO.size).save(file, "PNG")
    return file.getvalue()


def photos() -> dict[str, bytes]:
    """Encodings in which the photo may be stored."""
    jpeg = {f"JPEG {quality}": encode("JPEG", quality=quality) for quality in (95, 88, 70, 50)}
    sizes = {f"{share} and back": resize_round_trip(share) for share in (0.9, 0.5)}
    return {"PNG": encode("PNG")} | jpeg | {"WebP 80": encode("WEBP", quality=80)} | sizes


def predict(resolution: int, noise: float, seed: int) -> Map:
    """The map as predicted by a network with cells of `resolution` pixels; `noise` is the RMS error of a share."""
    draw, side = np.random.default_rng(seed), MAP.shape[0] // resolution
    shares = []
    for label in range(int(MAP.max()) + 1):
        cells = (label == MAP).reshape(side, resolution, side, resolution).mean(axis=(1, 3))
        grain = ndimage.gaussian_filter(draw.standard_normal((side, side)), GRAIN)
        share = ndimage.gaussian_filter(cells, BLUR) + noise * grain / grain.std()
        small = Image.fromarray(share.astype(np.float32))
        shares.append(np.asarray(small.resize(MAP.shape, Image.Resampling.BILINEAR)))
    return np.argmax(shares, axis=0).astype(np.uint8)


def is_similar(one: Map, other: Map) -> bool:
    """Whether the former rule took two maps for equal."""
    if (signature(one) != signature(other)).sum() > MOST_CELLS:
        return False
    different = one != other
    for label in np.union1d(one[different], other[different]):
        for ours, theirs in ((one, other), (other, one)):
            near = ndimage.binary_dilation(theirs == label, np.ones((3, 3)))
            if (different & (ours == label) & ~near).any():
                return False
    return True


def signature(labels: Map) -> NDArray[np.intp]:
    """The most frequent label of each of 64 x 64 cells."""
    starts = np.arange(CELLS) * labels.shape[0] // CELLS
    counts = [
        np.add.reduceat(np.add.reduceat((labels == label).astype(int), starts, 0), starts, 1)
        for label in range(int(MAP.max()) + 1)
    ]
    return np.argmax(counts, axis=0)


def traced(labels: Map, points: Points = POINTS, **options: Any) -> facemask.FaceMask:
    """Trace without simplification."""
    return facemask.trace_face(labels, points, image_size=PHOTO.size, curve="straight", tolerance=0.0, **options)


def boundary(contour: facemask.Contour) -> shapely.MultiLineString:
    """Outlines of a contour."""
    return shapely.MultiLineString([shapely.LinearRing(ring) for ring in contour.rings()])


def max_hausdorff(one: facemask.FaceMask, other: facemask.FaceMask) -> float:
    """Largest Hausdorff distance between corresponding outlines, in pixels."""
    pairs = [
        (boundary(one.contours[key]), boundary(other.contours[key])) for key in one.contours.keys() & other.contours
    ]
    return max(a.segmentize(0.5).hausdorff_distance(b) for a, b in pairs)


def counts(mask: facemask.FaceMask) -> list[tuple[Any, ...]]:
    """Numbers of parts and holes of each region."""
    return [(region["id"], region["parts"], region["holes"]) for region in mask.regions]


def table_head(*columns: str) -> str:
    """Head of a Markdown table."""
    return f"| {' | '.join(columns)} |\n|" + " --- |" * len(columns)


def maps() -> Iterator[str]:
    """Compare predictions with the first one of the same network."""
    worst = ("of these with other parts, holes or regions", "an outline off by, px", "an area off by")
    yield table_head("maps predicted again", "pixels that differ", "equal", "like by the former rule", *worst)
    for name, resolution, noise in (
        ("the same network, the same photo", 1, 0.0),
        ("full resolution, shares off by 0.003", 1, 0.003),
        ("full resolution, by 0.01", 1, 0.01),
        ("full resolution, by 0.03", 1, 0.03),
        ("full resolution, by 0.1", 1, 0.1),
        ("half the resolution, by 0.01", 2, 0.01),
        ("a quarter, by 0.01", 4, 0.01),
    ):
        first = predict(resolution, 0.0, 0)
        again = [predict(resolution, noise, seed) for seed in range(SEEDS)]
        yield map_row(name, first, again)
    yield map_row("half the resolution after full", predict(1, 0.0, 0), [predict(2, 0.0, 0)])


def map_row(name: str, first: Map, again: list[Map]) -> str:
    """Row on the differences of later maps from the first, and of the results that the former rule returned."""
    kept, taken = traced(first), [labels for labels in again if is_similar(first, labels)]
    equal = sum(bool((labels == first).all()) for labels in again)
    pixels = np.mean([(labels != first).sum() for labels in again])
    masks = [traced(labels) for labels in taken]
    other = sum(counts(mask) != counts(kept) for mask in masks)
    off = max((max_hausdorff(mask, kept) for mask in masks), default=0.0)
    areas = {region["id"]: region["area"] for region in kept.regions}
    area = max((abs(r["area"] / areas[r["id"]] - 1) for m in masks for r in m.regions if r["id"] in areas), default=0.0)
    of = len(again)
    cells = f"{other} | {off:.1f} | {100 * area:.1f} %" if taken else "- | - | -"
    return f"| {name} | {pixels:.0f} | {equal} of {of} | {len(taken)} of {of} | {cells} |"


def move_landmarks(pixels: float, seed: int) -> Points:
    """The landmarks, each moved by some pixels."""
    angles = np.random.default_rng(seed).uniform(0, 2 * np.pi, len(POINTS))
    return POINTS + pixels * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def landmarks() -> Iterator[str]:
    """Compare results of repeated detections of landmarks."""
    worst = ("roll off by", "the crop off by, px", "other parts, holes or regions", "an outline of a zone off by, px")
    yield table_head("landmarks found again", "the same answer", *worst)
    for pixels in (1e-9, 0.001, 0.01, 0.05, 0.25, 1.0):
        yield landmark_row(f"each moved by {pixels:g} px", [move_landmarks(pixels, seed) for seed in range(SEEDS)])
    inner = np.minimum(POINTS - POINTS.min(axis=0), POINTS.max(axis=0) - POINTS).min(axis=1) > 20
    inner[[index for eye in EYES for index in eye]] = False
    few = [np.where(inner[:, None], move_landmarks(0.25, seed), POINTS) for seed in range(SEEDS)]
    yield landmark_row(f"the {inner.sum()} moved that decide nothing, by 0.25 px", few)


def landmark_row(name: str, found: list[Points]) -> str:
    """Row on the differences of results from the first."""
    first, zones = traced(MAP), traced(MAP, regions="zones")
    masks = [traced(MAP, points) for points in found]
    same = sum(mask.svg == first.svg for mask in masks)
    roll = max(abs(mask.roll_degrees - first.roll_degrees) for mask in masks)
    other = sum(counts(mask) != counts(first) for mask in masks)
    # The map is the same, so the shift of the crop is the shift of all outlines.
    off = max(np.abs(crop_shift(first, mask)).max() for mask in masks)
    zone = max(max_hausdorff(traced(MAP, points, regions="zones"), zones) for points in found)
    of = len(found)
    return f"| {name} | {same} of {of} | {roll:.3f}° | {off:.2f} | {other} of {of} | {zone:.1f} |"


def crop_shift(one: facemask.FaceMask, other: facemask.FaceMask) -> NDArray[np.float64]:
    """Distances between the corners of two crops, in pixels."""
    width, height = one.size
    corners = np.array([(x, y, 1) for x in (0, width) for y in (0, height)], float)
    first, second = (np.array([*mask.crop_from_image, 0, 0, 1]).reshape(3, 3) for mask in (one, other))
    there = corners @ (second @ np.linalg.inv(first)).T
    return np.hypot(*(there - corners)[:, :2].T)


def hashes() -> Iterator[str]:
    """Compare the hashes of all encodings of the photo."""
    limits = _core.Limits()
    first = photo_hash(_core.luma_thumbnail((SAMPLE / "image.jpg").read_bytes(), limits))
    later = {name: photo_hash(_core.luma_thumbnail(file, limits)) for name, file in photos().items()}
    bits = ", ".join(f"{name} {hamming_distance(first, found)}" for name, found in later.items())
    yield f"photos saved anew, bits of the hash: {bits}"


def networks() -> Iterator[str]:
    """Run MediaPipe's face mesh and person segmentation on all encodings of the photo."""
    from mediapipe.python.solutions import face_mesh, selfie_segmentation  # noqa: PLC0415

    def run_networks(photo: Image.Image) -> tuple[Points, NDArray[np.bool_]]:
        pixels = np.asarray(photo.convert("RGB"))
        with face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True) as mesh:
            face = mesh.process(pixels).multi_face_landmarks[0].landmark
        with selfie_segmentation.SelfieSegmentation(model_selection=0) as people:
            return np.array([(p.x, p.y) for p in face]) * PHOTO.size, people.process(pixels).segmentation_mask > 0.5

    worst = ("landmarks moved by, px: mean, most", "roll off by", "the crop off by, px")
    yield table_head("photo saved as", *worst, "pixels of the map that differ")
    points, person = run_networks(PHOTO)
    first = traced(MAP, points)
    for name, file in photos().items():
        found, again = run_networks(Image.open(io.BytesIO(file)))
        steps, mask = np.hypot(*(found - points).T), traced(MAP, found)
        roll, off = abs(mask.roll_degrees - first.roll_degrees), crop_shift(first, mask).max()
        cells = f"{steps.mean():.2f}, {steps.max():.2f} | {roll:.2f}° | {off:.2f}"
        yield f"| {name} | {cells} | {(again != person).sum()} |"


def main() -> None:
    """Print the tables."""
    tables: list[Callable[[], Iterator[str]]] = [hashes, maps, landmarks]
    if importlib.util.find_spec("mediapipe"):
        tables.append(networks)
    for table in tables:
        for line in table():
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
