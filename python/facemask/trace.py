"""trace_face: validates its arguments, calls the compiled module once, and wraps the result."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask import _core
from facemask.decoding import LIMITS, read_photo
from facemask.face_mask import FaceMask
from facemask.label_maps import LabelInput, merge_confidence, read_labels
from facemask.landmarks import read_landmarks
from facemask.options.checks import check_trace_options
from facemask.options.choices import (
    Crop,
    Curve,
    EmbedImage,
    Frame,
    LabelScheme,
    LandmarkScheme,
    LandmarkUnits,
    MapFit,
    NativeResolution,
    Style,
    VoidName,
)
from facemask.options.void import clear_negative_void
from facemask.parsing.face_parser import FaceParser, read_parser
from facemask.types.inputs import LabelSource, Landmarks, Photo
from facemask.types.options import Regions, RegionTexts
from facemask.validation import check_bool, check_image_size, make_error


def trace_face(
    labels: LabelSource | None = None,
    landmarks: Landmarks | None = None,
    *,
    image_size: tuple[int, int] | None = None,
    regions: Regions = "labels",
    landmark_scheme: LandmarkScheme = "auto",
    landmark_units: LandmarkUnits = "auto",
    face: int | None = None,
    label_scheme: LabelScheme = "auto",
    label_names: RegionTexts | None = None,
    void: VoidName | int = "auto",
    map_fit: MapFit = "exact",
    map_box: Sequence[float] | NDArray[Any] | None = None,
    image_from_labels: Sequence[float] | NDArray[Any] | None = None,
    native_resolution: NativeResolution = "auto",
    crop: Crop = "face",
    crop_margin: float | Sequence[float] | NDArray[Any] | None = None,
    crop_size: int | Sequence[int] | None = None,
    frame: Frame = "crop",
    tolerance: float = 0.5,
    curve: Curve = "smooth",
    min_area: float = 0.0,
    style: Style = "default",
    colors: RegionTexts | None = None,
    image: Photo | None = None,
    embed_image: EmbedImage = "none",
    id_prefix: str | None = None,
    measure_color: bool = False,
    parser: FaceParser | str | PathLike[str] | None = None,
    with_landmarks: bool = False,
) -> FaceMask:
    """Rotate a face upright, crop it and trace the outlines of its regions.

    Args:
        labels: label map, uint8 (height, width), which shows the whole photo at any scale, unless one of `map_fit`,
            `map_box` and `image_from_labels` says otherwise; or another form that docs/inputs.md lists: other number
            types, class scores, masks by name, run lengths, polygons, tensors, pictures of Pillow, a path, or the bytes
            of a file. Without it the landmarks outline the regions: they are 478, 468, 106, 98 or 68 points then.
        landmarks: points in the image frame, in any form of docs/inputs.md: a list of points, an array, the result of
            a detector, or its JSON. Without landmarks, roll and crop are estimated from the label map.
        image_size: (width, height) of the photo in pixels. Default: the size of `image`, else of `labels` where the map
            shows the whole photo. Needed where neither is given.
        regions: `labels` for one region per label id above 0, or `zones` for anatomical zones (forehead, cheeks, chin
            ...), which are cut out of the skin by outlines through the landmarks. Zones need a known label scheme.
            Or a list of names, ids and groups for those regions only, such as `["lips", "eye_r"]`; or lists by name,
            such as `{"eyes": ["eye_r", "eye_l"]}`. The members of a group are merged; docs/contract.md lists groups.
        landmark_scheme: `auto`, or a name of `facemask schemes`.
        landmark_units: `auto`, `pixel`, or `normalized` (ratios of width and height).
        face: index of the face to trace where `landmarks` hold several, from 0. Default: the face that fits the label
            map best, else the largest; a warning tells which.
        label_scheme: `auto`, `custom` (names from `label_names` only), or a name of `facemask schemes`.
        label_names: region names by label or zone id. They override those of the scheme.
        void: the value of pixels without a label, which become background: `auto` (255, where the other ids belong to a
            label scheme), `none`, an id, or a negative number such as -1 or -100 of an array with signed integers.
        map_fit: how the photo was resized to the label map: `exact` (in its own shape), `stretch`, `letterbox` (padding
            on both sides), `letterbox-top-left` (padding on the right or below) or `center-crop`.
        map_box: (left, top, width, height) of the part of the photo that the label map shows, in pixels of the photo.
            `map_fit` then applies inside it, and `exact` is as `stretch`.
        image_from_labels: affine from the labels frame to the image frame, (a, b, c, d, e, f) with x' = a x + b y + c
            and y' = d x + e y + f, in place of the two above. Pixel (c, r) covers `[c, c+1] x [r, r+1]` in both.
        native_resolution: `auto` traces a label map that was enlarged by the nearest pixel at its own resolution, where
            the map proves it; tolerance and pixel centers are then those of the small map. `off` never does. At
            tolerance 0 it has no effect. `FaceMask.native_resolution` tells.
        crop: `face`, `head`, `none`, or a template of a data set: `ffhq` or `arcface`.
        crop_margin: margins of the crops `face` and `head`, (left, top, right, bottom) or one for all, as shares of the
            sides of what they surround. Default: (0.2, 0.4, 0.2, 0.15) and 0.05.
        crop_size: (width, height) to which the crop is scaled, or the side of a square. Its box grows to that shape
            around its middle. Default: pixels of the photo; 1024 for `ffhq`, 112 for `arcface`.
        frame: `crop` for coordinates in pixels of the upright crop, `image` for pixels of the photo, not turned. The
            crop decides in both cases what is kept.
        tolerance: maximum Hausdorff distance between an outline and the traced border, in pixels of the photo. 0 keeps
            every vertex.
        curve: `smooth` for cubic Bezier curves along the smoothed border, which stay within half a pixel of the label
            map at any tolerance; `straight` for few lines.
        min_area: parts below this area, in square pixels of the photo, are merged into the neighbor with the longest
            shared border.
        style: `default`, `outline`, `solid`, `numbered`, or `cut` for laser and vinyl cutters.
        colors: colors (`#rrggbb` or CSS names) by region id or name.
        image: photo, uint8 (height, width, 3), red first, or the bytes of its file. Required by `embed_image`,
            `measure_color`, `FaceMask.crop_image` and `FaceMask.overlay`; the result keeps a reference to an array.
        embed_image: `crop` to place the photo under the regions, upright and cropped, or whole with `frame="image"`;
            or `none`.
        id_prefix: what every id of the SVG begins with, for several drawings in one page: at most 64 letters, digits,
            `-`, `_` and `.`, of which the first is a letter or `_`. Default: none.
        measure_color: whether each region gets `color`: the mean and the standard deviation of the photo's pixels in
            CIE L*a*b* and sRGB.
        parser: a network that labels each pixel of a face, in place of `labels`: the path of its ONNX file with a
            description beside it (docs/parsers.md), or a `FaceParser`. It sees the face of the landmarks in `image`,
            set upright. Needs the extra `parser`.
        with_landmarks: whether `FaceMask.to_dict` has the landmarks.

    Returns:
        The traced face. Coordinates are pixels of the frame that `frame` names.

    Raises:
        FacemaskError: a ValueError with the attributes `code`, `field` and `detail`.

    Examples:
        >>> mask = facemask.trace_face(labels, landmarks, regions=["nose", "lips"], crop="head")
        >>> [region["name"] for region in mask.regions]
        ['nose', 'lips']
        >>> facemask.trace_face(labels, landmarks, crop="ears")
        Traceback (most recent call last):
        facemask.FacemaskError: crop: must be face or head or none or ffhq or arcface, got "ears"

    """
    values = check_trace_options(
        {
            "regions": regions,
            "landmark_scheme": landmark_scheme,
            "landmark_units": landmark_units,
            "face": face,
            "label_scheme": label_scheme,
            "label_names": label_names,
            "void": void,
            "map_fit": map_fit,
            "map_box": map_box,
            "image_from_labels": image_from_labels,
            "native_resolution": native_resolution,
            "crop": crop,
            "crop_margin": crop_margin,
            "crop_size": crop_size,
            "frame": frame,
            "tolerance": tolerance,
            "curve": curve,
            "min_area": min_area,
            "style": style,
            "colors": colors,
            "embed_image": embed_image,
            "id_prefix": id_prefix,
            "measure_color": measure_color,
        }
    )
    if (loaded := read_parser(parser)) is not None:
        values["parser"] = loaded.core
    options = _core.Options(**values)  # checks the values before any input is read
    given_size = None if image_size is None else check_image_size(image_size)
    photo = None if image is None else read_photo(image)
    shows_photo = map_fit == "exact" and map_box is None and image_from_labels is None
    # A document of polygons without a size has that of the photo, which it shows.
    photo_size = None if photo is None or not shows_photo else _size(photo)
    source = None
    if labels is not None:
        source = read_labels(clear_negative_void(labels, void), size=given_size or photo_size)
        if source.names:
            options = _add_names(options, values, source.names)
    if embed_image != "none" and photo is None:
        raise make_error("option_invalid", "image", "is needed to embed it, got None")
    if measure_color and photo is None:
        raise make_error("option_invalid", "image", "is needed to measure its colours, got None")
    if loaded is not None and photo is None:
        raise make_error("option_invalid", "image", "is needed for the parser to see the face, got None")
    size = _image_size(given_size, photo, source, shows_photo=shows_photo)
    faces = read_landmarks(landmarks)
    values["landmark_units"] = faces.resolve_units(landmark_units)
    if values["landmark_units"] != landmark_units:
        options = _core.Options(**values)
    ids = None if source is None else source.ids
    core = _core.trace_face(ids, faces.core_argument(), size, photo, options, LIMITS)
    draw_on_photo = None
    if photo is not None and embed_image == "none":
        # A notebook may show the result after the caller has changed the array.
        ids = None if ids is None else ids.copy()
        drawing = _core.Options(**values | {"embed_image": "crop"})
        draw_on_photo = lambda: _core.trace_face(ids, faces.core_argument(), size, photo, drawing, LIMITS).svg  # noqa: E731
    confidence = source.confidence if source is not None and options.region_set == "labels" else None
    if source is not None and confidence and not isinstance(regions, str):
        confidence = merge_confidence(confidence, source.ids, json.loads(core.regions_json))
    shown = check_bool("with_landmarks", with_landmarks)
    return FaceMask(core, confidence, photo=photo, draw_on_photo=draw_on_photo, with_landmarks=shown)


def _add_names(options: _core.Options, values: dict[str, Any], names: Mapping[int, str]) -> _core.Options:
    """Return the options with the names of a label map, unless regions are zones. `values` gets the names too.

    Names of the caller take precedence.
    """
    merged = {str(region): name for region, name in names.items()} | (values["label_names"] or {})
    named = _core.Options(**values | {"label_names": merged})
    if named.region_set != "labels":
        return options
    values["label_names"] = merged
    return named


def _image_size(
    given: tuple[int, int] | None, photo: NDArray[np.uint8] | None, source: LabelInput | None, *, shows_photo: bool
) -> tuple[int, int]:
    """Return (width, height) of the photo, by default that of a label map that shows all of it.

    Raises:
        FacemaskError: `option_invalid`, field `image_size`; `map_invalid`, field `labels`, where nothing has a size.

    """
    if photo is not None:
        size = _size(photo)
        if given not in (None, size):
            raise make_error("option_invalid", "image_size", f"is {given}, but the image given measures {size}")
        return size
    if given is not None:
        return given
    if source is not None and shows_photo:
        return _size(source.ids)
    if source is None:
        detail = (
            "must be a label map, got None; landmarks alone need image_size, (width, height) of the photo, or image"
        )
        raise make_error("map_invalid", "labels", detail)
    # The size of a part of the photo is no guess at that of the photo, and landmarks would be misread without a word.
    detail = "is needed with map_fit, map_box and image_from_labels: (width, height) of the photo, got None"
    raise make_error("option_invalid", "image_size", detail)


def _size(pixels: NDArray[np.uint8]) -> tuple[int, int]:
    return int(pixels.shape[1]), int(pixels.shape[0])
