"""Request and response bodies as msgspec structs, with the API's field names."""

from collections.abc import Iterable
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

import msgspec
from msgspec import UNSET, Meta, Raw, UnsetType

from facemask.formats import FORMATS
from facemask.formats.options import COCO_KINDS, MAX_CLASSES
from facemask.formats.options import KEYPOINTS as KEYPOINT_KINDS
from facemask.options.choices import CHOICES, RegionSet, Tiles, VoidName
from facemask.options.face import ALL_FACES
from facemask.types.results import MapEnlargement, Region, Schemes

Picture = TypeVar("Picture", str, bytes)
Rgb = Annotated[list[int], Meta(min_length=3, max_length=3)]
_MAP_FIT = (
    "`exact`, `stretch`, `letterbox`, `letterbox-top-left` or `center-crop`: how the photo was resized to the label map"
)
_LABELS_FROM = "where no label map was sent: `parser` of a service that has one, else `landmarks`; absent with a map"
_LANDMARKS = "with `options.with_landmarks`: the landmarks in the frame of the result, those outside it too"
_DETECTED = (
    "with `options.detect`: the face's box in pixels of the photo, and how certain it is; null if the map chose it"
)
_FURTHER_FACES = "with `options.face` `all`: of each further face what this object has, from `svg` to `detected`"
_IMAGE_SIZE = "width and height of the photo in pixels, where no photo is sent"
_MAP_BOX = "left, top, width and height of the part of the photo that the label map shows, pixels of the photo"
_AFFINE = "affine from pixels of the label map to pixels of the photo, [a, b, c, d, e, f], in place of the other two"
# Options of formats, which are also parameters of the result's address.
SEGMENTATION = "of `coco`, `cvat`, `label-studio` and its config: `auto`, `polygons` or `rle`; `coco`: `rle_compressed`"
CLASSES = "of `yolo`, `yolo-data` and `label-studio-config`: the names of the classes from 0 on"
INSET = "of `yolo`: pixels by which outlines move inwards, 0 to 0.5; 0.5 for Ultralytics"
KEYPOINTS = "of `coco`, `cvat`, `label-studio` and its config: landmarks too: `none`, `auto`, `five`, `68` or `all`"
Y_UP = "of `geojson` and `topojson`: whether y grows upwards"
_FACE = "which of several faces, from 0; with `detect` also a point [x, y] in its box, or `all`"
_DETECT = "whether the faces are detected in the photo; then neither landmarks nor label map are needed"
_MIN_SIZE = "with `detect`: the longer side of the smallest wanted face, pixels of the photo"
_TILES = "with `detect`: `auto`, or 1, 2, 4 or 8: also squares of that share of the photo's longer side"
_CROP_MARGIN = "left, top, right and bottom, or one for all, as shares of the face or head"
_Margins = Annotated[list[float], Meta(min_length=4, max_length=4)]
_ImageSide = Annotated[int, Meta(ge=1, le=1_000_000)]
_Point = Annotated[list[float], Meta(min_length=2, max_length=2)]
_Sides = Annotated[list[int], Meta(min_length=2, max_length=2)]
_REGIONS = (
    "`labels`, `zones` (forehead, cheeks, ...), a list of names, ids and groups, or lists of them by names of your "
    "own; the members of a group are merged"
)
RegionNames = Annotated[list[str | int], Meta(min_length=1, max_length=256)]
RegionMembers = str | int | RegionNames
RegionGroups = Annotated[dict[str, RegionMembers], Meta(min_length=1, max_length=256)]


def _choice(values: Iterable[str], description: str) -> Meta:
    """Return what the description of the interface says of a text with a closed set of values.

    The engine checks them: its error lists them, and has a code of its own.
    """
    return Meta(description=description, extra_json_schema={"enum": list(values)})


_RegionSet = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(RegionSet))})]
_VoidName = Annotated[str, Meta(extra_json_schema={"enum": list(get_args(VoidName))})]
_AllFaces = Annotated[str, Meta(extra_json_schema={"enum": [ALL_FACES]})]
_TileName = Annotated[str, Meta(extra_json_schema={"enum": [name for name in get_args(Tiles) if name == "auto"]})]
_TileCount = Annotated[int, Meta(extra_json_schema={"enum": [count for count in get_args(Tiles) if count != "auto"]})]


class OptionsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How to trace. Every field is optional; ranges and names are checked by the engine, which owns the
    defaults.
    """

    regions: Annotated[_RegionSet | RegionNames | RegionGroups, Meta(description=_REGIONS)] | UnsetType = UNSET
    landmark_scheme: Annotated[str, _choice(CHOICES["landmark_scheme"], "`auto` or a scheme's name")] | UnsetType = (
        UNSET
    )
    landmark_units: (
        Annotated[str, _choice(CHOICES["landmark_units"], "`auto`, `pixel` or `normalized`")] | UnsetType
    ) = UNSET
    landmarks_frame: (
        Annotated[str, _choice(CHOICES["landmarks_frame"], "`oriented` or `raw` (before EXIF)")] | UnsetType
    ) = UNSET
    image_size: (
        Annotated[list[_ImageSide], Meta(description=_IMAGE_SIZE, min_length=2, max_length=2)] | UnsetType | None
    ) = UNSET
    face: Annotated[int | _AllFaces | _Point, Meta(description=_FACE)] | UnsetType | None = UNSET
    detect: Annotated[bool, Meta(description=_DETECT)] | UnsetType = UNSET
    min_size: Annotated[float, Meta(description=_MIN_SIZE)] | UnsetType | None = UNSET
    tiles: Annotated[_TileCount | _TileName, Meta(description=_TILES)] | UnsetType = UNSET
    label_scheme: Annotated[str, _choice(CHOICES["label_scheme"], "`auto` or a scheme's name")] | UnsetType = UNSET
    label_names: Annotated[dict[str, str], Meta(description="region id -> name", max_length=256)] | UnsetType | None = (
        UNSET
    )
    label_palette: Annotated[list[Rgb], Meta(description="colour of each id", max_length=256)] | UnsetType | None = (
        UNSET
    )
    void: Annotated[_VoidName | int, Meta(description="id of pixels without a label, `auto` or `none`")] | UnsetType = (
        UNSET
    )
    map_fit: Annotated[str, _choice(CHOICES["map_fit"], _MAP_FIT)] | UnsetType = UNSET
    map_box: Annotated[list[float], Meta(description=_MAP_BOX, min_length=4, max_length=4)] | UnsetType | None = UNSET
    image_from_labels: (
        Annotated[list[float], Meta(description=_AFFINE, min_length=6, max_length=6)] | UnsetType | None
    ) = UNSET
    native_resolution: (
        Annotated[str, _choice(CHOICES["native_resolution"], "of enlarged maps: `auto` or `off`")] | UnsetType
    ) = UNSET
    crop: Annotated[str, _choice(CHOICES["crop"], "`face`, `head`, `none`, `ffhq` or `arcface`")] | UnsetType = UNSET
    crop_margin: Annotated[float | _Margins, Meta(description=_CROP_MARGIN)] | UnsetType | None = UNSET
    crop_size: Annotated[int | _Sides, Meta(description="width and height, or one side")] | UnsetType | None = UNSET
    frame: (
        Annotated[str, _choice(CHOICES["frame"], "of all coordinates: `crop`, or `image` (the photo)")] | UnsetType
    ) = UNSET
    tolerance: Annotated[float, Meta(description="pixels of the photo; 0 keeps every vertex")] | UnsetType = UNSET
    curve: Annotated[str, _choice(CHOICES["curve"], "`smooth` or `straight`")] | UnsetType = UNSET
    min_area: Annotated[float, Meta(description="square pixels; smaller parts join a neighbour")] | UnsetType = UNSET
    style: Annotated[str, _choice(CHOICES["style"], "`default`, `outline`, `solid`, `numbered`, `cut`")] | UnsetType = (
        UNSET
    )
    colors: Annotated[dict[str, str], Meta(description="region id -> colour", max_length=256)] | UnsetType | None = (
        UNSET
    )
    embed_image: Annotated[str, _choice(CHOICES["embed_image"], "`none` or `crop`")] | UnsetType = UNSET
    crop_image: Annotated[bool, Meta(description="keep the upright crop: `result/{id}.jpg`")] | UnsetType = UNSET
    id_prefix: Annotated[str, Meta(description="what the ids of the SVG begin with")] | UnsetType | None = UNSET
    measure_color: Annotated[bool, Meta(description="whether regions get a `color`")] | UnsetType = UNSET
    with_landmarks: Annotated[bool, Meta(description="whether the response has `landmarks`")] | UnsetType = UNSET
    format: Annotated[str, _choice(FORMATS, "another than `svg` comes as `file`")] | UnsetType = UNSET
    segmentation: Annotated[str, _choice(COCO_KINDS, SEGMENTATION)] | UnsetType = UNSET
    classes: Annotated[list[str], Meta(description=CLASSES, max_length=MAX_CLASSES)] | UnsetType | None = UNSET
    inset: Annotated[float, Meta(description=INSET)] | UnsetType = UNSET
    y_up: Annotated[bool, Meta(description=Y_UP)] | UnsetType = UNSET
    keypoints: Annotated[str, _choice(KEYPOINT_KINDS, KEYPOINTS)] | UnsetType = UNSET

    cache: (
        Annotated[str, _choice(("similar", "exact", "off"), "the cached results that may be the response")] | UnsetType
    ) = UNSET

    def set_fields(self) -> dict[str, Any]:
        """Return the options that the client set. Null stands for a default that is no value."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in values.items() if value is not UNSET and value is not None}


