"""Types of arguments and results, for annotations in programs that use facemask.

```python
from facemask.types import Crop, Region


def largest(regions: list[Region]) -> Region:
    return max(regions, key=lambda region: region["area"])
```

Nothing here exists for its own sake at run time: literals, typed dicts and protocols. The typed dicts of options
refer to NumPy, and are imported with their first use (PEP 562), because the service does without.
"""

import importlib as _importlib
import typing as _typing

from facemask.options.choices import (
    CHOICES,
    CocoSegmentation,
    Crop,
    Curve,
    EmbedImage,
    FormatName,
    Frame,
    Holes,
    Keypoints,
    LabelScheme,
    LandmarkScheme,
    LandmarksFrame,
    LandmarkUnits,
    MapFit,
    NativeResolution,
    RegionSet,
    Segmentation,
    Style,
    Tiles,
    VoidName,
)
from facemask.types.exports import (
    CocoAnnotation,
    CocoCategory,
    CocoDocument,
    CocoImage,
    CocoInfo,
    FrameMember,
    GeoJson,
    GeoJsonFeature,
    LabelmeDocument,
    LabelmeShape,
    LabelStudioTask,
    TopoJson,
)
from facemask.types.inputs import LabelSource, Landmarks, Photo
from facemask.types.results import (
    FaceData,
    MapEnlargement,
    Region,
    RegionColor,
    RegionPair,
    Schemes,
    TraceWarning,
)

if _typing.TYPE_CHECKING:
    from facemask.types.options import ItemOptions, PhotoOptions, Regions, RegionTexts, TraceArguments

__all__ = [
    "CHOICES",
    "CocoAnnotation",
    "CocoCategory",
    "CocoDocument",
    "CocoImage",
    "CocoInfo",
    "CocoSegmentation",
    "Crop",
    "Curve",
    "EmbedImage",
    "FaceData",
    "FormatName",
    "Frame",
    "FrameMember",
    "GeoJson",
    "GeoJsonFeature",
    "Holes",
    "ItemOptions",
    "Keypoints",
    "LabelScheme",
    "LabelSource",
    "LabelStudioTask",
    "LabelmeDocument",
    "LabelmeShape",
    "LandmarkScheme",
    "LandmarkUnits",
    "Landmarks",
    "LandmarksFrame",
    "MapEnlargement",
    "MapFit",
    "NativeResolution",
    "Photo",
    "PhotoOptions",
    "Region",
    "RegionColor",
    "RegionPair",
    "RegionSet",
    "RegionTexts",
    "Regions",
    "Schemes",
    "Segmentation",
    "Style",
    "Tiles",
    "TopoJson",
    "TraceArguments",
    "TraceWarning",
    "VoidName",
]

_OPTIONS = ("ItemOptions", "PhotoOptions", "RegionTexts", "Regions", "TraceArguments")


def __getattr__(name: str) -> _typing.Any:
    """Import the types of options."""
    if name not in _OPTIONS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(_importlib.import_module(f"{__name__}.options"), name)
