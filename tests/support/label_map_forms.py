"""Forms of one label map: as arrays, tensors, pictures, masks and documents."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools import mask as coco_mask

from support.synthetic_face import Face

LABELS: NDArray[np.uint8] = Face(angle=20, scale=1.0, size=(150, 160)).labels
COUNT = int(LABELS.max()) + 1
HEIGHT, WIDTH = LABELS.shape
IDS = [int(i) for i in np.unique(LABELS) if i]
MASKS = {i: i == LABELS for i in IDS}
ONE_HOT = np.arange(COUNT)[:, None, None] == LABELS
BINARY = (LABELS == 1).astype(np.uint8)


class Tensor:
    """A tensor of PyTorch on another device, with a gradient: it becomes an array after detach() and cpu() only."""

    def __init__(self, array: NDArray[Any], *, is_ready: frozenset[str] = frozenset(), dtype: str = "torch.float32"):
        self._array, self._ready, self.dtype = array, is_ready, dtype

    def detach(self) -> "Tensor":
        return Tensor(self._array, is_ready=self._ready | {"detach"}, dtype=self.dtype)

    def cpu(self) -> "Tensor":
        return Tensor(self._array, is_ready=self._ready | {"cpu"}, dtype=self.dtype)

    def float(self) -> "Tensor":
        return Tensor(self._array, is_ready=self._ready, dtype="torch.float32")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if self._ready != {"detach", "cpu"}:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if self.dtype.endswith("bfloat16"):
            raise TypeError("Got unsupported ScalarType BFloat16")
        return np.asarray(self._array)


class DLPackOnly:
    """An array of a library that NumPy reads through DLPack alone."""

    def __init__(self, array: NDArray[Any]):
        self._array = array

    def __dlpack__(self, **options: Any) -> Any:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


class MediaPipeImage:
    """mediapipe.Image: its pixels are in numpy_view()."""

    def numpy_view(self) -> NDArray[np.uint8]:
        return LABELS[..., None]


def scores(axis: int, dtype: Any = np.float32) -> NDArray[Any]:
    """Logits whose highest class is the id."""
    noise = np.random.default_rng(5).normal(size=ONE_HOT.shape)
    return np.moveaxis(np.where(ONE_HOT, 9, noise).astype(dtype), 0, axis)


def run_lengths(mask: NDArray[np.bool_]) -> dict[str, Any]:
    return dict(coco_mask.encode(np.asfortranarray(mask.astype(np.uint8))))


def uncompressed(mask: NDArray[np.bool_]) -> dict[str, Any]:
    flat = np.concatenate([[0], mask.ravel(order="F").astype(int), [0]])
    runs = np.diff(np.concatenate([[0], np.flatnonzero(np.diff(flat)), [mask.size]])).tolist()
    return {"size": list(mask.shape), "counts": runs[: -1 if runs[-1] == 0 else None]}


def fortran(array: NDArray[Any]) -> NDArray[Any]:
    return np.asfortranarray(array)


def palette_image() -> Image.Image:
    image = Image.fromarray(LABELS, "P")
    image.putpalette([channel for i in range(256) for channel in (255 - i, 7, i * 3 % 256)])
    return image


def text_counts(mask: dict[str, Any]) -> dict[str, Any]:
    return {"size": mask["size"], "counts": mask["counts"].decode()}


def coco_document(first: int = 1) -> dict[str, Any]:
    """A COCO document of LABELS whose category ids count from `first`."""
    shift = 1 - first
    return {
        "images": [{"id": 7, "width": WIDTH, "height": HEIGHT, "file_name": "face.jpg"}],
        "categories": [{"id": i - shift, "name": f"part {i}"} for i in IDS],
        "annotations": [
            {
                "id": 100 + i,
                "image_id": 7,
                "category_id": i - shift,
                "iscrowd": 0,
                "segmentation": text_counts(run_lengths(mask)),
            }
            for i, mask in MASKS.items()
        ],
    }


# Forms of the ids of LABELS.
SAME: dict[str, Callable[[], Any]] = {
    "uint8": lambda: LABELS,
    "int64": lambda: LABELS.astype(np.int64),
    "big-endian uint16": lambda: LABELS.astype(">u2"),
    "float32 with whole values": lambda: LABELS.astype(np.float32),
    "float16 with whole values": lambda: LABELS.astype(np.float16),
    "nested lists": LABELS.tolist,
    "(1, H, W)": lambda: LABELS[None],
    "(H, W, 1)": lambda: LABELS[..., None],
    "(1, 1, H, W) of int64": lambda: LABELS[None, None].astype(np.int64),
    "Fortran order": lambda: fortran(LABELS),
    "three equal channels, as cv2.imread gives": lambda: np.repeat(LABELS[..., None], 3, axis=2),
    "gray with alpha 255": lambda: np.dstack([LABELS] * 3 + [np.full_like(LABELS, 255)]),
    "logits (C, H, W)": lambda: scores(0),
    "logits (1, C, H, W)": lambda: scores(0)[None],
    "logits (H, W, C)": lambda: scores(2),
    "integer scores": lambda: (scores(0) * 10).astype(np.int8),
    "one-hot (C, H, W) of bool": lambda: ONE_HOT,
    "one-hot (H, W, C) of float": lambda: np.moveaxis(ONE_HOT, 0, 2).astype(np.float32),
    "list of class scores": lambda: list(scores(0)),
    "tensor with a gradient": lambda: Tensor(LABELS),
    "tensor of bfloat16": lambda: Tensor(LABELS, dtype="torch.bfloat16"),
    "list of one tensor": lambda: [Tensor(LABELS)],
    "DLPack": lambda: DLPackOnly(LABELS),
    "mediapipe.Image": MediaPipeImage,
    "Pillow L": lambda: Image.fromarray(LABELS),
    "Pillow P": palette_image,
    "Pillow LA": lambda: Image.fromarray(LABELS).convert("LA"),
    "Pillow I;16": lambda: Image.fromarray(LABELS.astype(np.uint16)),
    "Pillow RGB of equal channels": lambda: Image.fromarray(LABELS).convert("RGB"),
    "dict of masks by id": lambda: MASKS,
    "dict of masks by id as text": lambda: {str(i): mask for i, mask in MASKS.items()},
    "dict of 0/255 masks by name": lambda: {f"part {i}": mask.astype(np.uint8) * 255 for i, mask in MASKS.items()},
    "dict of run lengths by name": lambda: {f"part {i}": run_lengths(mask) for i, mask in MASKS.items()},
    "list of masks": lambda: list(MASKS.values()),
    "stack of masks (N, H, W)": lambda: np.stack(list(MASKS.values())),
    "stack of masks (N, 1, H, W), as a list": lambda: [mask[None] for mask in MASKS.values()],
    "records of segment-anything": lambda: [
        {"segmentation": mask, "area": int(mask.sum()), "predicted_iou": 1.0} for mask in MASKS.values()
    ],
    "records of segment-anything with run lengths": lambda: [
        {"segmentation": uncompressed(mask)} for mask in MASKS.values()
    ],
    "records of a Hugging Face pipeline": lambda: [
        {"score": None, "label": f"part {i}", "mask": Image.fromarray(mask.astype(np.uint8) * 255)}
        for i, mask in MASKS.items()
    ],
    "COCO annotations": lambda: [
        {"category_id": i, "image_id": 1, "segmentation": run_lengths(mask)} for i, mask in MASKS.items()
    ],
    "COCO document": coco_document,
    "COCO document whose categories count from 0": lambda: coco_document(first=0),
    "list of run lengths": lambda: [run_lengths(mask) for mask in MASKS.values()],
}

# Forms of BINARY, one region with id 1.
ONE: dict[str, Callable[[], Any]] = {
    "bool": lambda: BINARY == 1,
    "0 and 1": lambda: BINARY,
    "0 and 255": lambda: BINARY * 255,
    "0.0 and 1.0": lambda: BINARY.astype(float),
    "0.0 and 255.0": lambda: BINARY * 255.0,
    "0 and 255 of int32": lambda: BINARY.astype(np.int32) * 255,
    "Pillow 1": lambda: Image.fromarray(BINARY * 255).convert("1"),
    "Pillow L, 0 and 255": lambda: Image.fromarray(BINARY * 255),
    "run lengths with bytes": lambda: run_lengths(BINARY == 1),
    "run lengths with text": lambda: text_counts(run_lengths(BINARY == 1)),
    "run lengths as a list": lambda: uncompressed(BINARY == 1),
    "bool (1, H, W)": lambda: BINARY[None] == 1,
    "a list of one mask": lambda: [BINARY == 1],
    "a mask by name": lambda: {"skin": BINARY.tolist()},
    "a soft mask by name": lambda: {"skin": np.where(BINARY, 0.7, 0.2)},
}
