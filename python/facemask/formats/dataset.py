"""to_coco_dataset: a data set of several faces."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from typing import Any

from facemask.formats.annotation import coco
from facemask.formats.exports import ExportMixin
from facemask.options.choices import CocoSegmentation, Holes, Keypoints
from facemask.types.exports import CocoDocument
from facemask.validation import make_error, short_repr


def to_coco_dataset(
    faces: Iterable[ExportMixin],
    *,
    file_names: Iterable[str | PathLike[str]] | None = None,
    segmentation: CocoSegmentation = "auto",
    holes: Holes = "bridge",
    keypoints: Keypoints | bool = "none",
) -> CocoDocument:
    """Return one COCO dataset of several faces: ids go on, and categories of one name are one.

    Args:
        faces: the traced faces.
        file_names: file name of each face's picture. Two faces of one name are in one picture, as with
            `frame="image"`. Default: `face-1.png`, `face-2.png` and so on.
        segmentation, holes, keypoints: as of `FaceMask.to_coco`.

    Raises:
        FacemaskError: as `FaceMask.to_coco`; `option_invalid` for another number of names than faces, one name for
            pictures of different sizes, and keypoints of different schemes.

    Examples:
        >>> dataset = facemask.to_coco_dataset([mask, mask], file_names=["a.png", "b.png"])
        >>> [image["file_name"] for image in dataset["images"]]
        ['a.png', 'b.png']

    """
    known = list(faces) if isinstance(faces, Iterable) else []
    if not isinstance(faces, Iterable) or not all(hasattr(face, "to_coco") for face in known):
        raise make_error("option_invalid", "faces", f"must be a list of traced faces, got {short_repr(faces)}")
    if not (file_names is None or isinstance(file_names, Iterable)):
        raise make_error("option_invalid", "file_names", f"must be a list of names, got {short_repr(file_names)}")
    names = [f"face-{number}.png" for number in range(1, len(known) + 1)] if file_names is None else list(file_names)
    if isinstance(file_names, str) or len(names) != len(known):
        got = "one text" if isinstance(file_names, str) else f"{len(names)} names"
        raise make_error(
            "option_invalid", "file_names", f"must be a list with a name for each of {len(known)} faces, got {got}"
        )
    options: dict[str, Any] = {"segmentation": segmentation, "holes": holes, "keypoints": keypoints}
    return coco.merge([face.to_coco(file_name=name, **options) for face, name in zip(known, names, strict=True)])
