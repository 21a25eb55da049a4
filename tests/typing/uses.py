"""How the library is used, for mypy --strict to read. Run by test_typing.py; also a program that works."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, assert_type

import facemask
import numpy as np
from facemask.types import (
    CocoDocument,
    Crop,
    FaceData,
    Frame,
    GeoJson,
    MapEnlargement,
    Region,
    RegionPair,
    Schemes,
    TraceArguments,
    TraceWarning,
)
from numpy.typing import NDArray

labels = np.zeros((20, 20), np.uint8)
labels[5:15, 5:15] = 1

contours = facemask.find_contours(labels, tolerance=0.5, min_area=2, background=True)
assert_type(contours, facemask.ContourDict[int])
plain: dict[int, facemask.Contour] = contours
assert_type(contours["1"], facemask.Contour)
assert_type(contours[np.int64(1)], facemask.Contour)
assert_type(contours.get("nose"), facemask.Contour | None)
count = len(labels)
assert_type(contours.get(7, count), facemask.Contour | int)
assert_type(list(contours), list[int])
facemask.find_contours(labels.astype(np.int64))
facemask.find_contours([[0, 1], [1, 1]])

contour = contours[1]
assert_type(contour.points, NDArray[np.float64])
assert_type(contour.offsets, NDArray[np.uint32])
assert_type(contour.rings(), list[NDArray[np.float64]])
assert_type(contour.polygons(), list[list[NDArray[np.float64]]])
assert_type(contour.area, float)


def plain_keys(data: Mapping[str, object]) -> list[str]:
    return list(data)


def trace(photo: NDArray[np.uint8], file: bytes, points: NDArray[np.float32]) -> None:
    mask = facemask.trace_face(labels, points, image=photo, embed_image="crop", image_size=(640, 480))
    assert_type(mask, facemask.FaceMask)
    facemask.trace_face(labels)
    facemask.trace_face(labels, void=255)
    facemask.trace_face(labels.astype(np.int64), void="none")
    facemask.trace_face(labels, points, image=photo, map_fit="letterbox", map_box=(10, 20, 300.5, 400))
    facemask.trace_face(labels, points, image=photo, image_from_labels=np.eye(2, 3).ravel())
    facemask.trace_face(labels, [{"x": 1, "y": 2.5}], label_names={6: "nose"}, colors={"nose": "red"})
    facemask.trace_face(facemask.decode_label_map(file, palette=[(0, 0, 0), (255, 0, 0)]), points, image=file)
    facemask.trace_face(labels, regions=["lips", 6, np.int64(4)])
    facemask.trace_face(labels, regions={"eyes": ("eye_r", "eye_l"), "nose": "nose"}, image=photo, measure_color=True)
    assert_type(mask.colors, dict[str, str])
    mask.overlay(mask.plot(photo=photo, alpha=0.3, legend=True), linewidth=0, names=True)
    assert_type(mask.svg, str)
    assert_type(mask.to_svg_plain(), str)
    assert_type(mask.contours, facemask.ContourDict[str])
    assert_type(mask.contours[6], facemask.Contour)
    assert_type(facemask.read_label_map("map.npz", palette=[(0, 0, 0)]), NDArray[np.uint8])
    assert_type(mask.mask_contours, dict[str, list[list[list[float]]]])
    assert_type(mask.regions, list[Region])
    assert_type(mask.regions[0]["centroid"], list[float])
    assert_type(mask.symmetry, list[RegionPair])
    assert_type(mask.size, tuple[int, int])
    assert_type(mask.frame, Literal["crop", "image"])
    frame: Frame = mask.frame
    crop: Crop = "head"
    facemask.trace_face(labels, points, frame=frame, crop=crop)
    assert_type(mask.crop_from_image, tuple[float, float, float, float, float, float])
    assert_type(mask.roll_degrees, float)
    assert_type(mask.roll_from, Literal["landmarks", "labels"])
    assert_type(mask.roll_confidence, float)
    assert_type(mask.mirrored, bool)
    assert_type(mask.schemes, Schemes)
    assert_type(mask.native_resolution, MapEnlargement | None)
    assert_type(mask.warnings, list[TraceWarning])
    assert_type(mask.to_dict(), FaceData)
    assert_type(mask.to_geojson(y_up=True), GeoJson)
    print(plain_keys(mask.to_dict()))
    assert_type(mask.to_label_map(), NDArray[np.uint8])
    assert_type(mask.landmarks, NDArray[np.float64] | None)
    assert_type(facemask.to_coco_dataset([mask, mask], keypoints=True), CocoDocument)
    assert_type(mask.to_cvat(keypoints="five"), str)
    assert_type(facemask.decode_image(file), NDArray[np.uint8])
    parser = facemask.FaceParser("bisenet.onnx", threads=1)
    assert_type(facemask.trace_face(landmarks=[], image=file, parser=parser), facemask.FaceMask)
    assert_type(facemask.trace_photo(file, parser="bisenet.onnx", tiles=2), facemask.FaceMask)
    assert_type(facemask.trace_photo(file, face="all", crop="head"), list[facemask.FaceMask])
    options: TraceArguments = {"crop": "face", "tolerance": 1.0, "label_names": {6: "nose"}}
    facemask.trace_face(Path("map.png"), {"faceLandmarks": []}, **options)
    names = {6: "nose"}
    facemask.trace_face(labels, label_names=names, colors={"nose": "red"})
    facemask.trace_face([[0, 1]], [[1, 2]], regions={"lips", "nose"})
    with Path("map.png").open("rb") as stream:
        facemask.trace_face(stream, points)


try:
    facemask.trace_face(labels)
except facemask.FacemaskError as error:
    assert_type(error.code, str)
    assert_type(error.field, str)
    assert_type(error.detail, str)
    known: bool = error.code in facemask.ERROR_CODES
assert_type(facemask.__version__, str)

for item in facemask.trace_many([labels, b"", {"labels": labels}], workers=1, on_error="yield", tolerance=1.0):
    assert_type(item, facemask.Result | facemask.Failure)
    if isinstance(item, facemask.Result):
        assert_type(item.mask, facemask.FaceMask)
        assert_type(item.crop_jpeg, bytes)
    else:
        assert_type(item.code, str)
        assert_type(item.to_error(), facemask.FacemaskError)
