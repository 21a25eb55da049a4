"""The formats as methods of what was traced."""

from collections.abc import Sequence
from typing import Any, Protocol

from facemask.formats import coco, geojson, label_studio, png, yolo
from facemask.formats.traced import Traced


class Exports(Traced, Protocol):
    """Gives a traced face its methods `to_...`."""

    __slots__ = ()

    def to_geojson(self) -> dict[str, Any]:
        """Return a GeoJSON FeatureCollection: a MultiPolygon per region, pixels of the crop frame, y down."""
        return geojson.features(self)

    def to_coco(self, *, segmentation: str = "auto", image_id: int = 1, file_name: str = "face.png") -> dict[str, Any]:
        """Return a COCO dataset: `segmentation` is `auto`, `polygons`, `rle` or `rle_compressed`."""
        return coco.dataset(self, segmentation=segmentation, image_id=image_id, file_name=file_name)

    def to_yolo(self, *, classes: Sequence[str] | None = None, holes: str = "bridge") -> str:
        """Return the text of a YOLO segmentation label file; `holes` is `bridge` or `error`."""
        return yolo.lines(self, classes=classes, holes=holes)

    def to_label_studio(self, *, image: str = "face.png", holes: str = "bridge") -> dict[str, Any]:
        """Return a Label Studio task with polygon labels in per cent; `holes` is `bridge` or `error`."""
        return label_studio.task(self, image=image, holes=holes)

    def to_png(self, *, scale: float = 1.0) -> bytes:
        """Return the drawing as a PNG file; needs `facemask-contours[png]`."""
        return png.preview(self, scale=scale)
