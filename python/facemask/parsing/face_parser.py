"""FaceParser: a network that labels each pixel of a face, for `trace_face` and `trace_photo`."""

from functools import lru_cache
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Final

from facemask import _core
from facemask.parsing.description import ParserDescription
from facemask.parsing.network import ParserNetwork
from facemask.validation import check_index, make_error, short_repr

DESCRIPTION_SUFFIX: Final = ".toml"
_MAX_THREADS: Final = 1024
# Scores are compared on a grid that is so many times as fine as the input. `benches/parser_borders.py` measures it:
# borders on a grid as fine as the input are up to a sixth worse, those on a finer one hardly better.
_REFINEMENT: Final = 2


class FaceParser:
    """A parser: an ONNX network that labels each pixel of a face, and its description in a TOML file beside it.

    Load it once and pass it as `parser` to `trace_face` or `trace_photo`; several threads may use it at once.
    docs/parsers.md has the entries of a description, and examples.

    Examples:
        >>> parser = facemask.FaceParser("bisenet.onnx")
        >>> facemask.trace_face(landmarks=landmarks, image=photo, parser=parser).labels_from
        'parser'

    """

    __slots__ = ("core", "description", "path")

    def __init__(self, path: str | PathLike[str], *, threads: int | None = None) -> None:
        """Load a network and its description.

        Args:
            path: the ONNX file; the description has its name with the suffix `.toml`.
            threads: threads of one call of the network. Default: one for each core.

        Raises:
            FacemaskError: `model_missing` where a file or ONNX Runtime is missing; `model_invalid` for a file that is
                no network, and for a description that is wrong or of another network. The detail names file and entry.

        """
        count = check_index("threads", threads)
        if count is not None and not 1 <= count <= _MAX_THREADS:
            raise make_error("option_invalid", "threads", f"must be from 1 to {_MAX_THREADS}, got {count}")
        self.path: Final = _check_path(path)
        described = ParserDescription.read(self.path.with_suffix(DESCRIPTION_SUFFIX))
        self.description: Final = described
        network = ParserNetwork(self.path, described, count)
        scale = tuple(described.maximum / 255.0 / deviation for deviation in described.std)
        has_scores = described.values != "labels"
        # The names of a scheme are those of its table. The first label is the background.
        own_names = described.names if described.scheme == "custom" else ()
        self.core: Final = _core.Parser(
            network.run,
            size=(described.width, described.height),
            planes_first=described.layout == "NCHW",
            reverse_channels=described.channels == "BGR",
            scale=scale,
            offset=tuple(-mean / deviation for mean, deviation in zip(described.mean, described.std, strict=True)),
            crop=described.crop,
            crop_margin=described.crop_margin,
            scores_planes_first=described.output_layout == "NCHW",
            enlargement=_REFINEMENT * described.stride if has_scores else 1,
            label_scheme=described.scheme,
            label_names=dict(list(enumerate(own_names))[1:]),
        )

    def digest(self) -> bytes:
        """Return the SHA-256 of network and description, on which every result of the parser depends."""
        digest = sha256()
        for path in (self.path, self.path.with_suffix(DESCRIPTION_SUFFIX)):
            data = path.read_bytes()
            digest.update(len(data).to_bytes(8, "little"))
            digest.update(data)
        return digest.digest()

    def __repr__(self) -> str:
        """Return path and label scheme."""
        return f"FaceParser({str(self.path)!r}, {self.description.scheme}, {len(self.description.names)} labels)"


def read_parser(value: Any) -> FaceParser | None:
    """Return the argument `parser`: a parser, or that of a path, which stays loaded. None stays None.

    Raises:
        FacemaskError: as `FaceParser`; `option_invalid` for another value.

    """
    if value is None or isinstance(value, FaceParser):
        return value
    path = _check_path(value)
    return _load(str(path), _file_states(path))


@lru_cache(maxsize=2)
def _load(path: str, _states: tuple[tuple[int, int], ...]) -> FaceParser:
    return FaceParser(path)


def _file_states(path: Path) -> tuple[tuple[int, int], ...]:
    """Return size and time of the files, so that changed ones are loaded anew."""
    states = []
    for file in (path, path.with_suffix(DESCRIPTION_SUFFIX)):
        try:
            state = file.stat()
        except OSError:  # FaceParser says which file is missing
            states.append((-1, -1))
        else:
            states.append((state.st_size, state.st_mtime_ns))
    return tuple(states)


def _check_path(value: Any) -> Path:
    if not isinstance(value, str | PathLike) or not isinstance(fspath(value), str) or not fspath(value):
        detail = f"must be the path of an ONNX file, or a FaceParser, got {short_repr(value)}"
        raise make_error("option_invalid", "parser", detail)
    path = Path(value)
    if path.suffix == DESCRIPTION_SUFFIX:
        raise make_error("option_invalid", "parser", f"must be the ONNX file, not its description {path}")
    if not path.is_file():
        raise make_error("model_missing", "parser", f"there is no file {path}")
    return path
