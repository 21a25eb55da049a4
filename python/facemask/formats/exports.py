"""Export formats as methods of a traced face."""

from collections.abc import Sequence
from typing import Any, Protocol

from facemask.formats import coco, geojson, label_studio, plain_svg, png, yolo
from facemask.formats.protocol import TracedFace


class ExportMixin(TracedFace, Protocol):
    """Mixin with the methods `to_...` of a traced face.

    Holes are an option of formats whose polygons have a single ring: `bridge` joins a hole to its outer ring by a cut
    of zero width, `error` raises `format_impossible`.
    """

    __slots__ = ()

    def to_svg_plain(self) -> str:
        """Return the drawing as an SVG for editors: named layers with a path per region and a path per border.

        It holds no references, clip paths, style sheets or opacities of groups.
        """
        return plain_svg.to_document(self)

    def to_geojson(self) -> dict[str, Any]:
        """Return a GeoJSON FeatureCollection: a MultiPolygon per region, in pixels, y down."""
        return geojson.to_feature_collection(self)

    def to_coco(self, *, segmentation: str = "auto", image_id: int = 1, file_name: str = "face.png") -> dict[str, Any]:
        """Return a COCO dataset with an annotation per region.

        Args:
            segmentation: `polygons` (without holes), `rle`, `rle_compressed`, or `auto`: polygons for regions without
                holes, compressed run lengths for the others.
            image_id: id of the image.
            file_name: file name of the image: the upright crop, or the photo with `frame="image"`.

        Raises:
            FacemaskError: `format_impossible` for polygons of a region with holes.

        """
        return coco.to_dataset(self, segmentation=segmentation, image_id=image_id, file_name=file_name)

    def to_yolo(self, *, classes: Sequence[str] | None = None, holes: str = "bridge") -> str:
        """Return a YOLO segmentation label file: a line per polygon, coordinates as ratios of the size.

        Args:
            classes: class names of the dataset. Regions with other names are left out. Default: class = region id - 1.
            holes: `bridge` or `error`.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`.

        """
        return yolo.to_lines(self, classes=classes, holes=holes)

    def to_label_studio(self, *, image: str = "face.png", holes: str = "bridge") -> dict[str, Any]:
        """Return a Label Studio task with polygon labels, coordinates in percent of the size.

        Args:
            image: address of the upright crop, or of the photo with `frame="image"`.
            holes: `bridge` or `error`.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`.

        """
        return label_studio.to_task(self, image=image, holes=holes)

    def to_png(self, *, scale: float = 1.0) -> bytes:
        """Return the drawing as a PNG file with `scale` pixels per pixel of the frame. Needs `facemask-contours[png]`.

        Raises:
            FacemaskError: `format_impossible` without the package resvg-py or for a crop that is too large,
                `option_invalid` for a scale that is no positive number or too large.

        """
        return png.render_png(self, scale=scale)
