"""The parts of a result as typed dicts.

Coordinates are pixels of the frame of the result, x right and y down, with two decimals. The keys are those of the
compiled module; `tests/typing/test_typed_dicts.py` compares them with results.
"""

from typing import Any, Literal, NotRequired, TypedDict

from facemask.options.choices import Frame


class RegionColor(TypedDict):
    """The colors of a region in the photo: means and standard deviations over its pixels.

    `lab_...` are CIE L*a*b* (D65), `srgb_...` are red, green and blue from 0 to 255. `light_mean` is the mean of linear
    light, encoded as sRGB: the color that the region has from afar.
    """

    pixels: int
    lab_mean: list[float]
    lab_std: list[float]
    srgb_mean: list[float]
    srgb_std: list[float]
    light_mean: list[float]


class Region(TypedDict):
    """The measures of a region. Lengths are in pixels, areas in square pixels.

    `bbox` is [left, top, right, bottom]; `centroid` and `label_point` are [x, y]. With the option `regions` as a list
    there are `members`, the ids of the labels or zones that the region merges. `guessed` marks outlines of landmarks of
    which a part is a guess. `color` is there with `measure_color`, and None for a region without a pixel center.
    `confidence` is there where `labels` were class scores.
    """

    id: int
    name: str
    area: float
    perimeter: float
    bbox: list[float]
    centroid: list[float]
    label_point: list[float]
    parts: int
    holes: int
    members: NotRequired[list[int]]
    guessed: NotRequired[bool]
    color: NotRequired[RegionColor | None]
    confidence: NotRequired[float | None]


class RegionPair(TypedDict):
    """The left-right symmetry of two regions about the midline of the face: 1 is equal.

    `pair` has the names of both, the subject's right one first.
    """

    pair: list[str]
    area_ratio: float
    iou: float


class Schemes(TypedDict):
    """The landmark scheme and the label scheme, each with a confidence from 0 to 1; None where there is none."""

    landmarks: str | None
    landmarks_confidence: float | None
    labels: str | None
    labels_confidence: float | None


class MapEnlargement(TypedDict):
    """How a label map had been enlarged, each value for x and for y.

    `size` is that of the small map. `anchor` names what kept its place. `shift` is the mean distance of the enlarged
    pixels from the places that `factor` gives them, in pixels of the enlarged map.
    """

    size: list[int]
    factor: list[float]
    anchor: list[Literal["center", "corner", "ends"]]
    shift: list[float]


class TraceWarning(TypedDict):
    """A flaw of the input that did not prevent the result: a stable code, and a sentence for a person."""

    code: str
    detail: str


class FaceData(TypedDict):
    """A traced face as plain data, as `FaceMask.to_dict` returns it."""

    svg: str
    mask_contours: dict[str, list[list[list[float]]]]
    regions: list[Region]
    colors: dict[str, str]
    symmetry: list[RegionPair]
    connectivity: int
    frame: Frame
    size: list[int]
    crop_from_image: list[float]
    roll_degrees: float
    roll_from: Literal["landmarks", "labels"]
    roll_confidence: float
    mirrored: bool
    schemes: Schemes
    native_resolution: MapEnlargement | None
    warnings: list[TraceWarning]
    labels_from: NotRequired[Literal["parser", "landmarks"]]
    landmarks: NotRequired[list[Any]]