class SubmitBody(msgspec.Struct, Generic[Picture], frozen=True, forbid_unknown_fields=True):
    """A photo, its landmarks and its label map.

    Pictures are base64 text in JSON and raw bytes in MessagePack. `landmarks` and `options` are decoded separately, see
    `intake/codecs.py`; so is which pictures may be missing.
    """

    image: Picture | None = None
    segmentation_map: Picture | None = None
    landmarks: Raw = Raw()
    options: Raw = Raw()
    loadtest_mode: bool = False


class ProblemBody(msgspec.Struct, omit_defaults=True):
    """A problem of RFC 9457.

    `code` is the last part of `type`; `field` is the path of the invalid value.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str = ""


class ErrorBody(msgspec.Struct):
    """The reason of a failed job."""

    code: str
    detail: str
    field: str


class UnfinishedBody(msgspec.Struct):
    """A job that has not ended."""

    id: str
    status: Literal["pending", "processing"]


class FailedBody(msgspec.Struct):
    """A job that ended with an error."""

    id: str
    status: Literal["failed"]
    error: ErrorBody


class WarningBody(msgspec.Struct):
    """A flaw of the input that did not prevent the result."""

    code: str
    detail: str


class SymmetryBody(msgspec.Struct):
    """Similarity of paired regions about the midline, before cropping; 1 is equal."""

    pair: Annotated[list[str], Meta(min_length=2, max_length=2)]
    area_ratio: float
    iou: float


class DetectedBody(msgspec.Struct):
    """What the detector says of a face: left, top, width and height in pixels of the photo, and shares of 1."""

    box: Annotated[list[float], Meta(min_length=4, max_length=4)]
    score: float
    presence: float
    agreement: float


class FileBody(msgspec.Struct):
    """The result in the format of `options.format`."""

    format: str
    media_type: str
    data: Annotated[str, Meta(extra_json_schema={"contentEncoding": "base64"})]


class CompletedBody(msgspec.Struct):
    """A finished job.

    Coordinates are pixels of the frame that `frame` names; `crop_from_image` is [a, b, c, d, e, f].
    """

    id: str
    status: Literal["completed"]
    cache: Literal["exact", "similar", "miss"]
    cache_distance: int | None
    regions: list[Region]
    symmetry: list[SymmetryBody]
    connectivity: Literal[4]
    frame: Literal["crop", "image"]
    crop_from_image: Annotated[list[float], Meta(min_length=6, max_length=6)]
    size: Annotated[list[float], Meta(min_length=2, max_length=2)]
    roll_degrees: float
    roll_from: Literal["landmarks", "labels", "none"]
    roll_confidence: Annotated[float, Meta(ge=0, le=1)]
    mirrored: bool
    schemes: Schemes
    warnings: list[WarningBody]
    timings_ms: dict[str, float]
    svg: Annotated[
        str,
        Meta(
            description="absent with omit=svg",
            extra_json_schema={"contentEncoding": "base64", "contentMediaType": "image/svg+xml"},
        ),
    ] = ""
    mask_contours: Annotated[
        dict[str, list[list[list[float]]]], Meta(description="absent with omit=mask_contours")
    ] = {}
    labels_from: Annotated[Literal["map", "parser", "landmarks"], Meta(description=_LABELS_FROM)] = "map"
    landmarks: Annotated[list[list[float]], Meta(description=_LANDMARKS)] | UnsetType = UNSET
    native_resolution: MapEnlargement | None = None
    colors: dict[str, str] = {}
    file: FileBody | None = None
    detected: Annotated[DetectedBody | None, Meta(description=_DETECTED)] = None
    further_faces: Annotated[list[dict[str, Any]], Meta(description=_FURTHER_FACES)] = []


class HealthBody(msgspec.Struct):
    """The response of a health check."""

    status: Literal["live", "ready"]


StatusBody = UnfinishedBody | CompletedBody | FailedBody
