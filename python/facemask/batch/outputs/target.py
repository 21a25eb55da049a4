"""Where outputs go: a folder of this machine or of a remote file system. A file is whole, or not there."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

from facemask.batch.layouts.file_tree import is_remote, open_remote

_PART = ".part"


class TargetError(Exception):
    """The outputs cannot be written, such as on a full disk: the whole run ends, not one face."""


class Target(Protocol):
    """A folder of outputs. Paths are relative, with `/` between names."""

    def write(self, path: str, content: bytes) -> None:
        """Write a file at once. Raises `TargetError`."""
        ...

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        ...

    def remove(self, path: str) -> None:
        """Remove a file, if there is one."""
        ...

    def stream(self, path: str) -> Any:
        """Return a context manager of a file for writing; the file appears when the block ends without an error."""
        ...


class LocalTarget:
    """A folder of this machine. A file is written beside its place, as `NAME.part`, and renamed."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._folders: set[str] = set()

    def write(self, path: str, content: bytes) -> None:
        """Write a file at once. Raises `TargetError`."""
        place = self._prepare(path)
        try:
            with open(place + _PART, "wb", buffering=0) as file:  # noqa: PTH123 - called for every file
                left = memoryview(content)
                while left:
                    left = left[file.write(left) :]
            os.replace(place + _PART, place)  # noqa: PTH105
        except OSError as error:
            raise _explain(place, error) from None

    def _prepare(self, path: str) -> str:
        place = os.path.join(self._root, path)  # noqa: PTH118
        folder = os.path.dirname(place)  # noqa: PTH120
        if folder not in self._folders:
            try:
                Path(folder).mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _explain(folder, error) from None
            self._folders.add(folder)
        return place

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return os.path.exists(os.path.join(self._root, path))  # noqa: PTH110, PTH118

    def remove(self, path: str) -> None:
        """Remove a file, if there is one."""
        with suppress(FileNotFoundError):
            (Path(self._root) / path).unlink()

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file for writing; it appears when the block ends without an error. Raises `TargetError`."""
        place = self._prepare(path)
        try:
            try:
                with Path(place + _PART).open("wb") as file:
                    yield file
            except BaseException:
                Path(place + _PART).unlink(missing_ok=True)
                raise
            Path(place + _PART).replace(place)
        except OSError as error:
            raise _explain(place, error) from None


class RemoteTarget:
    """A folder of a file system of fsspec. An object of a store appears when its upload ends."""

    def __init__(self, address: str) -> None:
        self._system, self._root = open_remote(address)
        self._folders: set[str] = set()

    def _prepare(self, path: str) -> str:
        """Return the place of a file, whose folder is made: once, because each time would ask the store."""
        place = self._locate(path)
        folder = place.rpartition("/")[0]
        if folder not in self._folders:
            self._system.makedirs(folder, exist_ok=True)
            self._folders.add(folder)
        return place

    def _locate(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def write(self, path: str, content: bytes) -> None:
        """Write a file at once. Raises `TargetError`."""
        try:
            self._system.pipe_file(self._prepare(path), content)
        except Exception as error:  # noqa: BLE001 - a file system has errors of its own
            raise _explain(self._locate(path), error) from None

    def has(self, path: str) -> bool:
        """Whether there is such a file. Where the store cannot say so, the file is written, and that explains why."""
        try:
            return bool(self._system.exists(self._locate(path)))
        except Exception:  # noqa: BLE001
            return False

    def remove(self, path: str) -> None:
        """Remove a file, if there is one."""
        with suppress(FileNotFoundError):
            self._system.rm_file(self._locate(path))

    @contextmanager
    def stream(self, path: str) -> Iterator[IO[bytes]]:
        """Open a file for writing, which is uploaded when the block ends without an error. Raises `TargetError`."""
        with tempfile.TemporaryFile() as file:
            yield file
            file.seek(0)
            try:
                with self._system.open(self._prepare(path), "wb") as remote:
                    shutil.copyfileobj(file, remote)
            except Exception as error:  # noqa: BLE001
                raise _explain(self._locate(path), error) from None


def _explain(place: str, error: Exception) -> TargetError:
    reason = " ".join(str(getattr(error, "strerror", None) or f"{type(error).__name__}: {error}").split())
    return TargetError(f"{place} cannot be written: {reason[:1].lower()}{reason[1:]}")


def open_target(address: str) -> LocalTarget | RemoteTarget:
    """Return the target of a folder's path or address."""
    return RemoteTarget(address) if is_remote(address) else LocalTarget(Path(address))
