"""The option `face`: which of several faces."""

from typing import Final

# Every face, each with a result of its own.
ALL_FACES: Final = "all"
