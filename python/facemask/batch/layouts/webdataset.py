"""Layout of WebDataset: tar archives, read in order and never unpacked.

Consecutive members of one name up to the first dot are one sample, as the WebDataset format has it:
https://github.com/webdataset/webdataset#the-webdataset-format
"""

import tarfile
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from facemask.batch.layouts.entry import Entry, MemoryFile
from facemask.batch.layouts.file_tree import FileTree
from facemask.batch.layouts.keys import safe_key
from facemask.landmark_file import decode_landmark_file
from facemask.validation import is_facemask_error

SUFFIXES: Final = (".tar", ".tar.gz", ".tgz")
_MAX_MEMBER_BYTES: Final = 256 * 2**20
_PHOTOS: Final[Sequence[str]] = ("jpg", "jpeg", "webp", "photo.png", "image.png", "image.jpg", "image.webp")
_MAPS: Final = tuple(
    f"{name}.{suffix}"
    for name in ("map", "mask", "seg", "segmentation", "label", "labels", "parsing")
    for suffix in ("png", "webp", "tif", "tiff", "npy", "npz")
)
_LOOSE_MAPS: Final[Sequence[str]] = ("png", "tif", "tiff", "npy", "npz", "seg", "mask")
_POINTS: Final[Sequence[str]] = (
    "landmarks.json",
    "keypoints.json",
    "points.json",
    "landmarks.npy",
    "pts",
    "landmarks.txt",
    "csv",
)
_LOOSE_POINTS: Final[Sequence[str]] = ("json", "txt")


def read_shards(tree: FileTree, shards: Sequence[str]) -> Iterator[Entry]:
    """Yield the samples of archives that have a photo or a label map.

    An archive that is damaged yields what stands before the damage, and then an entry that says so.
    """
    for shard in shards:
        name = shard
        for suffix in SUFFIXES:
            name = name.removesuffix(suffix)
        try:
            with tree.open(shard) as file, tarfile.open(fileobj=file, mode="r|*") as archive:
                yield from _read_samples(archive, safe_key(name), f"{tree.root.rstrip('/')}/{shard}")
        except (tarfile.TarError, EOFError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            problem = ("map_corrupt", "source", f"the archive cannot be read to its end: {reason}")
            yield Entry(f"{safe_key(name)}/(archive)", f"{tree.root.rstrip('/')}/{shard}", problem=problem)


def _read_samples(archive: tarfile.TarFile, name: str, source: str) -> Iterator[Entry]:
    files = (member for member in _members(archive) if member.isfile() and not _base(member.name).startswith("."))
    samples = ((sample, dict(_read_members(archive, members))) for sample, members in groupby(files, _sample_of))
    for sample, contents in samples:
        files_by_role = _assign(contents)
        if files_by_role is not None:
            photo, labels, landmarks, problem = files_by_role
            key = f"{name}/{safe_key(sample)}"
            yield Entry(key, f"{source}/{sample}", photo, labels, landmarks, problem=problem)


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the members; `tarfile` keeps a list of all that were read, also of a stream."""
    while (member := archive.next()) is not None:
        archive.members = []  # type: ignore[attr-defined]
        yield member


def _base(path: str) -> str:
    return path.rpartition("/")[2]


def _sample_of(member: tarfile.TarInfo) -> str:
    folder, slash, name = member.name.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def _read_members(archive: tarfile.TarFile, members: Iterator[tarfile.TarInfo]) -> Iterator[tuple[str, bytes | None]]:
    """Yield extension and content of the members of a sample; None for one that is too large."""
    for member in members:
        extension = _base(member.name).partition(".")[2].lower()
        file = archive.extractfile(member) if member.size <= _MAX_MEMBER_BYTES else None
        yield extension, None if file is None else file.read()


_Roles = tuple[MemoryFile | None, MemoryFile | None, MemoryFile | None, tuple[str, str, str] | None]


def _assign(contents: dict[str, bytes | None]) -> _Roles | None:
    """Return photo, map, landmarks and problem of a sample; None for one that has neither photo nor map."""
    photo = next((name for name in _PHOTOS if name in contents), None)
    labels = next((name for name in _MAPS if name in contents), None)
    loose = [name for name in _LOOSE_MAPS if name in contents]
    if labels is None and (photo is not None or "png" not in loose):
        labels = next(iter(loose), None)
    if photo is None and labels != "png" and "png" in loose:
        photo = "png"
    if photo is None and labels is None:
        return None
    points = next((name for name in _POINTS if name in contents), None)
    if points is None:
        points = next((name for name in _LOOSE_POINTS if name in contents and _holds_points(contents[name])), None)
    chosen = [name for name in (photo, labels, points) if name is not None]
    problem = None
    if (large := next((name for name in chosen if contents[name] is None), None)) is not None:
        problem = ("map_too_large", large, f"the member has more than {_MAX_MEMBER_BYTES} bytes")
    elif labels is None and points is None:
        detail = f"neither a label map nor landmarks belong to this photo; its members are {', '.join(contents)}"
        problem = ("map_required", "labels", detail)
    files = (None if name is None else MemoryFile(name, contents[name] or b"") for name in (photo, labels, points))
    return *files, problem  # type: ignore[return-value]


def _holds_points(content: bytes | None) -> bool:
    """Whether a file of any text holds landmarks: `json` is the extension of all kinds of data in such archives."""
    try:
        return content is not None and not decode_landmark_file(content).is_empty
    except ValueError as error:
        if not is_facemask_error(error):
            raise
        return False
