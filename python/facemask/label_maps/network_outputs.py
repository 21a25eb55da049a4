"""Results of segmentation networks around a map: Hugging Face, torchvision, and dicts with one array of ids."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facemask.label_maps.arrays import check_size, drop_unit_axes, is_binary, map_error, to_array

# The scores of Hugging Face's semantic models, and of torchvision's.
_SCORES: Final = ("logits", "out")
# Names of the only array in a dict. A binary mask under one of them is a mask with that name.
_MAPS: Final = (
    "labels", "label", "label_map", "mask", "masks", "segmentation", "seg", "parsing", "pred", "prediction",
)  # fmt: skip
_MASK2FORMER: Final = ("masks_queries_logits", "class_queries_logits")
_MAX_SEGMENTS: Final = 100_000


def network_output(value: Any) -> Any:
    """Return the scores or the map in a result of a network; None for another value.

    Raises:
        FacemaskError: `map_invalid` for results that are no map, with the code that makes one.

    """
    if isinstance(value, Mapping):
        return _from_mapping(value)
    for name in _SCORES[:1]:
        if hasattr(value, name) and not hasattr(value, "shape"):
            return getattr(value, name)
    if all(hasattr(value, name) for name in _MASK2FORMER):
        raise _query_error()
    return None


def _from_mapping(value: Mapping[Any, Any]) -> Any:
    for name in _SCORES:
        if _is_array(value.get(name)):
            return value[name]
    if any(name in value for name in _MASK2FORMER):
        raise _query_error()
    if {"boxes", "masks", "labels"} <= value.keys():
        code = "[{'mask': m > 0.5, 'category_id': int(c)} for m, c, s in zip(r['masks'], r['labels'], r['scores'])"
        detail = "is the result of Mask R-CNN, whose instances overlap and have scores"
        raise map_error(f"{detail}; {code} if s > 0.5] takes those above one half, with r for the result")
    names = [name for name in value if _is_array(value[name])]
    if len(names) != 1 or names[0] not in _MAPS:
        return None
    array = drop_unit_axes(to_array(value[names[0]]))
    if array.ndim < 2:
        return None
    check_size(array)
    return None if array.ndim == 2 and is_binary(array) else array


def _query_error() -> Exception:
    detail = "is the raw output of Mask2Former or MaskFormer"
    return map_error(f"{detail}; processor.post_process_semantic_segmentation(outputs, [(height, width)])[0] is a map")


def _is_array(value: Any) -> bool:
    return hasattr(value, "shape") and not isinstance(value, np.generic)


def read_segments(value: Mapping[Any, Any]) -> NDArray[Any] | None:
    """Read panoptic or instance segments of Hugging Face: a map of segments, and the class of each.

    The id of a pixel is the `label_id` of its segment, plus 1 if one of them is 0, as of a COCO category. Pixels
    without a segment are background. None for other dicts.
    """
    infos = value.get("segments_info")
    if not isinstance(infos, list | tuple) or "segmentation" not in value:
        return None
    if len(infos) > _MAX_SEGMENTS:
        raise map_error(f"must be at most {_MAX_SEGMENTS} segments, got {len(infos)}")
    array = drop_unit_axes(to_array(value["segmentation"]))
    check_size(array)
    if array.ndim != 2 or array.dtype.kind not in "iuf":
        raise map_error("['segmentation'] must be a map (height, width) of the numbers in segments_info")
    try:
        classes = {int(info["id"]): int(info["label_id"]) for info in infos}
    except (KeyError, TypeError, ValueError, OverflowError):
        raise map_error("['segments_info'] must be a list of dicts with id and label_id") from None
    if classes and not 0 <= min(classes.values()) <= max(classes.values()) < 2**62:
        raise map_error("['segments_info'] must have whole numbers from 0 as label_id")
    shift = int(0 in classes.values())
    segments, inverse = np.unique(array, return_inverse=True)
    ids = np.array([classes.get(int(segment), -shift) + shift for segment in segments.tolist()], np.int64)
    return ids[inverse.reshape(array.shape)] if len(ids) else np.zeros(array.shape, np.int64)
