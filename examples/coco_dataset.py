"""A folder of faces as a COCO data set for training: upright crops and one `annotations.json`. Needs Pillow.

    python examples/coco_dataset.py FOLDER OUT_FOLDER

FOLDER holds NAME.jpg, NAME.map.png and NAME.json. The annotations are in the frame of the upright crop, so the crops
are cut from the photos with the same affine.
"""

import json
import sys
from pathlib import Path
from typing import Any

import facemask
import numpy as np
from PIL import Image


def upright_crop(photo: Path, face: facemask.FaceMask) -> Image.Image:
    """Resample the photo into the crop frame. Pillow wants the inverse affine, at pixel centers."""
    a, b, c, d, e, f = face.crop_from_image
    image_from_crop = np.linalg.inv([[a, b, c], [d, e, f], [0.0, 0.0, 1.0]])
    pixels = Image.fromarray(facemask.decode_image(photo.read_bytes()))
    return pixels.transform(
        face.size, Image.Transform.AFFINE, tuple(image_from_crop[:2].ravel()), Image.Resampling.BICUBIC
    )


def main(folder: str, out_folder: str) -> None:
    out = Path(out_folder)
    out.mkdir(parents=True, exist_ok=True)
    merged: dict[str, Any] = {"images": [], "annotations": [], "categories": {}}
    for image_id, photo in enumerate(sorted(Path(folder).glob("*.jpg")), 1):
        labels = facemask.decode_label_map(photo.with_suffix(".map.png").read_bytes())
        face = facemask.trace_face(labels, json.loads(photo.with_suffix(".json").read_text(encoding="utf-8")))
        file_name = f"{photo.stem}.png"
        upright_crop(photo, face).save(out / file_name)
        one = face.to_coco(image_id=image_id, file_name=file_name)
        merged["images"] += one["images"]
        merged["categories"] |= {category["id"]: category for category in one["categories"]}
        for annotation in one["annotations"]:  # an annotation's id is unique in the data set
            merged["annotations"].append(annotation | {"id": len(merged["annotations"]) + 1})
    merged["categories"] = [merged["categories"][key] for key in sorted(merged["categories"])]
    (out / "annotations.json").write_text(json.dumps(merged), encoding="utf-8")
    print(f"{len(merged['images'])} images, {len(merged['annotations'])} annotations")


if __name__ == "__main__":
    main(*sys.argv[1:])
