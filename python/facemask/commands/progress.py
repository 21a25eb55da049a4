"""Progress of a batch: a bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Callable
from typing import IO, Any, Final

from facemask.batch.run.face_task import FaceOutcome
from facemask.batch.run.runner import Progress

_SECONDS_BETWEEN_LINES: Final = 10.0
# The rate is that of about the last so many seconds, so that the time left follows a change.
_RATE_SECONDS: Final = 15.0


class Silence:
    """No progress, for `--quiet`."""

    def start(self, total: int | None) -> None:
        """Show nothing."""

    def advance(self, outcome: FaceOutcome) -> None:
        """Show nothing."""

    def finish(self) -> None:
        """Show nothing."""


class Counter:
    """Counts faces, and estimates the rate and the time left."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mark = (clock(), 0)
        self._rate = 0.0
        self.total: int | None = None
        self.faces = self.failed = self.kept = 0

    def add(self, outcome: FaceOutcome) -> None:
        """Count a face."""
        self.faces += 1
        self.failed += outcome.row.error is not None
        self.kept += outcome.is_kept

    def describe(self) -> str:
        """Return the figures as a line: `120 of 20,000, 3 failed, 180 a second, 2 min left`."""
        now = self._clock()
        since, before = self._mark
        if now - since > 0:
            self._rate = (self.faces - before) / (now - since)
        if now - since >= _RATE_SECONDS:
            self._mark = (now, self.faces)
        total = "" if self.total is None else f" of {self.total:,}"
        parts = [f"{self.faces:,}{total}", f"{self.failed:,} failed", f"{self._rate:,.1f} a second"]
        if self.kept:
            parts.insert(1, f"{self.kept:,} kept")
        if self.total is not None and self._rate > 0:
            parts.append(f"{_duration((self.total - self.faces) / self._rate)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class PlainLines:
    """A line about every ten seconds, for logs."""

    def __init__(self, stream: IO[str], clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._counter = Counter(clock)
        self._next = clock() + _SECONDS_BETWEEN_LINES

    def start(self, total: int | None) -> None:
        """Note how many faces are to come."""
        self._counter.total = total

    def advance(self, outcome: FaceOutcome) -> None:
        """Count a face, and write a line if one is due."""
        self._counter.add(outcome)
        if self._clock() >= self._next:
            self._next = self._clock() + _SECONDS_BETWEEN_LINES
            print(f"facemask: {self._counter.describe()}", file=self._stream, flush=True)

    def finish(self) -> None:
        """Write nothing: the last line is the command's."""


class Bar:
    """A bar with the figures, by rich."""

    def __init__(self, rich_progress: Any, stream: IO[str]) -> None:
        console = rich_progress.Console(file=stream)
        columns = (rich_progress.BarColumn(), rich_progress.TextColumn("{task.fields[figures]}"))
        self._bar = rich_progress.Progress(*columns, console=console, transient=True, refresh_per_second=8)
        self._task = self._bar.add_task("", total=None, figures="")
        self._counter = Counter()

    def start(self, total: int | None) -> None:
        """Show the bar; without a total it runs to and fro."""
        self._counter.total = total
        self._bar.update(self._task, total=total)
        self._bar.start()

    def advance(self, outcome: FaceOutcome) -> None:
        """Count a face."""
        self._counter.add(outcome)
        self._bar.update(self._task, advance=1, figures=self._counter.describe())

    def finish(self) -> None:
        """Remove the bar."""
        self._bar.stop()


def choose_progress(*, quiet: bool) -> Progress:
    """Return the progress for standard error: a bar on a terminal where rich is installed, else lines."""
    if quiet or sys.stderr is None:
        return Silence()
    if sys.stderr.isatty():
        try:
            from rich import progress  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            return PlainLines(sys.stderr)
        return Bar(progress, sys.stderr)
    return PlainLines(sys.stderr)
