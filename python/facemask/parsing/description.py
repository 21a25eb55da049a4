"""The description of a parser: a TOML file beside the network, which says all that the network does not.

docs/parsers.md lists every entry. Nothing is guessed: a wrong guess gives a label map that looks almost right.
"""

import math
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from facemask._core import label_schemes
from facemask.validation import make_error, short_repr

T = TypeVar("T")

_MAX_SIDE: Final = 4096
_MAX_BYTES: Final = 65_536
_MAX_CLASSES: Final = 256
_MAX_NAME: Final = 100
LAYOUTS: Final = ("NCHW", "NHWC")
# What the network returns for each pixel; of `labels` the output has no axis of classes.
VALUES: Final = ("logits", "probabilities", "labels")
_CROPS: Final = ("face", "ffhq", "arcface", "none")
_CHANNELS: Final = 3
_MAX_MARGIN: Final = 10.0


@dataclass(frozen=True, slots=True)
class ParserDescription:
    """What a network expects and returns.

    Attributes:
        width, height: size of the input in pixels.
        layout: axes of the input, `NCHW` or `NHWC`.
        channels: order of the channels, `RGB` or `BGR`.
        maximum: value of a full channel before `mean` and `std`, usually 1 or 255.
        mean, std: subtracted from each channel, and dividing it after that, in the order of `channels`.
        crop: the part of the photo that the network sees, as of the option `crop`.
        crop_margin: left, top, right and bottom margins of the crop `face`, as of the option; None for its default.
        output: name of the output.
        values: `logits`, `probabilities` or `labels`.
        output_layout: axes of the output; of labels those without the classes.
        stride: pixels of the input for each pixel of the output.
        scheme: label scheme, or `custom`.
        names: name of each label.

    """

    width: int
    height: int
    layout: str
    channels: str
    maximum: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    crop: str
    crop_margin: tuple[float, float, float, float] | None
    output: str
    values: str
    output_layout: str
    stride: int
    scheme: str
    names: tuple[str, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check a description.

        Raises:
            FacemaskError: `model_missing` where the file is not there, `model_invalid` with file and entry.

        """
        entries = _read_file(path)
        sections = {name: _section(path, entries, name) for name in ("input", "output", "labels")}
        _check_names(path, "", entries, sections)
        section = _Section(path, "input", sections["input"])
        values: dict[str, Any] = {
            "width": section.whole("width", 1, _MAX_SIDE),
            "height": section.whole("height", 1, _MAX_SIDE),
            "layout": section.choice("layout", LAYOUTS),
            "channels": section.choice("channels", ("RGB", "BGR")),
            "maximum": section.take("maximum", "a number above 0, such as 1 or 255", _positive),
            "mean": section.take("mean", "three numbers, one for each channel", _three),
            "std": section.take("std", "three numbers above 0, one for each channel", _three_positive),
            "crop": section.choice("crop", _CROPS),
            "crop_margin": None,
        }
        if values["crop"] == "face" and "crop_margin" in section.entries:
            rule = f"one number from 0 to {_MAX_MARGIN:g}, or left, top, right and bottom"
            values["crop_margin"] = section.take("crop_margin", rule, _margin)
        section.check_all_taken()
        section = _Section(path, "output", sections["output"])
        values |= {
            "output": section.take("name", "the name of an output", _text),
            "values": section.choice("values", VALUES),
            "stride": section.whole("stride", 1, 64),
            "output_layout": "NHW",
        }
        if values["values"] != "labels":
            values["output_layout"] = section.choice("layout", LAYOUTS)
        section.check_all_taken()
        for side in ("width", "height"):
            if values[side] % values["stride"]:
                raise section.error("stride", f"a divisor of the {side}, {values[side]}", values["stride"])
        section = _Section(path, "labels", sections["labels"])
        values |= dict(zip(("scheme", "names"), _labels(section), strict=True))
        section.check_all_taken()
        return cls(**values)

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """Shape of the input."""
        if self.layout == "NCHW":
            return 1, _CHANNELS, self.height, self.width
        return 1, self.height, self.width, _CHANNELS

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output."""
        rows, columns = self.height // self.stride, self.width // self.stride
        if self.output_layout == "NHW":
            return 1, rows, columns
        return (
            (1, len(self.names), rows, columns) if self.output_layout == "NCHW" else (1, rows, columns, len(self.names))
        )


class _Section:
    """A table of the file. Each entry that is taken is checked; the others are unknown."""

    def __init__(self, path: Path, name: str, entries: dict[str, Any]) -> None:
        self.entries = entries
        self._path = path
        self._name = name
        self._taken: set[str] = set()

    def take(self, name: str, rule: str, convert: Callable[[Any], T | None]) -> T:
        """Return a converted entry. `convert` returns None for an invalid value."""
        self._taken.add(name)
        if name not in self.entries:
            raise _error(self._path, f"{self._name}.{name}", f"is missing; it is {rule}")
        converted = convert(self.entries[name])
        if converted is None:
            raise self.error(name, rule, self.entries[name])
        return converted

    def choice(self, name: str, known: Iterable[str]) -> str:
        return self.take(name, " or ".join(known), lambda value: next((each for each in known if each == value), None))

    def whole(self, name: str, least: int, most: int) -> int:
        def convert(value: Any) -> int | None:
            return value if type(value) is int and least <= value <= most else None

        return self.take(name, f"a whole number from {least} to {most}", convert)

    def error(self, name: str, rule: str, value: object) -> Exception:
        return _error(self._path, f"{self._name}.{name}", f"must be {rule}, got {short_repr(value)}")

    def check_all_taken(self) -> None:
        _check_names(self._path, f"{self._name}.", self.entries, self._taken)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        detail = f"{path} is missing: the description of the network beside it, which docs/parsers.md explains"
        raise make_error("model_missing", "parser", detail) from None
    except OSError as error:
        raise make_error("model_missing", "parser", f"{path} cannot be read: {error.strerror or error}") from None
    if len(data) > _MAX_BYTES:
        raise make_error("model_invalid", "parser", f"{path} has more than {_MAX_BYTES:,} bytes; is it a description?")
    try:
        return tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise make_error("model_invalid", "parser", f"{path} is no TOML: {error}") from None


def _section(path: Path, entries: dict[str, Any], name: str) -> dict[str, Any]:
    section = entries.get(name)
    if not isinstance(section, dict):
        raise _error(path, name, f"is missing; it is a table: [{name}]")
    return section


def _check_names(path: Path, prefix: str, entries: Iterable[str], known: Iterable[str]) -> None:
    for name in entries:
        if name not in known:
            raise _error(path, f"{prefix}{name}", f"is not known; known are {', '.join(sorted(known))}")


def _labels(section: _Section) -> tuple[str, tuple[str, ...]]:
    """Return the label scheme and the names of its labels."""
    schemes = label_schemes()
    if "names" in section.entries and "scheme" in section.entries:
        raise section.error("names", "left out beside labels.scheme, which has names", section.entries["names"])
    if "names" in section.entries:
        return "custom", section.take("names", f"2 to {_MAX_CLASSES} different names in the order of the ids", _names)
    known = ", ".join(schemes)
    scheme = section.take(
        "scheme",
        f"one of {known}; or take labels.names, a list of names, in its place",
        lambda value: value if isinstance(value, str) and value in schemes else None,
    )
    return scheme, tuple(schemes[scheme])


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]


