"""The source of `facemask batch`: its layout, named or detected, and its faces."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from facemask.batch.layouts import coco_json, folders, parquet, webdataset
from facemask.batch.layouts.entry import Entry
from facemask.batch.layouts.file_tree import FileTree, LocalTree, RemoteTree, is_remote, open_tree
from facemask.validation import make_error

LAYOUTS: Final = ("auto", "pairs", "celebamask-hq", "lapa", "webdataset", "coco", "parquet", "photos")
# Layouts of folders alone, whose names tell the number of faces.
_FOLDERS: Final[dict[str, Callable[[FileTree], Iterator[Entry]]]] = {
    "pairs": folders.read_pairs,
    "celebamask-hq": folders.read_celebamask,
    "lapa": folders.read_lapa,
    "photos": folders.read_photos,
}
# What a source of a layout has to hold at least one of.
_CONTENTS: Final = {
    "pairs": "photo with a label map or landmarks, nor a label map",
    "celebamask-hq": f"photo in {folders.CELEBA_PHOTOS}, nor a part in {folders.CELEBA_PARTS}",
    "lapa": "photo, nor a label map",
    "webdataset": "sample with a photo or a label map in a .tar, .tar.gz or .tgz file",
    "coco": "image in a COCO document",
    "parquet": "row in a .parquet file",
    "photos": "photo (.jpg, .png or .webp)",
}
# Layouts that may have photos alone, whose faces are detected; and those whose faces all have label maps.
DETECTED_LAYOUTS: Final = ("photos", "parquet")
LABELED_LAYOUTS: Final = ("celebamask-hq", "lapa", "coco")


class Source:
    """A data set: its layout and its faces.

    Attributes:
        layout: one of `LAYOUTS` but `auto`.

    """

    def __init__(self, address: str, *, layout: str = "auto", images: str | None = None) -> None:
        """Find the layout of a folder, an archive, a table or a document.

        Args:
            address: path, or an address of fsspec, such as `s3://bucket/faces`.
            layout: one of `LAYOUTS`; `auto` looks at the names of the files.
            images: folder of the pictures of a COCO document.

        Raises:
            FacemaskError: `option_invalid`, field `source`, `layout` or `images`.

        """
        if layout not in LAYOUTS:
            raise make_error("option_invalid", "layout", f"must be {' or '.join(LAYOUTS)}, got {layout!r}")
        self._address = address
        self._tree, self._file = _open(address)
        self.layout = self._detect(address) if layout == "auto" else layout
        if images is not None and self.layout != "coco":
            raise make_error("option_invalid", "images", f"applies to the layout coco, not to {self.layout}")
        self._images = None if images is None else open_tree(images)

    def _detect(self, address: str) -> str:
        if self._file is not None:
            return _layout_of_file(self._file, address)
        if folders.is_celebamask(self._tree):
            return "celebamask-hq"
        if folders.is_lapa(self._tree):
            return "lapa"
        paths = self._tree.list_paths()
        for layout, suffixes in (("webdataset", webdataset.SUFFIXES), ("parquet", (parquet.SUFFIX,))):
            if any(path.endswith(suffixes) for path in paths):
                return layout
        return "pairs" if folders.has_pairs(paths) else "photos"

    def entries(self) -> Iterator[Entry]:
        """Return the faces, in the order of their names or of the archive, table or document.

        Raises:
            FacemaskError: `option_invalid`, field `source` where there is none, or `layout`.

        """
        entries = self._read()
        first = next(entries, None)
        if first is None:
            what = _CONTENTS[self.layout]
            raise make_error("option_invalid", "source", f"{self._address} has no faces: no {what}")
        return itertools.chain([first], entries)

    def _read(self) -> Iterator[Entry]:
        """Return the faces, of which there may be none. Raises as `entries`."""
        if self.layout in _FOLDERS:
            if self._file is not None:
                detail = f"the layout {self.layout} is a folder, not the file {self._file}; leave the layout out"
                raise make_error("option_invalid", "layout", detail)
            return _FOLDERS[self.layout](self._tree)
        if self.layout == "coco":
            if self._file is None:
                raise make_error("option_invalid", "source", "a COCO data set is named by its document, a JSON file")
            return coco_json.read_coco(self._tree, self._file, self._images)
        suffixes: Any = webdataset.SUFFIXES if self.layout == "webdataset" else (parquet.SUFFIX,)
        files = [self._file] if self._file is not None else self._tree.list_paths()
        chosen = [path for path in files if self._file is not None or path.endswith(suffixes)]
        if self.layout == "webdataset":
            return webdataset.read_shards(self._tree, chosen)
        return parquet.read_tables(self._tree, chosen)

    def count(self) -> int | None:
        """Return the number of faces, where names tell it without a file being read; else None."""
        if self.layout in _FOLDERS:
            return sum(1 for _ in self._read())
        return None


def _open(address: str) -> tuple[FileTree, str | None]:
    """Return the tree of a folder, or that around a file and the file's name.

    Raises:
        FacemaskError: `option_invalid`, field `source`.

    """
    if is_remote(address):
        if address.lower().endswith((*webdataset.SUFFIXES, parquet.SUFFIX, ".json")):
            folder, _, name = address.rpartition("/")
            return RemoteTree(folder), name
        return RemoteTree(address), None
    path = Path(address)
    if path.is_dir():
        return LocalTree(path), None
    if not path.exists():
        raise make_error("option_invalid", "source", f"{address} does not exist")
    return LocalTree(path.parent), path.name


def _layout_of_file(name: str, address: str) -> str:
    lowered = name.lower()
    if lowered.endswith(webdataset.SUFFIXES):
        return "webdataset"
    if lowered.endswith(parquet.SUFFIX):
        return "parquet"
    if lowered.endswith(".json"):
        return "coco"
    detail = f"{address} is a file, and neither .tar, .parquet nor .json; name a folder"
    raise make_error("option_invalid", "source", detail)
