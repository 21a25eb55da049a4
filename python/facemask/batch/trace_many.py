"""trace_many: a stream of items to a stream of traced faces."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, Unpack

from facemask.batch.item import ItemTracer
from facemask.batch.results import Failure, Result
from facemask.batch.threads import WINDOW_PER_WORKER, map_in_threads, usable_cpus
from facemask.types.options import ItemOptions
from facemask.validation import check_bool, check_index, make_error, short_repr

ON_ERROR: Final = ("yield", "skip", "raise")
_MAX_WORKERS: Final = 1024


def trace_many(
    items: Iterable[Any],
    *,
    workers: int | None = None,
    window: int | None = None,
    on_error: Literal["yield", "skip", "raise"] = "yield",
    ordered: bool = True,
    **options: Unpack[ItemOptions],
) -> Iterator[Result | Failure]:
    """Trace a stream of faces in threads, in bounded memory.

    The calling thread reads `items`, and threads read files, decode and trace; the compiled module releases the GIL
    meanwhile. Options are checked at the call, before the first item is read.

    Args:
        items: any iterable, also without an end. An item is a label map in any form of `trace_face` (an array, the
            bytes of a file, a path), or a dict of arguments of `trace_face`: `labels`, `landmarks`, `image` and options
            of its own. In a dict, `image` and `landmarks` may also be the bytes or the path of a file, as `labels` may;
            a photo alone is traced as by `trace_photo`. `source` names the item in results.
        workers: number of threads, 1 to 1024; 1 is the calling thread itself. Default: the CPUs of this process.
        window: most items that are read and not yet yielded, at least `workers`. Default: 4 for each worker.
        on_error: of an item that cannot be traced: `yield` a `Failure`, `skip` it, or `raise` its error.
        ordered: whether results come in the order of the items; else as they are ready, and `index` tells.
        options: options of every item, as of `trace_face`, and `min_size` and `tiles` of `trace_photo`. With images
            that are files also `crop_image=True`, for `Result.crop_jpeg`, `landmarks_frame` and `label_palette` as of
            the command line.

    Returns:
        An iterator of `Result` and `Failure`. Leaving a loop over it, or `close()`, cancels what has not started; the
        threads end with the items that they are at. An error that `items` itself raises comes after the results of the
        items before it.

    Raises:
        FacemaskError: `option_invalid`, at the call; with `on_error="raise"` that of an item, at its turn.

    Examples:
        >>> items = [{"labels": labels, "landmarks": landmarks, "source": "a"}, {"labels": b"no map", "source": "b"}]
        >>> for found in facemask.trace_many(items, regions=["nose"]):
        ...     print(found.source, found.code if isinstance(found, facemask.Failure) else found.mask.size)
        a (388, 502)
        b map_unsupported

    """
    if on_error not in ON_ERROR:
        raise make_error("option_invalid", "on_error", f"must be {' or '.join(ON_ERROR)}, got {short_repr(on_error)}")
    check_stream("items", items, "an iterable of label maps, paths or dicts")
    count = _check_count("workers", workers, 1, _MAX_WORKERS) or usable_cpus()
    most = _check_count("window", window, count, None) or WINDOW_PER_WORKER * count
    is_ordered = check_bool("ordered", ordered)
    tracer = ItemTracer.create(options)
    traced = map_in_threads(tracer, enumerate(items), workers=count, window=most, ordered=is_ordered)
    return _deliver(traced, on_error)


def check_stream(name: str, value: object, rule: str) -> None:
    """Check that a value is an iterable of items, and not an item itself, whose parts would each be a failure.

    Raises:
        FacemaskError: `option_invalid`.

    """
    is_item = isinstance(value, str | bytes | bytearray | memoryview | Mapping)
    # NumPy's arrays, tensors, tables of pandas. A column has one dimension, and may hold paths.
    is_array = getattr(value, "ndim", 0) > 1
    if is_item or is_array or not isinstance(value, Iterable):
        hint = "; put one item into a list" + (", or make a list of a stack of maps" if is_array else "")
        is_thing = is_item or is_array or isinstance(value, os.PathLike)
        detail = f"must be {rule}, got {short_repr(value)}{hint if is_thing else ''}"
        raise make_error("option_invalid", name, detail)


def _deliver(traced: Iterator[Result | Failure], on_error: str) -> Iterator[Result | Failure]:
    try:
        for result in traced:
            if on_error != "yield" and isinstance(result, Failure):
                if on_error == "skip":
                    continue
                raise result.to_error()
            yield result
    finally:
        traced.close()  # type: ignore[attr-defined]


def _check_count(name: str, value: object, least: int, most: int | None) -> int | None:
    count = check_index(name, value)
    if count is not None and not (least <= count and (most is None or count <= most)):
        upper = "on" if most is None else f"to {most}"
        raise make_error("option_invalid", name, f"must be a number from {least} {upper}, got {count}")
    return count
