"""`report.json`: what became of the faces of a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from facemask._core import __version__
from facemask.batch.outputs.json_array import write_array
from facemask.batch.outputs.target import Target
from facemask.batch.run.journal import FaceRow, Journal
from facemask.formats.json import encode_json

_SLOWEST: Final = 10


@dataclass(slots=True)
class Summary:
    """The figures of a run.

    Attributes:
        done: faces that are done, those of earlier runs too.
        failed: faces that failed, those of earlier runs too.
        kept: of both, those that an earlier run had done.
        retraced: faces of earlier runs that were traced again, because their files or the options have changed.
        seconds: time of this run.
        files: files of all faces.
        problems: outputs that could not be finished: name, code, field and detail.

    """

    done: int = 0
    failed: int = 0
    kept: int = 0
    retraced: int = 0
    seconds: float = 0.0
    files: list[str] = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)


def write_report(target: Target, path: str, journal: Journal, summary: Summary, options: Mapping[str, Any]) -> None:
    """Write the report; the failures one at a time.

    Raises:
        TargetError: it cannot be written.

    """
    head = {
        "facemask": __version__,
        "options": dict(options),
        "done": summary.done,
        "failed": summary.failed,
        "kept": summary.kept,
        "retraced": summary.retraced,
        "seconds": round(summary.seconds, 3),
        "errors": journal.count_codes(),
        "warnings": journal.count_warnings(),
        "files": summary.files,
        "problems": summary.problems,
        "slowest": [{"key": row.key, "source": row.source, "seconds": round(row.seconds, 4)} for row in _slow(journal)],
    }
    with target.stream(path) as file:
        file.write(encode_json(head)[:-1] + b',\n"failures":')
        write_array(file, map(_describe, journal.failures()))
        file.write(b"}\n")


def _slow(journal: Journal) -> Iterable[FaceRow]:
    return journal.slowest(_SLOWEST)


def _describe(row: FaceRow) -> dict[str, str]:
    code, name, detail = row.error or ("", "", "")
    return {"key": row.key, "source": row.source, "code": code, "field": name, "detail": detail}
