"""One face of a data set: where its files are, and what they hold."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from facemask.decoding import is_label_map
from facemask.label_maps.files import PARTS, PartFile, paint_parts
from facemask.landmarks import Faces, read_landmarks
from facemask.validation import make_error

# A file with a name and a content, such as `pathlib.Path`.
ReadableFile: TypeAlias = PartFile


@dataclass(frozen=True, slots=True)
class MemoryFile:
    """A file whose content is in memory, such as a member of an archive."""

    name: str
    content: bytes

    def read_bytes(self) -> bytes:
        """Return the content."""
        return self.content


@dataclass(frozen=True, slots=True)
class Entry:
    """One face of a data set.

    Attributes:
        key: name of the face in the outputs: a relative path without a suffix.
        source: what messages call it.
        photo, labels, landmarks: its files, or None.
        parts: files of the parts of CelebAMask-HQ by part, in place of `labels`.
        points: landmarks that the data set itself holds, in any form of `read_landmarks`, in place of `landmarks`.
        masks: label map as an array that the data set itself holds, in place of `labels`.
        options: options of the trace that the layout knows, such as the label scheme.
        problem: why the face cannot be read, as (code, field, detail).

    """

    key: str
    source: str
    photo: ReadableFile | None = None
    labels: ReadableFile | None = None
    landmarks: ReadableFile | None = None
    parts: Mapping[str, ReadableFile] | None = None
    points: Any = None
    masks: bytes | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    problem: tuple[str, str, str] | None = None

    def name_picture(self, frame: str) -> str:
        """Return the file name of the picture that coordinates of a frame are pixels of: the crop, or the photo."""
        if frame != "image":
            return f"{self.key}.jpg"
        return self.photo.name.replace("\\", "/").rpartition("/")[2] if self.photo else f"{self.key}.png"

    def load(self) -> LoadedEntry:
        """Read the files.

        Raises:
            FacemaskError: that of `problem`; `image_unsupported`, `map_unsupported` or `landmarks_invalid` for a file
                that cannot be read.

        """
        if self.problem is not None:
            raise make_error(*self.problem)
        image = _read(self.photo, "image_unsupported", "image")
        labels = self.masks if self.masks is not None else _read(self.labels, "map_unsupported", "labels")
        landmarks = _read(self.landmarks, "landmarks_invalid", "landmarks")
        parts = None
        if self.parts is not None:
            files = ((part, self.parts[part]) for part in PARTS if part in self.parts)
            parts = {
                part: MemoryFile(file.name, _read(file, "map_unsupported", "labels") or b"") for part, file in files
            }
        return LoadedEntry(image, labels, landmarks, parts, self.points, self.options)


@dataclass(frozen=True, slots=True)
class LoadedEntry:
    """The contents of the files of an entry, and the options that its layout knows."""

    image: bytes | None
    labels: bytes | None
    landmarks: bytes | None
    parts: Mapping[str, MemoryFile] | None
    points: Any
    options: Mapping[str, Any]

    def digest(self) -> bytes:
        """Return 16 bytes of a BLAKE2 hash of all contents (RFC 7693), and of the options."""
        hasher = hashlib.blake2b(repr(sorted(self.options.items())).encode(), digest_size=16)
        parts = sorted((self.parts or {}).items())
        contents = [self.image, self.labels, self.landmarks, repr(self.points).encode() if self.points else None]
        for content in (*contents, *(part for name, file in parts for part in (name.encode(), file.content))):
            # The length before each, so that contents cannot run into one another.
            hasher.update(b"-" if content is None else f"{len(content)}:".encode())
            hasher.update(content or b"")
        return hasher.digest()

    def to_item(self, source: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the item of `trace_many`."""
        labels: Any = self.labels
        if self.parts is not None:
            labels = _encode_array(paint_parts(self.parts))
        landmarks: bytes | Faces | None = self.landmarks
        is_alone = labels is None and self.landmarks is not None and self.image is not None
        # JSON beside a photo is landmarks, or a document of labelme or COCO.
        if is_alone and is_label_map(self.landmarks or b"", self.image or b""):
            labels, landmarks = self.landmarks, None
        if self.points is not None:
            landmarks = read_landmarks(self.points)
        given = {"labels": labels, "landmarks": landmarks, "image": self.image}
        return {**options, "source": source, **{name: value for name, value in given.items() if value is not None}}


def _encode_array(ids: NDArray[np.uint8]) -> bytes:
    """Return a label map as the content of a `.npy` file, which costs a copy and nothing else."""
    stream = io.BytesIO()
    np.save(stream, ids)
    return stream.getvalue()


def _read(file: ReadableFile | None, code: str, name: str) -> bytes | None:
    if file is None:
        return None
    try:
        return file.read_bytes()
    except Exception as error:  # noqa: BLE001 - a remote file system raises errors of its own
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        raise make_error(code, name, f"{file.name} cannot be read: {reason}") from None
