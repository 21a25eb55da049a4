"""YOLO output: a folder with pictures, labels and `data.yaml`, as Ultralytics trains on."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from facemask.batch.outputs.protocol import Records, Rendered, TracedEntry
from facemask.batch.outputs.region_table import RegionTable, encode_regions
from facemask.batch.outputs.target import Target
from facemask.formats.annotation import yolo
from facemask.formats.protocol import TracedFace


class YoloFolder:
    """`yolo/images/train/KEY.jpg`, `yolo/labels/train/KEY.txt`, the same of `val`, and `yolo/data.yaml`."""

    name = "yolo"
    needs_crop = True

    def __init__(
        self, *, classes: Sequence[str] | None = None, inset: float = 0.0, validation_share: float = 0.1
    ) -> None:
        self._classes = None if classes is None else list(classes)
        self._inset = inset
        self._share = validation_share

    def describe(self) -> Mapping[str, Any]:
        """Return the options that its files depend on."""
        return {"classes": self._classes, "inset": self._inset, "validation_share": self._share}

    def render(self, face: TracedEntry) -> Rendered:
        """Return label file and crop of a face."""
        split = "val" if share_of(face.key) < self._share else "train"
        lines = yolo.to_lines(face.mask, classes=self._classes, inset=self._inset)
        files = {f"yolo/labels/{split}/{face.key}.txt": lines.encode()}
        if face.crop_jpeg:
            files[f"yolo/images/{split}/{face.key}.jpg"] = face.crop_jpeg
        return Rendered(files, encode_regions(face.mask))

    def finish(self, target: Target, records: Records, suffix: str) -> Iterable[str]:
        """Write `data.yaml`.

        Raises:
            FacemaskError: `format_impossible`, field `classes`, where faces have other names for one id.

        """
        table = RegionTable.collect(records, has_classes=self._classes is not None)
        path = f"yolo/data{suffix}.yaml"
        # The names alone are read of a face.
        target.write(path, yolo.to_data(cast(TracedFace, table), classes=self._classes).encode())
        return [path]


def share_of(key: str) -> float:
    """Return a number from 0 up to 1 by the hash of a key: the same on every machine, whatever the other faces."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=7).digest()) / 2**56
