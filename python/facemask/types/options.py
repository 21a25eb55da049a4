"""The options of a trace as typed dicts: what `**options` of a function may hold.

`trace_face` has them as arguments; `tests/typing/test_choices.py` compares both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from os import PathLike
from typing import Any, TypeAlias, TypedDict

import numpy as np
from numpy.typing import NDArray

from facemask.options.choices import (
    Crop,
    Curve,
    EmbedImage,
    Frame,
    LabelScheme,
    LandmarkScheme,
    LandmarksFrame,
    LandmarkUnits,
    MapFit,
    NativeResolution,
    RegionSet,
    Style,
    Tiles,
    VoidName,
)
from facemask.parsing.face_parser import FaceParser
from facemask.types.inputs import LabelSource

RegionName: TypeAlias = str | int | np.integer[Any]
# A text is a collection of texts too, so this is no collection in general.
RegionNames: TypeAlias = list[Any] | tuple[RegionName, ...] | AbstractSet[RegionName] | NDArray[Any]
Regions: TypeAlias = RegionSet | RegionNames | Mapping[str, RegionName | RegionNames]
# Texts by region id, by region name, or by both: the key of a mapping is invariant.
RegionTexts: TypeAlias = Mapping[int, str] | Mapping[str, str] | Mapping[str | int, str]


class CommonOptions(TypedDict, total=False):
    """Options of every trace."""

    regions: Regions
    label_scheme: LabelScheme
    label_names: RegionTexts | None
    void: VoidName | int
    map_fit: MapFit
    map_box: Sequence[float] | NDArray[Any] | None
    image_from_labels: Sequence[float] | NDArray[Any] | None
    native_resolution: NativeResolution
    crop: Crop
    crop_margin: float | Sequence[float] | NDArray[Any] | None
    crop_size: int | Sequence[int] | None
    frame: Frame
    tolerance: float
    curve: Curve
    min_area: float
    style: Style
    colors: RegionTexts | None
    embed_image: EmbedImage
    id_prefix: str | None
    measure_color: bool
    parser: FaceParser | str | PathLike[str] | None
    with_landmarks: bool


class PhotoOptions(CommonOptions, total=False):
    """Options of `trace_photo` beside those of the detection."""

    labels: LabelSource | None


class TraceArguments(CommonOptions, total=False):
    """Options of `trace_face`."""

    image_size: tuple[int, int] | None
    landmark_scheme: LandmarkScheme
    landmark_units: LandmarkUnits
    face: int | None


class ItemOptions(TraceArguments, total=False):
    """Options of `trace_many` and `trace_sequence`, for all items."""

    min_size: float | None
    tiles: Tiles
    crop_image: bool
    landmarks_frame: LandmarksFrame
    label_palette: Sequence[Sequence[int]]
