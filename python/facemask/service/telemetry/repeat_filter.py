"""Libraries that say the same again and again, such as a pool that finds no server, say it once a minute."""

from __future__ import annotations

import logging
from collections import Counter
from time import monotonic

_EVERY_SECONDS = 60.0


class RepeatFilter(logging.Filter):
    """Of what one line of a library's code says, one record passes in `seconds`; the next that passes tells how many
    did not. Our own records pass, and so do exceptions: the line that logs them says nothing of what they are.
    """

    def __init__(self, seconds: float = _EVERY_SECONDS) -> None:
        super().__init__()
        self._seconds = seconds
        # As many entries as there are lines of code that log.
        self._passed: dict[tuple[str, str, int], float] = {}
        self._held_back: Counter[tuple[str, str, int]] = Counter()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record passes; its message may change."""
        if record.exc_info or record.name.partition(".")[0] == "facemask":
            return True
        line = (record.name, record.pathname, record.lineno)
        passed = self._passed.get(line)
        now = monotonic()
        if passed is not None and now < passed + self._seconds:
            self._held_back[line] += 1
            return False
        self._passed[line] = now
        if count := self._held_back.pop(line, 0):
            record.msg, record.args = f"{record.getMessage()} ({count} more like this before)", ()
        return True
