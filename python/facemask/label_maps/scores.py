"""Arrays of three axes: class scores, one-hot classes, stacks of masks, and pictures whose channels are equal."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from facemask.label_maps.arrays import check_size, describe, is_binary, map_error

_MAX_CLASSES = 256
# Sums of probabilities in half precision are this far from 1.
_SUM_TOLERANCE = 0.02
_COLOR_CHANNELS = (3, 4)
# A pixel of no class has scores below this in all of them. Between two classes of a sigmoid, one of them has more.
_MAX_NO_CLASS = 0.25
# The smallest share of such pixels that tells classes without a background.
_MIN_NO_CLASS_SHARE = 0.005


def flatten_channels(array: NDArray[Any]) -> tuple[NDArray[Any], dict[int, float] | None]:
    """Convert an array with an axis of classes, masks or channels to ids.

    The axis is the first or the last one: that which is shorter than both others. It has at most 256 entries.

    * Three or four equal channels are a gray picture: its values are the ids.
    * Classes of which each pixel has exactly one (one-hot) are numbered from 0.
    * Other arrays of 0 and 1, or of 0 and 255, are masks, numbered from 1; a later mask covers an earlier one.
    * Scores from 0 to 1 that leave out some pixels are independent probabilities of classes without a background, as of
      a sigmoid: the id is the class with the highest one, numbered from 1, and 0 below one half.
    * Other numbers are scores of classes: the id is the class with the highest score, the first of equal ones.

    Returns:
        Values, (height, width), and the confidence of each id for scores that are floats: the mean over the pixels of
        the id of its probability. Scores from 0 to 1 are probabilities; others become such by softmax.

    Raises:
        FacemaskError: `map_invalid`, field `labels`.

    """
    check_size(array)
    axis = _channel_axis(array)
    channels = np.moveaxis(array, axis, 0)
    check_size(channels[0])
    count = len(channels)
    if count in _COLOR_CHANNELS and (channels[1:3] == channels[0]).all():
        return channels[0], None
    if array.dtype == np.bool_ or is_binary(array):
        if count in _COLOR_CHANNELS and array.max(initial=0) > 1:
            raise _color_error(array)
        return _flatten_masks(channels != 0), None
    if count in _COLOR_CHANNELS and _is_picture(channels):
        raise _color_error(array)
    if array.dtype.kind != "f" and array.min() >= 0:  # quantized scores are signed
        detail = f"must be one map, got {count} pictures of whole numbers, {describe(array)}"
        raise map_error(f"{detail}; pass labels[0], or labels.argmax(axis={axis}) of quantized scores")
    return _flatten_scores(channels)


def threshold_masks(stack: NDArray[Any]) -> NDArray[np.bool_] | None:
    """Return soft masks (count, height, width) as booleans: above one half. None for class scores and for maps.

    Soft masks are bytes, each picture with values above 127 or none at all, or floats from 0 to 1 whose sums are not 1.
    """
    if stack.dtype == np.uint8:
        highest = stack.max(axis=(1, 2), initial=0)
        return stack > 127 if ((highest == 0) | (highest > 127)).all() else None
    is_fraction = stack.dtype.kind == "f" and stack.size and stack.min() >= 0.0 and stack.max() <= 1.0
    if is_fraction and _has_other_sums(stack):
        return stack > 0.5
    return None


def merge_confidence(
    confidence: Mapping[int, float], ids: NDArray[np.uint8], regions: Iterable[Mapping[str, Any]]
) -> dict[int, float]:
    """Return the confidence of each region by its id: the mean over the pixels of all its `members`.

    Args:
        confidence: mean probability of each id.
        ids: label map, uint8 (height, width).
        regions: regions of a result, each with `id` and `members`.

    """
    pixels = np.bincount(ids.ravel(), minlength=256)
    merged = {}
    for region in regions:
        weights = {member: int(pixels[member]) for member in region["members"] if member in confidence}
        if total := sum(weights.values()):
            mean = sum(confidence[member] * weight for member, weight in weights.items()) / total
            merged[region["id"]] = round(mean, 4)
    return merged


def _channel_axis(array: NDArray[Any]) -> int:
    if array.ndim != 3 or array.dtype.kind not in "buif" or not array.size:
        raise map_error(f"must be a uint8 array of shape (height, width), got {describe(array)}")
    first, middle, last = array.shape
    is_first = first <= _MAX_CLASSES and first < min(middle, last)
    is_last = last <= _MAX_CLASSES and last < min(first, middle)
    if is_first == is_last:
        detail = f"must be a uint8 array of shape (height, width), got {describe(array)}"
        raise map_error(f"{detail}, in which no axis is that of the classes; take scores.argmax(axis) yourself")
    return 0 if is_first else 2


def _is_picture(channels: NDArray[Any]) -> bool:
    """Whether three or four channels are colors: bytes, or floats from 0 to 1 that are no probabilities."""
    if channels.dtype.kind != "f":
        return channels.dtype == np.uint8
    if not (channels.min() >= 0.0 and channels.max() <= 1.0):
        return False
    return _has_other_sums(channels)


def _color_error(array: NDArray[Any]) -> Exception:
    detail = f"must be a uint8 array of shape (height, width), got a colour picture, {describe(array)}"
    return map_error(f"{detail}; pass the map's file to decode_label_map, with its palette")


def _flatten_masks(masks: NDArray[np.bool_]) -> NDArray[Any]:
    if (masks.sum(axis=0, dtype=np.uint16) == 1).all():
        ids: NDArray[Any] = masks.argmax(axis=0)
        return ids
    ids = np.zeros(masks.shape[1:], np.uint16)
    for number, mask in enumerate(masks, 1):
        ids[mask] = number
    return ids


def _flatten_scores(scores: NDArray[Any]) -> tuple[NDArray[Any], dict[int, float] | None]:
    if np.isnan(scores).any():
        raise map_error("must be scores of classes, got NaN among them")
    ids: NDArray[Any] = scores.argmax(axis=0)
    if scores.dtype.kind != "f":
        return ids, None
    top = scores.max(axis=0).astype(np.float32)
    count = len(scores)
    if scores.min() < 0.0 or top.max() > 1.0:
        top = _softmax_of(top, scores)
    elif (top < _MAX_NO_CLASS).mean() >= _MIN_NO_CLASS_SHARE and _has_other_sums(scores):
        # Class 0 is no background here, as the first of several masks is none.
        ids = np.where(top >= 0.5, ids + 1, 0)
        top = np.where(top >= 0.5, top, 1.0 - top)
        count += 1
    pixels = np.bincount(ids.ravel(), minlength=count)
    sums = np.bincount(ids.ravel(), weights=top.ravel(), minlength=count)
    return ids, {int(i): round(float(sums[i] / pixels[i]), 4) for i in np.flatnonzero(pixels)}


def _softmax_of(top: NDArray[np.float32], scores: NDArray[Any]) -> NDArray[np.float32]:
    """Return the softmax of the highest scores, a class at a time, because all scores are many times larger than a map.

    Infinite scores share the probability; where all are minus infinity, all classes do.
    """
    total = np.zeros_like(top)
    with np.errstate(over="ignore", invalid="ignore"):
        for score in scores:
            difference = (score - top).astype(np.float32)
            difference[np.isnan(difference)] = 0.0  # of two equal infinities
            total += np.exp(difference)
    return 1.0 / total


def _has_other_sums(scores: NDArray[Any]) -> bool:
    """Return whether the probabilities of a pixel add up to something else than 1."""
    return bool((np.abs(scores.sum(axis=0, dtype=np.float32) - 1.0) > _SUM_TOLERANCE).any())