def _positive(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and number > 0 else None


def _share(value: object) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= _MAX_MARGIN else None


def _three(value: object) -> tuple[float, ...] | None:
    return _numbers(value, _number, (_CHANNELS,))


def _three_positive(value: object) -> tuple[float, ...] | None:
    return _numbers(value, _positive, (_CHANNELS,))


def _margin(value: object) -> tuple[float, ...] | None:
    numbers = _numbers(value if isinstance(value, list) else [value], _share, (1, 4))
    return numbers * 4 if numbers is not None and len(numbers) == 1 else numbers


def _numbers(
    value: object, convert: Callable[[object], float | None], counts: tuple[int, ...]
) -> tuple[float, ...] | None:
    if not isinstance(value, list) or len(value) not in counts:
        return None
    numbers = [convert(number) for number in value]
    return tuple(number for number in numbers if number is not None) if None not in numbers else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _names(value: object) -> tuple[str, ...] | None:
    is_list = isinstance(value, list) and 2 <= len(value) <= _MAX_CLASSES
    if not is_list or not all(isinstance(name, str) and 0 < len(name) <= _MAX_NAME for name in value):  # type: ignore[attr-defined]
        return None
    return tuple(value) if len(set(value)) == len(value) else None  # type: ignore[arg-type, call-overload]


def _error(path: Path, entry: str, rule: str) -> Exception:
    return make_error("model_invalid", "parser", f"{path}: {entry} {rule}")
