"""Export formats as methods of a traced face."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from facemask.formats import plain_svg
from facemask.formats.annotation import coco, cvat, label_studio, labelme, yolo
from facemask.formats.protocol import TracedFace
from facemask.formats.raster import label_map, png
from facemask.formats.vector import geojson, topojson
from facemask.options.choices import CocoSegmentation, Holes, Keypoints, Segmentation
from facemask.types.exports import CocoDocument, GeoJson, LabelmeDocument, LabelStudioTask, TopoJson


class ExportMixin(TracedFace, Protocol):
    """Mixin with the methods `to_...` of a traced face.

    Holes are an option of formats whose polygons have a single ring: `bridge` joins a hole to its outer ring by a cut
    of zero width, `error` raises `format_impossible`.

    Keypoints are an option too: `none`; `five`, the eyes' centers, the tip of the nose and the corners of the mouth;
    `68`, the points of 300-W and COCO-WholeBody; `all`, every landmark; `auto` or True, which is `68` of schemes that
    have them, else `all`. A face without them raises `format_impossible`.
    """

    __slots__ = ()

    def to_svg_plain(self) -> str:
        """Return the drawing as an SVG for editors: named layers with a path per region and a path per border.

        It holds no references, clip paths, style sheets or opacities of groups.

        Examples:
            >>> 'id="nose"' in mask.to_svg_plain()
            True

        """
        return plain_svg.to_document(self)

    def to_geojson(self, *, y_up: bool = False) -> GeoJson:
        """Return a GeoJSON FeatureCollection: a MultiPolygon per region, in pixels.

        Args:
            y_up: whether y grows upwards from the bottom of the picture: `size[1] - y`.

        Examples:
            >>> mask.to_geojson()["features"][5]["properties"]["name"]
            'nose'

        """
        return geojson.to_feature_collection(self, y_up=y_up)

    def to_topojson(self, *, y_up: bool = False) -> TopoJson:
        """Return a TopoJSON topology: a MultiPolygon per region, of arcs that neighbors share.

        Args:
            y_up: as of `to_geojson`.

        Examples:
            >>> mask.to_topojson()["objects"]["regions"]["geometries"][5]["id"]
            6

        """
        return topojson.to_topology(self, y_up=y_up)

    def to_coco(
        self,
        *,
        segmentation: CocoSegmentation = "auto",
        holes: Holes = "bridge",
        image_id: int = 1,
        first_annotation_id: int = 1,
        file_name: str | PathLike[str] = "face.png",
        keypoints: Keypoints | bool = "none",
    ) -> CocoDocument:
        """Return a COCO dataset with an annotation per region, all of one kind of segmentation.

        Args:
            segmentation: `rle_compressed` (also by `auto`), `rle` or `polygons`.
            holes: of polygons: `bridge` or `error`.
            image_id: id of the image.
            first_annotation_id: id of the first annotation; the others follow it.
            file_name: file name of the image.
            keypoints: which landmarks. They make a file of keypoints: one category `face` with their names and their
                skeleton, and one annotation of all regions together.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`, and keypoints that the face lacks.

        Examples:
            >>> mask.to_coco(segmentation="polygons")["annotations"][5]["bbox"]
            [149.3, 221.15, 89.59, 99.92]

        """
        return coco.to_dataset(
            self,
            segmentation=segmentation,
            holes=holes,
            image_id=image_id,
            first_annotation_id=first_annotation_id,
            file_name=file_name,
            keypoints=keypoints,
        )

    def to_yolo(self, *, classes: Sequence[str] | None = None, holes: Holes = "bridge", inset: float = 0.0) -> str:
        """Return a YOLO segmentation label file: a line per polygon, coordinates as ratios of the picture's size.

        Args:
            classes: class names of the dataset. Regions with other names are left out. Default: class = region id - 1.
            holes: `bridge` or `error`.
            inset: pixels by which outlines move inwards, 0 to 0.5; 0.5 for Ultralytics, which fills the pixels under
                an outline too.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`.

        Examples:
            >>> mask.to_yolo(classes=["skin", "nose"]).splitlines()[1][:10]
            '1 0.455387'

        """
        return yolo.to_lines(self, classes=classes, holes=holes, inset=inset)

    def to_yolo_data(self, *, classes: Sequence[str] | None = None) -> str:
        """Return the text of `data.yaml`, which names the classes of `to_yolo` with the same `classes`.

        Examples:
            >>> "nose" in mask.to_yolo_data(classes=["skin", "nose"])
            True

        """
        return yolo.to_data(self, classes=classes)

    def to_label_studio(
        self,
        *,
        segmentation: Segmentation = "auto",
        image: str | PathLike[str] = "face.png",
        holes: Holes = "bridge",
        keypoints: Keypoints | bool = "none",
    ) -> LabelStudioTask:
        """Return a Label Studio task with predicted labels.

        Args:
            segmentation: `polygons` (also by `auto`), or `rle`: brushes, which keep holes.
            image: address of the picture.
            holes: of polygons: `bridge` or `error`.
            keypoints: which landmarks; each is a keypoint of its own.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`, and keypoints that the face lacks.

        Examples:
            >>> mask.to_label_studio(segmentation="rle")["predictions"][0]["result"][0]["type"]
            'brushlabels'

        """
        return label_studio.to_task(self, segmentation=segmentation, image=image, holes=holes, keypoints=keypoints)

    def to_label_studio_config(
        self,
        *,
        segmentation: Segmentation = "auto",
        classes: Sequence[str] | None = None,
        keypoints: Keypoints | bool = "none",
    ) -> str:
        """Return the labeling config (XML) of a Label Studio project for the tasks of `to_label_studio`.

        Args:
            segmentation: as of `to_label_studio`.
            classes: names of the labels in the order of their class numbers. Default: the face's regions, class =
                region id - 1.
            keypoints: as of `to_label_studio`.

        Examples:
            >>> "PolygonLabels" in mask.to_label_studio_config()
            True

        """
        return label_studio.to_config(self, segmentation=segmentation, classes=classes, keypoints=keypoints)

    def to_labelme(self, *, image: str | PathLike[str] = "face.png", holes: Holes = "bridge") -> LabelmeDocument:
        """Return a labelme document with a polygon per part.

        Args:
            image: file name of the picture, which lies beside the document.
            holes: `bridge` or `error`.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`.

        Examples:
            >>> mask.to_labelme(image="anna.png")["imagePath"]
            'anna.png'

        """
        return labelme.to_document(self, image=image, holes=holes)

    def to_cvat(
        self,
        *,
        segmentation: Segmentation = "auto",
        file_name: str | PathLike[str] = "face.png",
        holes: Holes = "bridge",
        keypoints: Keypoints | bool = "none",
    ) -> str:
        """Return annotations in CVAT's XML format for images, version 1.1.

        Args:
            segmentation: `polygons` (also by `auto`), or `rle`: masks, which keep holes.
            file_name: file name of the picture.
            holes: of polygons: `bridge` or `error`.
            keypoints: which landmarks; they are the points of one skeleton, `face`.

        Raises:
            FacemaskError: `format_impossible` for holes with `holes="error"`, and keypoints that the face lacks.

        Examples:
            >>> "<polygon " in mask.to_cvat(file_name="anna.png")
            True

        """
        return cvat.to_document(self, segmentation=segmentation, file_name=file_name, holes=holes, keypoints=keypoints)

    def to_label_map(self) -> NDArray[np.uint8]:
        """Return the id of the region at each pixel's center, uint8 (height, width); 0 is background.

        Raises:
            FacemaskError: `format_impossible` for more than 24,000,000 pixels.

        Examples:
            >>> mask.to_label_map().shape
            (502, 388)

        """
        return label_map.to_array(self)

    def to_label_map_png(self) -> bytes:
        """Return `to_label_map` as a palette PNG in the drawing's colors.

        Raises:
            FacemaskError: `format_impossible` for more than 24,000,000 pixels.

        Examples:
            >>> facemask.decode_label_map(mask.to_label_map_png()).shape
            (502, 388)

        """
        return label_map.encode(self)

    def to_png(self, *, scale: float = 1.0) -> bytes:
        """Return the drawing as a PNG file with `scale` pixels per pixel. Needs `facemask-contours[png]`.

        Raises:
            FacemaskError: `format_impossible` without the package resvg-py or for a crop that is too large,
                `option_invalid` for a scale that is no positive number or too large.

        Examples:
            >>> facemask.decode_image(mask.to_png(scale=2)).shape
            (1004, 776, 3)

        """
        return png.render_png(self, scale=scale)
