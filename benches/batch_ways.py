"""One way from a folder of label maps to outlines and a COCO file, a process that `batch_throughput.py` starts.

    python benches/batch_ways.py WAY MAPS OUT

Each rival does what its own functions do, in two processes, which is the most that two cores give:

* `opencv`: contours of every label by OpenCV, straight lines within half a pixel, SVG; masks by pycocotools. It loses
  shared borders: neighbours lie a pixel apart.
* `supervision`: `mask_to_polygons` of every label, and COCO polygons. It loses holes, which become polygons of their
  own, and shared borders, and writes no SVG.
* `datumaro`: masks of every label, `masks_to_polygons`, and its COCO export. It loses holes and shared borders, and
  writes no SVG.
* `loop`: facemask, in a loop over the calls that `facemask batch` makes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from multiprocessing import Pool
from pathlib import Path
from typing import Any

PROCESSES = 2


def loop(maps: Path, out: Path) -> None:
    import facemask
    from facemask.formats.annotation.coco import merge

    documents = []
    (out / "svg").mkdir(parents=True)
    for path in sorted(maps.iterdir()):
        face = facemask.trace_face(path.read_bytes())
        (out / "svg" / f"{path.stem}.svg").write_text(face.svg)
        documents.append(face.to_coco(file_name=path.name))
    (out / "annotations.json").write_text(json.dumps(merge(documents)))


def opencv(maps: Path, out: Path) -> None:
    (out / "svg").mkdir(parents=True)
    with Pool(PROCESSES) as pool:
        found = pool.imap(_opencv_face, [(path, out) for path in sorted(maps.iterdir())], chunksize=8)
        _write_coco(found, out)


def _opencv_face(job: tuple[Path, Path]) -> list[dict[str, Any]]:
    import cv2
    import numpy as np
    from pycocotools import mask as coco_mask

    path, out = job
    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    annotations, paths = [], []
    for label in np.unique(labels[labels > 0]).tolist():
        mask = (labels == label).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
        rings = [cv2.approxPolyDP(contour, 0.5, closed=True)[:, 0].tolist() for contour in contours]
        data = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in rings)
        paths.append(f'<path id="region-{label}" d="{data}" fill-rule="evenodd"/>')
        encoded = coco_mask.encode(np.asfortranarray(mask))
        annotations.append(
            {
                "category_id": label,
                "iscrowd": 0,
                "segmentation": {"size": encoded["size"], "counts": encoded["counts"].decode()},
                "area": int(coco_mask.area(encoded)),
                "bbox": coco_mask.toBbox(encoded).tolist(),
            }
        )
    height, width = labels.shape
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{"".join(paths)}</svg>'
    (out / "svg" / f"{path.stem}.svg").write_text(svg)
    return annotations


def supervision(maps: Path, out: Path) -> None:
    out.mkdir(parents=True)
    with Pool(PROCESSES) as pool:
        _write_coco(pool.imap(_supervision_face, sorted(maps.iterdir()), chunksize=8), out)


def _supervision_face(path: Path) -> list[dict[str, Any]]:
    import cv2
    import numpy as np
    import supervision as sv

    labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    annotations = []
    for label in np.unique(labels[labels > 0]).tolist():
        mask = labels == label
        polygons = sv.mask_to_polygons(mask)
        annotations.append(
            {
                "category_id": label,
                "iscrowd": 0,
                "segmentation": [polygon.ravel().tolist() for polygon in polygons],
                "area": int(mask.sum()),
                "bbox": sv.mask_to_xyxy(mask[None])[0].tolist(),
            }
        )
    return annotations


def datumaro(maps: Path, out: Path) -> None:
    with Pool(PROCESSES) as pool:
        files = sorted(maps.iterdir())
        pool.starmap(_datumaro_part, [(files[part::PROCESSES], out / str(part)) for part in range(PROCESSES)])


def _datumaro_part(files: list[Path], out: Path) -> None:
    import cv2
    import numpy as np
    from datumaro.components.annotation import Mask
    from datumaro.components.dataset import Dataset
    from datumaro.components.dataset_base import DatasetItem
    from datumaro.components.media import Image

    items = []
    for path in files:
        labels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        masks = [Mask(image=labels == label, label=label) for label in np.unique(labels[labels > 0]).tolist()]
        items.append(DatasetItem(id=path.stem, media=Image.from_numpy(data=labels), annotations=masks))
    dataset = Dataset.from_iterable(items, categories=[str(number) for number in range(32)])
    dataset.transform("masks_to_polygons")
    dataset.export(str(out), "coco_instances", save_media=False)


def _write_coco(faces: Any, out: Path) -> None:
    annotations = []
    for image, found in enumerate(faces, 1):
        for annotation in found:
            annotations.append({"id": len(annotations) + 1, "image_id": image, **annotation})
    (out / "annotations.json").write_text(json.dumps({"annotations": annotations}))


WAYS: dict[str, Callable[[Path, Path], None]] = {
    "loop": loop,
    "opencv": opencv,
    "supervision": supervision,
    "datumaro": datumaro,
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
