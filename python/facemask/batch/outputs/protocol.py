"""What an output does with a face, and with the records of all."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from facemask.batch.outputs.target import Target
from facemask.face_mask import FaceMask


@dataclass(frozen=True, slots=True)
class TracedEntry:
    """A traced face of a data set.

    Attributes:
        key: its name in the outputs.
        mask: the face.
        crop_jpeg: the upright crop as a JPEG file; empty without a photo.
        picture: file name of the picture that the coordinates are pixels of.
        is_sampled: whether it may be on the contact sheet.

    """

    key: str
    mask: FaceMask
    crop_jpeg: bytes
    picture: str
    is_sampled: bool = False


@dataclass(frozen=True, slots=True)
class Rendered:
    """What an output made of one face: files by path, and the record that its file of all faces needs."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    record: bytes | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The record of one face.

    Attributes:
        position: position of the face in the source, from 0; unique among shards.
        key: name of the face.
        content: what `render` returned.

    """

    position: int
    key: str
    content: bytes


# Returns the records of all faces in the order of the source, anew at each call, one at a time in memory.
Records = Callable[[], Iterator[Record]]


class Output(Protocol):
    """An output of `facemask batch`. A worker thread calls `render`; `finish` runs once, at the end."""

    @property
    def name(self) -> str: ...

    @property
    def needs_crop(self) -> bool:
        """Whether it shows the upright crop of the photo."""
        ...

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its files depend on."""
        ...

    def render(self, face: TracedEntry) -> Rendered:
        """Render a face. Raises `FacemaskError` where the format cannot hold it."""
        ...

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write the files of all faces, and return their paths.

        Args:
            target: where they go.
            records: the records of the faces.
            suffix: what their names end with, such as `-1-of-4` of a shard.

        """
        ...
