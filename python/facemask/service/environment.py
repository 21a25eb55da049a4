"""Environment variables as typed values.

Every error names the variable, its value and the rule it breaks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

D = TypeVar("D")
V = TypeVar("V")

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_MAX_CHARACTERS = 100
_MAX_DIGITS = 18  # fits the compiled module's 64 bits


class SettingsError(ValueError):
    """A setting has an unusable value.

    The message names the variable, the value and the rule.
    """

    def __init__(self, name: str, value: str, rule: str) -> None:
        super().__init__(f"{name}={value!r}: {rule}")


class Environment:
    """Reads variables by type.

    Every method returns its default when the variable is unset or empty.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def parsed(self, name: str, default: D, parse: Callable[[str], V | None], rule: str) -> D | V:
        """Return what `parse` makes of the text; None breaks the rule.

        Raises `SettingsError`.
        """
        text = self._variables.get(name, "").strip()
        if not text:
            return default
        value = parse(text)
        if value is None:
            raise SettingsError(name, text, rule)
        return value

    def parsed_secret(self, name: str, default: D, parse: Callable[[str], D | None], rule: str) -> D:
        """As `parsed`, but no message shows the text."""
        try:
            return self.parsed(name, default, parse, rule)
        except SettingsError:
            raise SettingsError(name, "...", rule) from None

    def text(self, name: str, default: str) -> str:
        """Return one line of text, 100 characters at most."""
        rule = f"must be one line of at most {_MAX_CHARACTERS} printable characters"
        return self.parsed(
            name, default, lambda text: text if text.isprintable() and len(text) <= _MAX_CHARACTERS else None, rule
        )

    def secret(self, name: str) -> str:
        """Return a text as it is; no message shows it."""
        return self._variables.get(name, "")

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return a truth value."""
        values = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)
        return self.parsed(name, default, lambda text: values.get(text.lower()), "must be true or false")

    def choice(self, name: str, default: D, values: Mapping[str, D]) -> D:
        """Return the value of one of some names, case-insensitive."""
        rule = f"must be {' or '.join(values)}"
        return self.parsed(name, default, lambda text: values.get(text.lower()), rule)

    def integer(self, name: str, default: D, *, minimum: int = 1, maximum: int = 10**_MAX_DIGITS) -> D | int:
        """Return a whole number within its bounds."""

        def parse(text: str) -> int | None:
            is_valid = (
                text.isascii() and text.isdecimal() and len(text) <= _MAX_DIGITS and minimum <= int(text) <= maximum
            )
            return int(text) if is_valid else None

        bound = "" if maximum == 10**_MAX_DIGITS else f", at most {maximum}"
        return self.parsed(name, default, parse, f"must be a whole number, at least {minimum}{bound}")

    def number(self, name: str, default: float, unit: str, *, above: float | None = None) -> float:
        """Return a number that is not negative, fractions allowed."""

        def parse(text: str) -> float | None:
            try:
                value = float(text)
            except ValueError:
                return None
            is_valid = math.isfinite(value) and (value >= 0 if above is None else value > above)
            return value if is_valid else None

        bound = ", 0 or more" if above is None else f" above {above:g}"
        return self.parsed(name, default, parse, f"must be a number of {unit}{bound}")

    def seconds(self, name: str, default: float, *, above_zero: bool = False, above: float = 0.0) -> float:
        """Return a duration, fractions allowed.

        It is greater than `above`; 0 is allowed unless `above_zero`.
        """
        return self.number(name, default, "seconds", above=above if above_zero or above else None)
