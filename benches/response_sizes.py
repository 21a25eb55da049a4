"""Bytes of a response, what compression saves of them, and its CPU beside that of the trace.

    python benches/response_sizes.py

Levels of gzip are those of zlib. zstd is measured where the package zstandard is installed.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from bounds import markdown_table
from facemask import _core
from inputs import SAMPLE
from timing import interleaved_medians

Compress = Callable[[bytes], bytes]
_OPTIONS = {"smooth": {}, "straight": {"curve": "straight"}, "exact": {"curve": "straight", "tolerance": 0.0}}


def encoders() -> dict[str, Compress]:
    """Compression by name."""

    def gzip(level: int) -> Compress:
        return lambda data: zlib.compress(data, level, wbits=31)

    found = {f"gzip {level}": gzip(level) for level in (1, 4, 6)}
    if find_spec("zstandard") is not None:
        import zstandard  # noqa: PLC0415 - optional

        found |= {f"zstd {level}": zstandard.ZstdCompressor(level=level).compress for level in (1, 3)}
    return found


def main() -> None:
    """Measure and print."""
    photo, labels = ((SAMPLE / name).read_bytes() for name in ("image.jpg", "segmentation.png"))
    points = np.array([(p["x"], p["y"]) for p in json.loads((SAMPLE / "landmarks.json").read_bytes())])
    rows = [("response", "bytes", "encoding", "share of the bytes", "CPU, of the trace")]
    for name, values in _OPTIONS.items():
        options, limits = _core.Options(**values), _core.Limits()

        def trace(options: _core.Options = options, limits: _core.Limits = limits) -> _core.FaceMask:
            return _core.trace_bytes(photo, labels, points, options, limits, with_response=True)

        mask = trace()
        svg = mask.svg.encode()
        body = b"".join((b'{"svg":"', b64encode(svg), b'","mask_contours":', mask.mask_contours_json, b"}"))
        for what, data in ((f"{name}, job", body), (f"{name}, SVG", svg)):
            calls = {
                encoding: lambda compress=compress, data=data: compress(data)
                for encoding, compress in encoders().items()
            }
            seconds = interleaved_medians(calls | {"trace": trace}, 7)
            for encoding, call in calls.items():
                shares = (f"{len(call()) / len(data):.2f}", f"{seconds[encoding] / seconds['trace']:.2f}")
                rows.append((what, f"{len(data):,}", encoding, *shares))
    print(markdown_table(rows))


if __name__ == "__main__":
    main()
