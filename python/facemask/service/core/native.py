"""The real engine. The only module of the service that knows the compiled one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from facemask import _core
from facemask.landmarks import landmark_array
from facemask.service.core.protocol import Engine


def native_engine() -> Engine:
    """The compiled module with the helper that reads landmarks of any accepted shape."""
    names = (
        "FacemaskError",
        "Options",
        "Limits",
        "decode_base64",
        "lift_base64",
        "plain_landmarks",
        "check_input",
        "trace_bytes",
        "fingerprint",
        "grey_raster",
        "__version__",
    )
    calls = {name: getattr(_core, name) for name in names}
    return cast("Engine", SimpleNamespace(**calls, landmark_array=landmark_array))


def scheme_names() -> tuple[dict[str, list[int]], list[str]]:
    """Landmark schemes with their counts of points, and label schemes."""
    counts = {name: list(numbers) for name, (numbers, _) in _core.landmark_schemes().items()}
    return counts, list(_core.label_schemes())
