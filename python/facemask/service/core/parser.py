"""The service's parser, which labels the face of each photo that comes without a label map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from facemask import FacemaskError
from facemask.service.environment import SettingsError
from facemask.service.errors import ProblemError

VARIABLE: Final = "FACEMASK_PARSER"

# Set in the options of a submission whose photo the service's parser labels; clients cannot set it.
OPTION: Final = "parser"


@dataclass(frozen=True, slots=True)
class ServiceParser:
    """A parser, and the digest of its files, on which every result of it depends.

    Attributes:
        core: the parser as the compiled module takes it; None in a process that runs no jobs.
        digest: 32 bytes.

    """

    core: Any
    digest: bytes

    def key_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return a submission's options as the cache distinguishes them."""
        return options | {OPTION: self.digest} if OPTION in options else options

    @classmethod
    def load(cls, path: Path | None, *, work: bool) -> Self | None:
        """Load and check a parser; None without a path.

        Each call of the network has one thread, since as many jobs run at once as there are workers.

        Raises:
            SettingsError: a file is missing or wrong; the message names it, and the entry of the description.

        """
        if path is None:
            return None
        from facemask.parsing.face_parser import FaceParser  # noqa: PLC0415 - NumPy, where there is a parser

        try:
            parser = FaceParser(path, threads=1)
            return cls(parser.core if work else None, parser.digest())
        except FacemaskError as error:
            raise SettingsError(VARIABLE, str(path), error.detail) from None
        except OSError as error:
            raise SettingsError(VARIABLE, str(path), f"cannot be read: {error.strerror or error}") from None


def core_options(options: dict[str, Any], parser: ServiceParser | None) -> dict[str, Any]:
    """Return a submission's options as the compiled module takes them, with the parser of this process.

    Raises:
        ProblemError: `model_missing`, where the process has none.

    """
    if OPTION not in options:
        return options
    if parser is None or parser.core is None:
        detail = "the process that ran the job has no parser; send a label map, or set FACEMASK_PARSER there too"
        raise ProblemError("model_missing", detail, "segmentation_map")
    return options | {OPTION: parser.core}
