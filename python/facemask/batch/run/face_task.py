"""One face of a run: read, compare with the journal, trace, render, write. Runs in a worker thread."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from facemask.batch.item import describe_error, trace_item
from facemask.batch.layouts.entry import Entry
from facemask.batch.outputs.protocol import Output, TracedEntry
from facemask.batch.outputs.target import Target, TargetError
from facemask.batch.run.journal import FaceRow


@dataclass(frozen=True, slots=True)
class FaceTask:
    """A face that is to be done.

    Attributes:
        position: its position in the source.
        entry: its files.
        known: what the journal knows of it.
        is_sampled: whether it may be on the contact sheet.

    """

    position: int
    entry: Entry
    known: FaceRow | None
    is_sampled: bool


@dataclass(frozen=True, slots=True)
class FaceOutcome:
    """What became of a face.

    Attributes:
        row: its row of the journal.
        was_known: whether the journal knew it before.
        is_kept: whether it was done before.
        records: records by output.

    """

    row: FaceRow
    was_known: bool = False
    is_kept: bool = False
    records: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FaceWorker:
    """Does the faces of a run. Threads share it."""

    target: Target
    outputs: Sequence[Output]
    options: Mapping[str, Any]
    options_digest: bytes
    resume: bool
    retry_errors: bool
    needs_crop: bool

    def __call__(self, task: FaceTask) -> FaceOutcome:
        """Do a face. Every error of the face becomes its row.

        Raises:
            TargetError: the outputs cannot be written.

        """
        start = time.perf_counter()
        entry, was_known = task.entry, task.known is not None
        row = FaceRow(entry.key, task.position, entry.source, b"", self.options_digest)
        try:
            loaded = entry.load()
            row = replace(row, digest=loaded.digest())
            if self._is_done(task.known, row):
                return FaceOutcome(row, was_known=True, is_kept=True)
            options = dict(entry.options) | ({"crop_image": True} if self.needs_crop and loaded.image else {})
            mask, crop = trace_item(loaded.to_item(entry.source, options), self.options)
            face = TracedEntry(entry.key, mask, crop, self._name_picture(entry), task.is_sampled)
            rendered = {output.name: output.render(face) for output in self.outputs}
            row = replace(row, warnings=[warning["code"] for warning in mask.warnings])
        except Exception as error:  # noqa: BLE001 - one face must not end the others
            described = describe_error(error)
            digest = row.digest or hashlib.blake2b(repr(described).encode(), digest_size=16).digest()
            row = replace(row, digest=digest, error=described)
            if self._is_done(task.known, row):
                return FaceOutcome(row, was_known=True, is_kept=True)
            self._remove_stale(task.known, ())
            return FaceOutcome(replace(row, seconds=time.perf_counter() - start), was_known)
        files = {path: content for each in rendered.values() for path, content in each.files.items()}
        for path, content in files.items():
            self.target.write(path, content)
        self._remove_stale(task.known, files)
        records = {name: each.record for name, each in rendered.items() if each.record is not None}
        row = replace(row, files=list(files), seconds=time.perf_counter() - start)
        return FaceOutcome(row, was_known, records=records)

    def _is_done(self, known: FaceRow | None, row: FaceRow) -> bool:
        if known is None or not self.resume or (known.digest, known.options) != (row.digest, row.options):
            return False
        if known.error is not None:
            return not self.retry_errors
        return row.error is None and all(self.target.has(path) for path in known.files)

    def _remove_stale(self, known: FaceRow | None, files: Mapping[str, bytes] | Sequence[str]) -> None:
        """Remove files that an earlier run made of this face, and that are not made any more."""
        for path in known.files if known is not None else ():
            if path not in files:
                try:
                    self.target.remove(path)
                except OSError as error:
                    raise TargetError(f"{path} cannot be removed: {error.strerror}") from None

    def _name_picture(self, entry: Entry) -> str:
        frame = self.options.get("frame", "crop")
        has_crops = frame != "image" and any(each.name == "crops" for each in self.outputs)
        return f"crops/{entry.name_picture(frame)}" if has_crops else entry.name_picture(frame)
