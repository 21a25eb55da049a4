"""What a run is to do: source, options, outputs, and which part of the faces."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from facemask._core import __version__
from facemask.batch.layouts.source import Source
from facemask.batch.outputs.protocol import Output
from facemask.batch.outputs.target import LocalTarget, RemoteTarget
from facemask.batch.run.sequence_entries import Smoothing


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several parts of a data set: every `count`-th face, from face `index` on.

    Attributes:
        index: 1 to `count`.
        count: number of parts.

    """

    index: int = 1
    count: int = 1

    def has(self, position: int) -> bool:
        """Whether the face at a position of the source is in this part."""
        return position % self.count == self.index - 1

    @property
    def suffix(self) -> str:
        """What names of files of all faces end with: nothing where there is one part."""
        return "" if self.count == 1 else f"-{self.index}-of-{self.count}"

    def size(self, total: int) -> int:
        """Return the number of this part's faces of `total`."""
        return max(0, -((self.index - 1 - total) // self.count))


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is to do.

    Attributes:
        source: the data set.
        target: where outputs go.
        journal: file of the journal.
        outputs: the outputs.
        options: options of every trace.
        workers: number of threads.
        shard: which part.
        limit: most faces, or None.
        resume: whether faces that are done are kept.
        retry_errors: whether faces that failed are traced again.
        smoothing: the filter where the faces are frames of one face in order, or None.

    """

    source: Source
    target: LocalTarget | RemoteTarget
    journal: Path
    outputs: Sequence[Output]
    options: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    shard: Shard = field(default_factory=Shard)
    limit: int | None = None
    resume: bool = True
    retry_errors: bool = False
    smoothing: Smoothing | None = None

    def described_options(self) -> dict[str, Any]:
        """Return the options as JSON has them: a parser by the name of its file and the hash of what it depends on."""
        described = dict(self.options)
        if (parser := described.get("parser")) is not None:
            described["parser"] = {"file": parser.path.name, "sha256": parser.digest().hex()}
        if self.smoothing is not None:
            described["sequence"] = asdict(self.smoothing)
        return described

    def options_digest(self) -> bytes:
        """Return 16 bytes of a hash of all that a result depends on but the face's own files."""
        outputs = {output.name: dict(output.describe()) for output in self.outputs}
        described = [__version__, self.source.layout, self.described_options(), outputs]
        text = json.dumps(described, sort_keys=True, default=repr)
        return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()

    def total(self) -> int | None:
        """Return the number of faces, where the source tells it without being read."""
        total = self.source.count()
        if total is None:
            return None
        size = self.shard.size(total)
        return size if self.limit is None else min(size, self.limit)
