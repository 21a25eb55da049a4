"""What networks and their libraries return around a map: read, or one sentence with the code that makes a map."""

from collections import OrderedDict
from types import SimpleNamespace
from typing import Any

import facemask
import numpy as np
import pytest
from facemask.label_maps import read_labels
from numpy.typing import NDArray
from support.label_map_forms import BINARY, COUNT, IDS, LABELS, MASKS, scores

LOGITS = scores(0)

SAME: dict[str, Any] = {
    "Hugging Face, output": OrderedDict(loss=None, logits=LOGITS[None]),
    "Hugging Face, attributes": SimpleNamespace(logits=LOGITS[None], hidden_states=None),
    "torchvision": OrderedDict(out=LOGITS[None], aux=LOGITS[None] * 0),
    **{f"dict of {name}": {name: LABELS} for name in ("mask", "labels", "segmentation", "parsing", "pred")},
    "dict with scores beside": {"labels": LABELS.astype(np.int64), "score": 0.9, "name": "a.jpg"},
    "dict of class scores": {"masks": LOGITS},
    "panoptic": {
        "segmentation": LABELS.astype(np.int32) + (LABELS > 0) * 100,
        "segments_info": [{"id": i + 100, "label_id": i, "was_fused": False, "score": 0.9} for i in IDS],
    },
    "objects": LABELS.astype(object),
    "texts": LABELS.astype(str),
    "bytes of texts": LABELS.astype("S"),
    "lists of texts": [[str(value) for value in row] for row in LABELS.tolist()],
}


@pytest.mark.parametrize("form", SAME)
def test_a_result_around_a_map_is_the_map(form: str):
    assert (read_labels(SAME[form]).ids == LABELS).all()


def test_instances_of_hugging_face_count_from_0_and_minus_1_is_background():
    segmentation = np.full((6, 8), -1, np.int32)
    segmentation[1:3, 1:4], segmentation[3:5, 4:6], segmentation[5, 7] = 0, 1, 9
    infos = [{"id": 0, "label_id": 3, "score": 0.9}, {"id": 1, "label_id": 0, "score": 0.8}]
    ids = read_labels({"segmentation": segmentation, "segments_info": infos}).ids
    assert set(ids[1:3, 1:4].ravel()) == {4}, "plus 1, because a class is 0"
    assert set(ids[3:5, 4:6].ravel()) == {1}
    assert (ids > 0).sum() == 10, "a segment without a class is background"
    assert not read_labels({"segmentation": segmentation, "segments_info": []}).ids.any()


def test_a_binary_mask_by_a_common_name_keeps_that_name():
    for name in ("mask", "labels", "segmentation"):
        assert read_labels({name: BINARY}).names == {1: name}


REFUSED: dict[str, tuple[Any, str]] = {
    "Mask R-CNN": (
        {"boxes": np.zeros((2, 4)), "labels": np.array([1, 2]), "scores": np.ones(2), "masks": np.zeros((2, 1, 9, 8))},
        "the result of Mask R-CNN, .*'category_id': int",
    ),
    "a list of Mask R-CNN": (
        [{"boxes": np.zeros((2, 4)), "labels": np.array([1, 2]), "masks": np.zeros((2, 1, 9, 8))}],
        "the result of Mask R-CNN",
    ),
    "Mask2Former": ({"masks_queries_logits": LOGITS[None], "class_queries_logits": LOGITS}, "post_process_semantic"),
    "Mask2Former, attributes": (
        SimpleNamespace(masks_queries_logits=LOGITS, class_queries_logits=LOGITS),
        "post_process_semantic_segmentation",
    ),
    "segments without classes": ({"segmentation": LABELS, "segments_info": [{"id": 1}]}, "dicts with id and label_id"),
    "words": (np.full((4, 4), "a"), "got an array of <U1"),
    "objects that are none": (np.full((4, 4), None), "got nan at pixel"),
    "huge numbers as objects": (np.full((4, 4), 10**30, object), "at most 2\\^53"),
}


@pytest.mark.parametrize("form", REFUSED)
def test_what_is_no_map_says_what_makes_one(form: str):
    value, words = REFUSED[form]
    with pytest.raises(facemask.FacemaskError, match=words) as caught:
        facemask.find_contours(value)
    assert (caught.value.code, caught.value.field) == ("map_invalid", "labels")
    assert len(caught.value.detail) < 300


def test_the_code_for_instances_makes_a_map():
    masks = np.stack([MASKS[i] for i in IDS])[:, None].astype(np.float32)
    r = {"masks": masks, "labels": np.array(IDS), "scores": np.full(len(IDS), 0.9), "boxes": np.zeros((len(IDS), 4))}
    records = [
        {"mask": m > 0.5, "category_id": int(c)}
        for m, c, s in zip(r["masks"], r["labels"], r["scores"], strict=True)
        if s > 0.5
    ]
    assert (read_labels(records).ids == LABELS).all()


def sigmoid(stack: NDArray[np.bool_], low: float = 0.02, high: float = 0.97) -> NDArray[np.float32]:
    return np.where(stack, high, low).astype(np.float32)


def test_independent_probabilities_without_a_background_count_from_1():
    """Skin is the first of them: by argmax alone it would be background, and background would be skin."""
    stack = np.stack([MASKS[i] for i in IDS])
    expected = np.zeros_like(LABELS)
    for number, mask in enumerate(stack, 1):
        expected[mask] = number
    source = read_labels(sigmoid(stack))
    assert (source.ids == expected).all()
    assert (read_labels(stack).ids == expected).all(), "as the same masks without fractions"
    assert source.confidence == {i: 0.97 if i else 0.98 for i in range(len(IDS) + 1)}


def test_independent_probabilities_with_a_background_count_from_0():
    stack = sigmoid(np.stack([i == LABELS for i in range(COUNT)]))
    assert (read_labels(stack).ids == LABELS).all()
    # Between two classes all scores are below one half; the highest is still the class.
    stack[:, :, 40] *= 0.45
    assert (read_labels(stack).ids == LABELS).all()


def test_infinite_scores_are_certain():
    one_hot = np.stack([i == LABELS for i in range(COUNT)])
    for value in (
        np.where(one_hot, np.inf, 0.0),
        np.where(one_hot, np.inf, -np.inf),
        np.where(one_hot, 0.0, -np.inf),
        np.where(one_hot, np.inf, 1e4).astype(np.float16),
    ):
        source = read_labels(value)
        assert (source.ids == LABELS).all()
        assert set((source.confidence or {}).values()) == {1.0}
    shared = np.full((4, 8, 9), -np.inf)
    shared[2:, 4:] = np.inf
    assert read_labels(shared).confidence == {0: 0.25, 2: 0.5}
