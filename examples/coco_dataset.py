"""A folder of faces as a COCO data set for training: upright crops and one `annotations.json`. Needs Pillow.

    python examples/coco_dataset.py FOLDER OUT_FOLDER

FOLDER holds NAME.jpg, NAME.map.png and NAME.json. The annotations are in the frame of the upright crop, so the crops
are cut from the photos with the same affine.
"""

import json
import sys
from pathlib import Path

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
    faces, file_names = [], []
    for photo in sorted(Path(folder).glob("*.jpg")):
        labels = facemask.decode_label_map(photo.with_suffix(".map.png").read_bytes())
        face = facemask.trace_face(labels, json.loads(photo.with_suffix(".json").read_text(encoding="utf-8")))
        upright_crop(photo, face).save(out / f"{photo.stem}.png")
        faces.append(face)
        file_names.append(f"{photo.stem}.png")
    document = facemask.to_coco_dataset(faces, file_names=file_names)
    (out / "annotations.json").write_text(json.dumps(document), encoding="utf-8")
    print(f"{len(document['images'])} images, {len(document['annotations'])} annotations")


if __name__ == "__main__":
    main(*sys.argv[1:])
