"""The journal of a run: one row for each face, in an SQLite database, with the records of the outputs.

SQLite commits a row with its records or neither, also where the process is killed, and finds a key without a list of
all in memory. Files of all faces are written from it at the end, in the order of the source.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from facemask.batch.outputs.protocol import Record
from facemask.batch.outputs.target import TargetError
from facemask.validation import make_error

_VERSION: Final = 2
# Rows between commits: a kill costs at most so many faces, and a commit far less than they do.
_ROWS_PER_COMMIT: Final = 64
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS faces (
    key TEXT PRIMARY KEY, position INTEGER NOT NULL, run INTEGER NOT NULL, source TEXT NOT NULL,
    digest BLOB NOT NULL, options BLOB NOT NULL, files TEXT NOT NULL, warnings TEXT NOT NULL,
    seconds REAL NOT NULL, code TEXT, field TEXT, detail TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
    output TEXT, key TEXT, content BLOB NOT NULL, PRIMARY KEY (output, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (run INTEGER PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class FaceRow:
    """What the journal knows of a face.

    Attributes:
        key: its name.
        position: its position in the source.
        source: what messages call it.
        digest: hash of its input.
        options: hash of the options.
        files: paths of its files.
        warnings: codes of its warnings.
        seconds: time of the trace.
        error: code, field and detail, or None.
        run: number of the run that came by it last.

    """

    key: str
    position: int
    source: str
    digest: bytes
    options: bytes
    files: Sequence[str] = ()
    warnings: Sequence[str] = ()
    seconds: float = 0.0
    error: tuple[str, str, str] | None = None
    run: int = 0


@dataclass(slots=True)
class Journal:
    """The open journal. One thread uses it.

    Attributes:
        run: number of this run, from 1.

    """

    _connection: sqlite3.Connection
    run: int = 0
    _pending: int = field(default=0)

    @classmethod
    @contextmanager
    def open(cls, path: Path, *, fresh: bool = False) -> Iterator["Journal"]:
        """Open a journal for one run, which no other process can meanwhile.

        Args:
            path: the database's file.
            fresh: whether what it holds is forgotten.

        Raises:
            FacemaskError: `option_invalid`, field `journal`, where another run has it open, or it is no journal.
            TargetError: the disk is full.

        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TargetError(f"{path.parent} cannot be written: {error.strerror}") from None
        with _explained(path), closing(sqlite3.connect(path, timeout=0.2, isolation_level=None)) as connection:
            journal = cls(connection)
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # A rollback journal needs no shared memory, which network disks lack.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("BEGIN EXCLUSIVE")
            journal._prepare(path, fresh=fresh)
            try:
                yield journal
            except BaseException:
                with suppress(sqlite3.Error):  # such as a full disk, which the error says already
                    journal.commit()
                raise
            journal.commit()

    def _prepare(self, path: Path, *, fresh: bool) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if fresh:
            for table in ("faces", "records", "runs"):
                self._connection.execute(f"DROP TABLE IF EXISTS {table}")
        elif version not in (0, _VERSION):
            raise make_error("option_invalid", "journal", f"{path} was written by another version; use --no-resume")
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {_VERSION}")
        self.run = self._connection.execute("INSERT INTO runs DEFAULT VALUES").lastrowid or 0
        self._connection.execute("DELETE FROM runs WHERE run < ?", (self.run,))

    def commit(self) -> None:
        """Keep all rows, whatever happens next."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")
        self._pending = 0

    def find(self, key: str) -> FaceRow | None:
        """Return the row of a face."""
        found = self._connection.execute("SELECT * FROM faces WHERE key = ?", (key,)).fetchone()
        return None if found is None else _to_row(found)

    def put(self, row: FaceRow, records: Mapping[str, bytes], *, is_new: bool = False) -> None:
        """Store a face that was traced or failed, with its records by output; a new one has no records before."""
        code, name, detail = row.error or (None, None, None)
        texts = (json.dumps(row.files), json.dumps(row.warnings))
        values = (row.key, row.position, self.run, row.source, row.digest, row.options, *texts, row.seconds)
        self._connection.execute(
            "INSERT OR REPLACE INTO faces VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, code, name, detail)
        )
        if not is_new:
            self._connection.execute("DELETE FROM records WHERE key = ?", (row.key,))
        self._connection.executemany(
            "INSERT INTO records VALUES (?, ?, ?)", ((output, row.key, content) for output, content in records.items())
        )
        self._count()

    def keep(self, key: str, position: int) -> None:
        """Note that a face is in this run as it was before."""
        self._connection.execute("UPDATE faces SET run = ?, position = ? WHERE key = ?", (self.run, position, key))
        self._count()

    def _count(self) -> None:
        self._pending += 1
        if self._pending >= _ROWS_PER_COMMIT:
            self.commit()

    def records(self, output: str) -> Callable[[], Iterator[Record]]:
        """Return a function that yields the records of this run's faces, in the order of the source."""
        query = """SELECT position, faces.key, content FROM faces JOIN records ON records.key = faces.key
            WHERE output = ? AND run = ? AND code IS NULL ORDER BY position"""

        def read() -> Iterator[Record]:
            for position, key, content in self._connection.execute(query, (output, self.run)):
                yield Record(position, key, content)

        return read

    def failures(self) -> Iterator[FaceRow]:
        """Yield the faces of this run that failed, in the order of the source."""
        query = "SELECT * FROM faces WHERE run = ? AND code IS NOT NULL ORDER BY position"
        return map(_to_row, self._connection.execute(query, (self.run,)))

    def slowest(self, count: int) -> list[FaceRow]:
        """Return the faces of this run that took longest, whenever they were traced."""
        query = "SELECT * FROM faces WHERE run = ? ORDER BY seconds DESC, position LIMIT ?"
        return [_to_row(found) for found in self._connection.execute(query, (self.run, count))]

    def count_codes(self) -> dict[str, int]:
        """Return the number of this run's faces by code of their error."""
        query = "SELECT code, COUNT(*) FROM faces WHERE run = ? AND code IS NOT NULL GROUP BY code ORDER BY code"
        return dict(self._connection.execute(query, (self.run,)))

    def count_warnings(self) -> dict[str, int]:
        """Return the number of this run's faces by code of their warnings."""
        query = """SELECT value, COUNT(*) FROM faces, json_each(warnings) WHERE run = ? AND code IS NULL
            GROUP BY value ORDER BY value"""
        return dict(self._connection.execute(query, (self.run,)))

    def count_faces(self) -> tuple[int, int]:
        """Return how many faces of this run are done, and how many failed."""
        query = "SELECT COUNT(*) - COUNT(code), COUNT(code) FROM faces WHERE run = ?"
        done, failed = self._connection.execute(query, (self.run,)).fetchone()
        return int(done), int(failed)


def _to_row(found: Sequence[Any]) -> FaceRow:
    key, position, run, source, digest, options, files, warnings, seconds, code, name, detail = found
    error = None if code is None else (code, name, detail)
    texts = (json.loads(files), json.loads(warnings))
    return FaceRow(key, position, source, digest, options, *texts, seconds, error, run)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn errors of SQLite into ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise make_error("option_invalid", "journal", f"another run has {path} open") from None
        raise TargetError(f"{path} cannot be written: {error}") from None
    except sqlite3.DatabaseError as error:
        raise make_error("option_invalid", "journal", f"{path} is no journal of facemask batch: {error}") from None
