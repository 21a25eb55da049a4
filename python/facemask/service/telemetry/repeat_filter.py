"""Rate limit for repeated log records of libraries."""

from __future__ import annotations

import logging
from collections import Counter
from time import monotonic

_INTERVAL_SECONDS = 60.0


class RepeatFilter(logging.Filter):
    """Passes one record per line of library code in `seconds`.

    The next one reports the number of dropped records. Our own records always pass, and so do exceptions: the line that
    logs them does not identify them.
    """

    def __init__(self, seconds: float = _INTERVAL_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        # Bounded by the lines of code that log.
        self._passed_at: dict[tuple[str, str, int], float] = {}
        self._dropped: Counter[tuple[str, str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record passes; its message may change."""
        if record.exc_info or record.name.partition(".")[0] == "facemask":
            return True
        line = (record.name, record.pathname, record.lineno)
        passed_at = self._passed_at.get(line)
        now = monotonic()
        if passed_at is not None and now < passed_at + self._seconds:
            self._dropped[line] += 1
            return False
        self._passed_at[line] = now
        if count := self._dropped.pop(line, 0):
            record.msg, record.args = f"{record.getMessage()} ({count} more like this before)", ()
        return True
