"""Layouts of folders: pairs by stem, LaPa, CelebAMask-HQ, and photos alone."""

from collections.abc import Iterator
from typing import Any, Final

from facemask.batch.layouts.entry import Entry
from facemask.batch.layouts.file_tree import FileTree
from facemask.batch.layouts.keys import safe_key, stem_of, suffix_of
from facemask.label_maps.files import PARTS
from facemask.validation import make_error

_PHOTO_FOLDERS: Final = frozenset({"images", "image", "imgs", "img", "photos", "photo", "jpegimages"})
_MAP_FOLDERS: Final = frozenset({
    "annotations", "label", "labels", "map", "maps", "mask", "masks", "parsing", "segmentation", "segmentationclass",
    "segmentations",
})  # fmt: skip
_POINT_FOLDERS: Final = frozenset({"landmarks", "landmark", "points", "keypoints"})
_ROLES: Final = (("photo", _PHOTO_FOLDERS), ("labels", _MAP_FOLDERS), ("landmarks", _POINT_FOLDERS))
# What a map's name ends with beside the photo's, after `.`, `_` or `-`: NAME.map.png.
_MAP_MARKS: Final = ("map", "mask", "seg", "segmentation", "label", "labels", "parsing", "labelmap")
# The same of landmarks: NAME_ldmks.txt of Face Synthetics.
_POINT_MARKS: Final = ("landmarks", "ldmks", "lmks", "points", "keypoints")
_PHOTO_SUFFIXES: Final = frozenset({".jpg", ".jpeg"})
_PICTURE_SUFFIXES: Final = frozenset({".png", ".webp"})
_MAP_SUFFIXES: Final = frozenset({".tif", ".tiff", ".gif", ".bmp", ".npz", ".npy"})
_POINT_SUFFIXES: Final = frozenset({".json", ".pts", ".csv", ".txt", ".xml", ".dat", ".tsv"})

# CelebAMask-HQ and LaPa, as their authors pack them.
CELEBA_PHOTOS: Final = "CelebA-HQ-img"
CELEBA_PARTS: Final = "CelebAMask-HQ-mask-anno"
_CELEBA_OPTIONS: Final = {"label_scheme": "celebamask-hq-19"}
LAPA_SPLITS: Final = ("train", "val", "test")
_LAPA_OPTIONS: Final = {"label_scheme": "lapa-11", "landmark_scheme": "lapa-106"}

_Group = dict[str, list[str]]


def read_pairs(tree: FileTree, *, options: dict[str, Any] | None = None) -> Iterator[Entry]:
    """Yield the faces of a folder whose files belong together by their names.

    A photo's map and landmarks have its stem: beside it (`a.jpg`, `a.png`, `a.json`; `a.png`, `a.map.png`), or in
    folders named by what they hold (`images/a.jpg`, `labels/a.png`, `landmarks/a.txt`). In a folder for each face they
    are called `image`, `segmentation` and `landmarks`.
    """
    groups = _group(tree.list_paths())
    for key, group in groups.items():
        roles = _assign_roles(group)
        if roles["photo"] is None and roles["labels"] is None:
            continue  # a list, a licence, or points without what they belong to
        yield _to_entry(tree, key, roles, options or {})


def has_pairs(paths: list[str]) -> bool:
    """Whether any photo of a folder has a map or landmarks, or the folder has maps alone."""
    roles = [_assign_roles(group) for group in _group(paths).values()]
    has_photos = any(each["photo"] for each in roles)
    return any(each["labels"] or each["landmarks"] for each in roles if each["photo"] or not has_photos)


def _group(paths: list[str]) -> dict[str, _Group]:
    """Return the files by key and by what their folder or their mark says they are, in the order of the first file."""
    groups: dict[str, _Group] = {}
    for path in paths:
        folders, name = path.split("/")[:-1], path.rpartition("/")[2]
        role = ""
        for index in range(len(folders) - 1, -1, -1):
            found = next((role for role, names in _ROLES if folders[index].lower() in names), None)
            if found is not None:
                role, folders = found, folders[:index] + folders[index + 1 :]
                break
        stem = stem_of(name)
        for marked_role, marks in (("labels", _MAP_MARKS), ("landmarks", _POINT_MARKS)):
            unmarked = _unmark(stem, marks)
            if unmarked != stem and role in ("", marked_role):
                stem, role = unmarked, marked_role
                break
        if folders and not role and (named := _role_of_name(stem)) is not None:
            folders, stem, role = folders[:-1], folders[-1], named
        groups.setdefault("/".join([*folders, stem]), {}).setdefault(role, []).append(path)
    return groups


def _unmark(stem: str, marks: tuple[str, ...]) -> str:
    for mark in marks:
        if stem.lower().endswith(mark) and len(stem) > len(mark) + 1 and stem[-len(mark) - 1] in "._-":
            return stem[: -len(mark) - 1]
    return stem


def _role_of_name(stem: str) -> str | None:
    return next((role for role, names in _ROLES if stem.lower() in names), None)


