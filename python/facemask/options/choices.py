"""The options with a closed set of values, as literals: what type checkers refuse and editors complete.

The lists are those of the compiled module, in its order; `tests/typing/test_choices.py` compares them with what it
accepts. `CHOICES` has them at run time, for the command line and for the description of the HTTP interface.
"""

from typing import Final, Literal, TypeAlias, get_args

RegionSet: TypeAlias = Literal["labels", "zones"]
LandmarkUnits: TypeAlias = Literal["auto", "pixel", "normalized"]
LandmarksFrame: TypeAlias = Literal["oriented", "raw"]
MapFit: TypeAlias = Literal["exact", "stretch", "letterbox", "letterbox-top-left", "center-crop"]
NativeResolution: TypeAlias = Literal["auto", "off"]
VoidName: TypeAlias = Literal["auto", "none"]
Crop: TypeAlias = Literal["face", "head", "none", "ffhq", "arcface"]
Frame: TypeAlias = Literal["crop", "image"]
Curve: TypeAlias = Literal["smooth", "straight"]
Style: TypeAlias = Literal["default", "outline", "solid", "numbered", "cut"]
EmbedImage: TypeAlias = Literal["none", "crop"]
Tiles: TypeAlias = Literal["auto", 1, 2, 4, 8]
LandmarkScheme: TypeAlias = Literal[
    "auto",
    "mediapipe-478",
    "ibug-68",
    "wflw-98",
    "lapa-106",
    "insightface-106",
    "arcface-5",
    "dlib-5",
    "blazeface-6",
    "cofw-29",
    "aflw-19",
]
LabelScheme: TypeAlias = Literal[
    "auto",
    "custom",
    "lapa-11",
    "ibug-11",
    "ibug-14",
    "celebamask-hq-19",
    "bisenet-19",
    "farl-celebm-19",
    "mediapipe-multiclass-6",
]

# Options of formats. COCO alone has compressed run lengths.
Segmentation: TypeAlias = Literal["auto", "polygons", "rle"]
CocoSegmentation: TypeAlias = Literal["auto", "rle_compressed", "rle", "polygons"]
Keypoints: TypeAlias = Literal["none", "auto", "five", "68", "all"]
Holes: TypeAlias = Literal["bridge", "error"]
FormatName: TypeAlias = Literal[
    "svg",
    "svg-plain",
    "geojson",
    "coco",
    "yolo",
    "label-studio",
    "png",
    "label-map",
    "topojson",
    "labelme",
    "cvat",
    "label-studio-config",
    "yolo-data",
]

# The values of each option of a trace that has a closed set; the first one is the default of `trace_face`.
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "landmark_scheme": get_args(LandmarkScheme),
    "landmark_units": get_args(LandmarkUnits),
    "landmarks_frame": get_args(LandmarksFrame),
    "label_scheme": get_args(LabelScheme),
    "map_fit": get_args(MapFit),
    "native_resolution": get_args(NativeResolution),
    "crop": get_args(Crop),
    "frame": get_args(Frame),
    "curve": get_args(Curve),
    "style": get_args(Style),
    "embed_image": get_args(EmbedImage),
}
