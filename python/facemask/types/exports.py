"""The documents of export formats as typed dicts. `tests/typing/test_typed_dicts.py` compares them with exports."""

from typing import Any, Literal, NotRequired, TypedDict

from facemask.options.choices import Frame


class FrameMember(TypedDict):
    """What the coordinates of a GeoJSON or TopoJSON document are."""

    frame: Frame
    units: str
    size: list[int]
    crop_from_image: list[float]


class MultiPolygon(TypedDict):
    """A GeoJSON geometry: polygons of rings of points [x, y], the first point repeated at the end."""

    type: Literal["MultiPolygon"]
    coordinates: list[list[list[list[float]]]]


class GeoJsonFeature(TypedDict):
    """A region. `properties` are those of `Region` but `bbox`."""

    type: Literal["Feature"]
    id: int
    bbox: list[float]
    properties: dict[str, Any]
    geometry: MultiPolygon


class GeoJson(TypedDict):
    """A FeatureCollection of RFC 7946; `crs` is there with `y_up`."""

    type: Literal["FeatureCollection"]
    crs: NotRequired[dict[str, Any]]
    bbox: list[int]
    facemask: FrameMember
    features: list[GeoJsonFeature]


class TopoJsonGeometry(TypedDict):
    """A region: polygons of rings of indices of arcs, `~i` for arc i backwards."""

    type: Literal["MultiPolygon"]
    id: int
    bbox: list[float]
    properties: dict[str, Any]
    arcs: list[list[list[int]]]


class TopoJsonCollection(TypedDict):
    """The regions."""

    type: Literal["GeometryCollection"]
    geometries: list[TopoJsonGeometry]


class TopoJsonObjects(TypedDict):
    """The objects of a topology."""

    regions: TopoJsonCollection


class TopoJsonTransform(TypedDict):
    """Leads from whole numbers to pixels."""

    scale: list[float]
    translate: list[int]


class TopoJson(TypedDict):
    """A topology: arcs that neighbors share, as differences of whole hundredths of a pixel."""

    type: Literal["Topology"]
    bbox: list[int]
    facemask: FrameMember
    transform: TopoJsonTransform
    objects: TopoJsonObjects
    arcs: list[list[list[int]]]


class CocoInfo(TypedDict):
    """What the data set is, and how many regions have no annotation."""

    description: str
    regions_left_out: int


class CocoImage(TypedDict):
    """A picture. The affine is missing where two faces are in one photo."""

    id: int
    width: int
    height: int
    file_name: str
    crop_from_image: NotRequired[list[float]]


class CocoCategory(TypedDict):
    """A region's name, or `face` with the names of its keypoints and the lines between them, from 1."""

    id: int
    name: str
    supercategory: str
    keypoints: NotRequired[list[str]]
    skeleton: NotRequired[list[list[int]]]


class CocoRunLengths(TypedDict):
    """A mask; `size` is [height, width]."""

    size: list[int]
    counts: str | list[int]


class CocoAnnotation(TypedDict):
    """A region, or with keypoints the face. `bbox` is [left, top, width, height]."""

    id: int
    image_id: int
    category_id: int
    iscrowd: int
    segmentation: CocoRunLengths | list[list[float]]
    area: float
    bbox: list[float]
    keypoints: NotRequired[list[float]]
    num_keypoints: NotRequired[int]


class CocoDocument(TypedDict):
    """A COCO data set of instances or keypoints."""

    info: CocoInfo
    images: list[CocoImage]
    categories: list[CocoCategory]
    annotations: list[CocoAnnotation]


class LabelmeShape(TypedDict):
    """A part of a region."""

    label: str
    points: list[list[float]]
    group_id: int
    description: str
    shape_type: Literal["polygon"]
    flags: dict[str, bool]
    mask: None


class LabelmeDocument(TypedDict):
    """A labelme document without pixels."""

    version: str
    flags: dict[str, bool]
    shapes: list[LabelmeShape]
    imagePath: str
    imageData: None
    imageHeight: int
    imageWidth: int


class LabelStudioResult(TypedDict):
    """A polygon, a brush or a keypoint; `value` depends on the type."""

    id: str
    type: Literal["polygonlabels", "brushlabels", "keypointlabels"]
    from_name: str
    to_name: str
    original_width: int
    original_height: int
    image_rotation: int
    value: dict[str, Any]
    meta: NotRequired[dict[str, list[str]]]


class LabelStudioPrediction(TypedDict):
    """The results of one face."""

    model_version: str
    result: list[LabelStudioResult]


class LabelStudioTask(TypedDict):
    """A task with predicted labels."""

    data: dict[str, str]
    predictions: list[LabelStudioPrediction]
