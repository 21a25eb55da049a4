"""Types of arguments and results, for annotations in programs that use facemask.

```python
from facemask.types import Crop, Region


def largest(regions: list[Region]) -> Region:
    return max(regions, key=lambda region: region["area"])
```

Nothing here exists for its own sake at run time: literals, typed dicts and protocols.
"""

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
from facemask.types.options import ItemOptions, PhotoOptions, Regions, RegionTexts, TraceArguments
from facemask.types.results import (
    FaceData,
    MapEnlargement,
    Region,
    RegionColor,
    RegionPair,
    Schemes,
    TraceWarning,
)

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
