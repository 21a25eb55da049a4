"""The folder in which the files of models are kept."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from facemask.models.catalog import Model
from facemask.validation import make_error

FOLDER_VARIABLE: Final = "FACEMASK_MODELS"
FETCH_COMMAND: Final = "facemask models fetch"


def models_folder() -> Path:
    """Return the folder that the environment variable `FACEMASK_MODELS` names, else one in the user's data folder.

    Raises:
        FacemaskError: `model_missing`, where platformdirs is needed and not installed.

    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    try:
        from platformdirs import user_data_path  # noqa: PLC0415 - only those who use a model need it
    except ModuleNotFoundError:
        raise missing_package("platformdirs") from None
    return user_data_path("facemask", appauthor=False) / "models"


def missing_package(name: str) -> Exception:
    """Return the error for a package of the extra `detect` that is not installed."""
    detail = f"face detection needs {name}: pip install 'facemask-contours[detect]'"
    return make_error("model_missing", "", detail)


def missing_model(model: Model) -> Exception:
    """Return the error for a model whose file is not there."""
    detail = f"the model {model.name!r} is not at {model_path(model)}; fetch it once: {FETCH_COMMAND}"
    return make_error("model_missing", "", detail)


def model_path(model: Model) -> Path:
    """Return where the file of a model is kept, whether it is there or not."""
    return models_folder() / model.file_name


def read_model(model: Model) -> bytes:
    """Return the checked bytes of a model.

    Raises:
        FacemaskError: `model_missing` or `model_invalid`.

    """
    path = model_path(model)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise missing_model(model) from None
    except OSError as error:
        detail = f"the model {model.name!r} cannot be read: {path}: {error.strerror or error}"
        raise make_error("model_missing", "", detail) from None
    if (reason := mismatch(model, data)) is not None:
        detail = f"{path} is not the model {model.name!r}: {reason}; fetch it again: {FETCH_COMMAND}"
        raise make_error("model_invalid", "", detail)
    return data


def has_model(model: Model) -> bool:
    """Return whether the file of a model is there, with the bytes that it has to have."""
    try:
        return mismatch(model, model_path(model).read_bytes()) is None
    except OSError:
        return False


def mismatch(model: Model, data: bytes) -> str | None:
    """Return why bytes are not those of a model, or None."""
    if len(data) != model.byte_count:
        return f"it has {len(data):,} bytes in place of {model.byte_count:,}"
    digest = hashlib.sha256(data).hexdigest()
    return None if digest == model.sha256 else f"its SHA-256 is {digest[:12]}... in place of {model.sha256[:12]}..."


def write_model(model: Model, data: bytes) -> Path:
    """Keep the bytes of a model: whole or not at all, also when two processes write it at once.

    Returns:
        The path of the file.

    Raises:
        FacemaskError: `model_invalid`, for other bytes.
        OSError: the folder cannot be written.

    """
    if (reason := mismatch(model, data)) is not None:
        raise make_error("model_invalid", "", f"this is not the model {model.name!r}: {reason}")
    path = model_path(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path