def _assign_roles(group: _Group) -> dict[str, str | None]:
    """Return photo, labels and landmarks of a group: by folder and mark, else by suffix."""
    roles: dict[str, str | None] = {
        role: next(iter(group.get(role, [])), None) for role in ("photo", "labels", "landmarks")
    }
    free = group.get("", [])
    if roles["labels"] is not None and roles["photo"] is None and not free:
        # Documents in a folder of annotations are of all pictures.
        roles["labels"] = roles["labels"] if suffix_of(roles["labels"]) not in _POINT_SUFFIXES else None
    by_suffix = (("photo", _PHOTO_SUFFIXES), ("labels", _MAP_SUFFIXES), ("landmarks", _POINT_SUFFIXES))
    for role, suffixes in by_suffix:
        if roles[role] is None:
            roles[role] = next((path for path in free if suffix_of(path) in suffixes), None)
    # A PNG beside a JPEG is its map; alone it is a photo.
    for path in (path for path in free if suffix_of(path) in _PICTURE_SUFFIXES):
        missing = next((role for role in ("photo", "labels") if roles[role] is None), None)
        if missing is not None:
            roles[missing] = path
    return roles


def _to_entry(tree: FileTree, key: str, roles: dict[str, str | None], options: dict[str, Any]) -> Entry:
    photo, labels, landmarks = (roles[role] for role in ("photo", "labels", "landmarks"))
    source = f"{tree.root.rstrip('/')}/{photo or labels}"
    problem = None
    if photo is not None and labels is None and landmarks is None:
        detail = f"neither a label map nor landmarks belong to {photo}; --layout photos detects faces"
        problem = ("map_required", "labels", detail)
    photo_file, labels_file, landmarks_file = (
        None if path is None else tree.file(path) for path in (photo, labels, landmarks)
    )
    return Entry(safe_key(key), source, photo_file, labels_file, landmarks_file, options=options, problem=problem)


def read_photos(tree: FileTree) -> Iterator[Entry]:
    """Yield the photos of a folder, whose faces are detected."""
    used: set[str] = set()
    for path in tree.list_paths():
        if suffix_of(path) not in _PHOTO_SUFFIXES | _PICTURE_SUFFIXES:
            continue
        key = safe_key(stem_of(path))
        if key.casefold() in used:  # a.jpg and a.png
            key = safe_key(path)
        used.add(key.casefold())
        yield Entry(key, f"{tree.root.rstrip('/')}/{path}", photo=tree.file(path))


def is_lapa(tree: FileTree) -> bool:
    """Whether a folder is LaPa or one of its splits: its folders, and landmarks that are 106 points."""
    for split in _splits():
        if all(tree.has(f"{split}{name}") for name in ("images", "labels", "landmarks")):
            first = next(
                (path for path in tree.list_paths() if path.startswith(f"{split}landmarks/") and path.endswith(".txt")),
                None,
            )
            return first is not None and tree.file(first).read_bytes()[:8].split()[:1] == [b"106"]
    return False


def _splits() -> list[str]:
    return ["", *(f"{split}/" for split in LAPA_SPLITS)]


def read_lapa(tree: FileTree) -> Iterator[Entry]:
    """Yield the faces of LaPa: `{train,val,test}/{images,labels,landmarks}`, or of one split."""
    if not is_lapa(tree):
        detail = f"{tree.root} is no LaPa: it has no images, labels and landmarks of 106 points, nor train, val or test"
        raise make_error("option_invalid", "source", detail)
    yield from read_pairs(tree, options=_LAPA_OPTIONS)


def is_celebamask(tree: FileTree) -> bool:
    """Whether a folder is CelebAMask-HQ."""
    return tree.has(CELEBA_PARTS)


def read_celebamask(tree: FileTree) -> Iterator[Entry]:
    """Yield the faces of CelebAMask-HQ: `CelebA-HQ-img/0.jpg` and `CelebAMask-HQ-mask-anno/0/00000_skin.png`.

    The parts of a face become one label map, in the order in which the data set's own script paints them.
    """
    if not is_celebamask(tree):
        raise make_error(
            "option_invalid", "source", f"{tree.root} is no CelebAMask-HQ: it has no folder {CELEBA_PARTS}"
        )
    photos: dict[int, str] = {}
    parts: dict[int, dict[str, str]] = {}
    for path in tree.list_paths():
        folder, name = path.partition("/")[0], stem_of(path.rpartition("/")[2])
        if folder == CELEBA_PHOTOS and name.isascii() and name.isdecimal():
            photos[int(name)] = path
        elif folder == CELEBA_PARTS and suffix_of(path) == ".png":
            number, _, part = name.partition("_")
            if number.isascii() and number.isdecimal() and part in PARTS:
                parts.setdefault(int(number), {})[part] = path
    for index in sorted(photos.keys() | parts.keys()):
        photo, found = photos.get(index), parts.get(index)
        files = None if found is None else {part: tree.file(path) for part, path in found.items()}
        problem = None
        if files is None:
            problem = ("map_required", "labels", f"{CELEBA_PARTS} has no part of {photo}")
        source = f"{tree.root.rstrip('/')}/{photo or next(iter((found or {}).values()))}"
        file = None if photo is None else tree.file(photo)
        yield Entry(f"{index:05d}", source, photo=file, parts=files, options=_CELEBA_OPTIONS, problem=problem)
