"""Layout of COCO: one document of annotations, with the pictures beside it or without them."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from facemask.batch.layouts.entry import Entry
from facemask.batch.layouts.file_tree import FileTree
from facemask.batch.layouts.keys import safe_key, stem_of
from facemask.validation import make_error, short_repr

# Where pictures lie: beside the document, or as COCO's own are packed.
_PICTURE_FOLDERS: Final = ("", "images/", "../images/", "../", "train/", "val/")


def read_coco(tree: FileTree, document: str, images: FileTree | None = None) -> Iterator[Entry]:
    """Yield a face for each image of a COCO document: its annotations are one label map, named by the categories.

    The document is in memory as a whole, because JSON has no index.

    Args:
        tree: folder of the document.
        document: path of the document in it.
        images: folder of the pictures. Default: beside the document, or in `images`.

    Raises:
        FacemaskError: `option_invalid`, field `source`, for a document that is no COCO.

    """
    content = _parse(tree, document)
    by_image: dict[Any, list[Any]] = {}
    for annotation in content["annotations"]:
        if isinstance(annotation, Mapping):
            by_image.setdefault(annotation.get("image_id"), []).append(annotation)
    categories = content.get("categories", [])
    folder = document.rpartition("/")[0]
    prefix = f"{folder}/" if folder else ""
    for number, image in enumerate(content["images"]):
        name = image.get("file_name") if isinstance(image, Mapping) else None
        if not isinstance(name, str):
            detail = f"must have a file_name, got {short_repr(image)}"
            invalid = ("map_invalid", f"images[{number}]", detail)
            yield Entry(f"image-{number}", f"{document}: images[{number}]", problem=invalid)
            continue
        of_image = {"images": [image], "annotations": by_image.pop(image.get("id"), []), "categories": categories}
        problem = None
        if not of_image["annotations"]:
            problem = ("map_required", "labels", f"no annotation belongs to {name}")
        photo = _find_photo(tree, prefix, name) if images is None else _find_photo(images, "", name)
        yield Entry(
            safe_key(stem_of(name)),
            f"{document}: {name}",
            photo=photo,
            masks=json.dumps(of_image).encode(),
            problem=problem,
        )


def _find_photo(tree: FileTree, prefix: str, name: str) -> Any:
    relative = name.replace("\\", "/").lstrip("/")
    if ".." in relative.split("/"):
        return None
    for folder in _PICTURE_FOLDERS:
        if tree.has(f"{prefix}{folder}{relative}"):
            return tree.file(f"{prefix}{folder}{relative}")
    return None


def _parse(tree: FileTree, document: str) -> dict[str, Any]:
    try:
        with tree.open(document) as file:
            content = json.load(file)
    except (ValueError, RecursionError) as error:
        raise make_error("option_invalid", "source", f"{document} is not JSON: {error}") from None
    is_coco = isinstance(content, dict) and all(isinstance(content.get(key), list) for key in ("images", "annotations"))
    if not is_coco:
        raise make_error("option_invalid", "source", f"{document} is no COCO: it lacks images or annotations")
    return dict(content)
