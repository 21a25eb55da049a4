"""Results and exports have the keys and the types of their typed dicts: no key more, no key less."""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

import facemask
import numpy as np
import pytest
from facemask.types import (
    CocoDocument,
    FaceData,
    GeoJson,
    LabelmeDocument,
    LabelStudioTask,
    MapEnlargement,
    Region,
    RegionPair,
    Schemes,
    TopoJson,
    TraceWarning,
)
from support import sample


def mismatch(value: Any, annotation: Any, path: str = "") -> str:  # noqa: PLR0911 - one for each kind of type
    """Where a value is not of its type; empty where it is. A whole number is a float, as for type checkers."""
    if annotation is Any:
        return ""
    if get_origin(annotation) is NotRequired:
        return mismatch(value, get_args(annotation)[0], path)
    if is_typeddict(annotation) and not isinstance(value, dict):
        return f"{path}: {value!r} is no {annotation}"
    if is_typeddict(annotation):
        hints = get_type_hints(annotation)
        missing, more = set(annotation.__required_keys__) - set(value), set(value) - set(hints)
        faults = [mismatch(value[key], hints[key], f"{path}.{key}") for key in value if key in hints]
        return f"{path}: missing {missing}, more {more}" if missing or more else next(filter(None, faults), "")
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return "" if value in arguments else f"{path}: {value!r} is none of {arguments}"
    if origin in (Union, types.UnionType):
        return "" if any(not mismatch(value, part) for part in arguments) else f"{path}: {value!r} is no {annotation}"
    if origin in (list, dict):
        entries = value.values() if origin is dict else value
        faults = [mismatch(entry, arguments[-1], f"{path}[]") for entry in entries]
        return next(filter(None, faults), "") if isinstance(value, origin) else f"{path}: {value!r} is no {origin}"
    allowed = (int, float) if annotation is float else annotation
    is_own = isinstance(value, allowed) and (annotation is bool or not isinstance(value, bool))
    return "" if is_own else f"{path}: {value!r} is no {annotation}"


@cache
def masks() -> dict[str, facemask.FaceMask]:
    labels, landmarks = sample.LABELS, sample.LANDMARKS
    photo = np.zeros((*labels.shape, 3), np.uint8)
    scores = np.eye(11, dtype=np.float32)[labels]
    return {
        "plain": facemask.trace_face(labels, landmarks),
        "measured": facemask.trace_face(labels, landmarks, image=photo, measure_color=True, with_landmarks=True),
        "selected": facemask.trace_face(labels, landmarks, regions=["lips", "eye_r"], frame="image"),
        "zones": facemask.trace_face(labels, landmarks, regions="zones"),
        "landmarks": facemask.trace_face(landmarks=landmarks, image_size=labels.shape),
        "scores": facemask.trace_face(scores * 0.9 + 0.01, landmarks),
        "enlarged": facemask.trace_face(sample.resize_nearest(labels, 1800, 1800), image_size=labels.shape),
        "labels": facemask.trace_face(labels),
        "unknown": facemask.trace_face(labels, landmarks, label_scheme="custom"),
    }


@pytest.mark.parametrize("name", masks())
def test_a_result_has_the_keys_and_types_of_its_typed_dicts(name: str):
    mask = masks()[name]
    assert mismatch(mask.regions, list[Region]) == ""
    assert mismatch(mask.symmetry, list[RegionPair]) == ""
    assert mismatch(mask.schemes, Schemes) == ""
    assert mismatch(mask.warnings, list[TraceWarning]) == ""
    assert mismatch(mask.native_resolution, MapEnlargement | None) == ""
    assert mismatch(mask.to_dict(), FaceData) == ""


def test_every_optional_key_is_there_in_some_result():
    found = {key for mask in masks().values() for region in mask.regions for key in region}
    assert found == set(get_type_hints(Region))
    found = {key for mask in masks().values() for key in mask.to_dict()}
    assert found == set(get_type_hints(FaceData))
    assert masks()["enlarged"].native_resolution is not None


@pytest.mark.parametrize("name", ["plain", "measured", "selected", "scores"])
def test_an_export_has_the_keys_and_types_of_its_typed_dict(name: str):
    mask = masks()[name]
    for y_up in (False, True):
        assert mismatch(mask.to_geojson(y_up=y_up), GeoJson) == ""
        assert mismatch(mask.to_topojson(y_up=y_up), TopoJson) == ""
    for segmentation in ("auto", "rle", "polygons"):
        for keypoints in (False, True):
            dataset = mask.to_coco(segmentation=segmentation, keypoints=keypoints)
            assert mismatch(dataset, CocoDocument) == ""
            assert mismatch(facemask.to_coco_dataset([mask], keypoints=keypoints), CocoDocument) == ""
    for kind in ("polygons", "rle"):
        assert mismatch(mask.to_label_studio(segmentation=kind, keypoints=True), LabelStudioTask) == ""
    assert mismatch(mask.to_labelme(), LabelmeDocument) == ""


def test_a_mismatch_is_found():
    region = facemask.trace_face(sample.LABELS).regions[0]
    assert "more {'x'}" in mismatch({**region, "x": 1}, Region)
    assert "missing {'name'}" in mismatch({key: value for key, value in region.items() if key != "name"}, Region)
    assert ".area" in mismatch({**region, "area": "1"}, Region)
    assert mismatch([{"code": "a", "detail": True}], list[TraceWarning])
