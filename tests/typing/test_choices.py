"""The literals of `facemask.options.choices` are what the compiled module and the formats accept, in their order."""

from __future__ import annotations

import inspect
import re
from typing import Any, Literal, get_args, get_origin, get_type_hints

import facemask
import numpy as np
import pytest
from facemask import _core
from facemask.batch.encoded import OPTIONS
from facemask.detection.search import check_search_options
from facemask.formats import FORMATS
from facemask.formats.annotation import coco, cvat, label_studio
from facemask.options import choices
from facemask.types import ItemOptions, Photo, PhotoOptions, TraceArguments
from numpy.typing import NDArray
from support import sample

# Parameters that are no options, and those that only files have.
INPUTS = {"labels", "landmarks", "image"}
FILES_ONLY = {"crop_image", "landmarks_frame", "label_palette"}


def accepted(option: str) -> list[str]:
    """The values of an option that the error of the compiled module lists, each of which it accepts."""
    with pytest.raises(facemask.FacemaskError) as caught:
        _core.Options(**{option: "?"})
    listed = re.search(r"(?:must be|known are) (.*?)(?:, got|$)", caught.value.detail)
    assert listed
    values = re.split(r" or |, ", listed[1])
    for value in values:
        if not value.startswith("an id"):
            _core.Options(**{option: value})
    return values


@pytest.mark.parametrize("option", choices.CHOICES)
def test_a_literal_has_the_values_that_the_compiled_module_accepts(option: str):
    assert list(choices.CHOICES[option]) == accepted(option)


def test_the_words_of_regions_and_void_are_those_of_the_compiled_module():
    assert list(get_args(choices.RegionSet)) == accepted("regions")
    assert [*get_args(choices.VoidName), "an id from 0 to 255"] == accepted("void")


def test_schemes_are_those_that_the_compiled_module_lists():
    assert set(get_args(choices.LandmarkScheme)) == {"auto", *_core.landmark_schemes()}
    assert set(get_args(choices.LabelScheme)) == {"auto", "custom", *_core.label_schemes()}


def test_formats_are_those_that_are_rendered():
    assert list(get_args(choices.FormatName)) == list(FORMATS)


def test_every_choice_of_a_format_is_accepted_and_no_other():
    mask = facemask.trace_face(sample.LABELS, sample.LANDMARKS)
    for render, values in ((coco.to_dataset, choices.CocoSegmentation), (cvat.to_document, choices.Segmentation)):
        for value in get_args(values):
            render(mask, segmentation=value)
        with pytest.raises(facemask.FacemaskError, match=" or ".join(get_args(values))):
            render(mask, segmentation="?")
    for value in get_args(choices.Segmentation):
        label_studio.to_task(mask, segmentation=value)
    for value in get_args(choices.Keypoints):
        coco.to_dataset(mask, keypoints=value)
    for value in get_args(choices.Holes):
        coco.to_dataset(mask, holes=value)
    for option in ("keypoints", "holes"):
        name = option.title()
        with pytest.raises(facemask.FacemaskError, match=" or ".join(get_args(getattr(choices, name)))):
            coco.to_dataset(mask, **{option: "?"})


def test_tiles_are_those_of_the_detection():
    for value in get_args(choices.Tiles):
        check_search_options(max_faces=None, min_size=None, tiles=value)
    with pytest.raises(facemask.FacemaskError):
        check_search_options(max_faces=None, min_size=None, tiles=3)


def test_the_defaults_of_the_functions_are_values_of_their_literals():
    for function in (facemask.trace_face, facemask.find_contours, facemask.detect_faces, facemask.FaceMask.to_coco):
        for name, parameter in inspect.signature(function).parameters.items():
            hint = get_type_hints(function).get(name)
            parts = [hint, *get_args(hint)]
            values = [value for part in parts if get_origin(part) is Literal for value in get_args(part)]
            if values and parameter.default is not None:
                assert parameter.default in values, (function.__name__, name)


# What modules import for type checkers only.
NAMES = {"np": np, "NDArray": NDArray, "Axes": Any, "Photo": Photo}


def options_of(function: Any) -> set[str]:
    return set(inspect.signature(function).parameters) - INPUTS


def test_typed_dicts_of_options_have_the_options_of_the_functions():
    arguments = get_type_hints(TraceArguments)
    hints = get_type_hints(facemask.trace_face)
    assert set(arguments) == options_of(facemask.trace_face)
    assert {name: hints[name] for name in arguments} == arguments
    assert (
        set(get_type_hints(ItemOptions))
        == set(arguments) | FILES_ONLY | {"min_size", "tiles"}
        == OPTIONS
        | {
            "min_size",
            "tiles",
        }
    )
    detected = {"image_size", "landmark_scheme", "landmark_units", "face"}
    assert set(get_type_hints(PhotoOptions)) == set(arguments) - detected | {"labels"}


SIGNATURES = [
    *(getattr(facemask, name) for name in facemask.__all__ if inspect.isfunction(getattr(facemask, name))),
    *(getattr(facemask.FaceMask, name) for name in ("to_coco", "to_cvat", "to_label_studio", "to_labelme", "plot")),
]


@pytest.mark.parametrize("function", SIGNATURES, ids=lambda function: function.__name__)
def test_help_shows_each_annotation_on_one_line(function: Any):
    """From Python 3.13 on `help` puts a parameter on a line of 80 characters, where one alias is longer than that."""
    for parameter in inspect.signature(function).parameters.values():
        line = f"    {parameter},"
        assert "Literal[" not in line.replace("Literal['all']", "").replace("Literal['yield', 'skip', 'raise']", "")
        assert len(line) <= 110, line
    assert get_type_hints(function, localns=NAMES)["return"]
