"""Draw the zones of the sample for every landmark scheme that has outlines.

python docs/make_zone_pictures.py        # writes docs/zones/*.png; needs the development dependencies
"""

import io
import sys
from pathlib import Path

import facemask
import numpy as np
import resvg_py
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import landmark_schemes, sample  # noqa: E402  (the schemes' points of the sample stand with the tests)

WIDTH = 360
COLORS = {
    "forehead": "#4dabf7",
    "under_eye_r": "#7048e8",
    "under_eye_l": "#7048e8",
    "chin": "#20c997",
    "nose": "#fd7e14",
    "ear_r": "#845ef7",
    "ear_l": "#845ef7",
    "cheek_r": "#fab005",
    "cheek_l": "#fab005",
    "upper_lip_area": "#12b886",
    "lips": "#e03131",
    "brow_r": "#495057",
    "brow_l": "#495057",
}


def picture(labels: np.ndarray, landmarks: np.ndarray | None, **options: str) -> Image.Image:
    """Draw the zones over the photo."""
    photo = np.array(sample.copy().photo)
    mask = facemask.trace_face(
        labels, landmarks, regions="zones", image=photo, embed_image="crop", colors=COLORS, **options
    )
    png = bytes(resvg_py.svg_to_bytes(svg_string=mask.svg, background="white"))
    drawn = Image.open(io.BytesIO(png)).convert("RGB")
    return drawn.resize((WIDTH, round(drawn.height * WIDTH / drawn.width)), Image.Resampling.LANCZOS)


def bald(labels: np.ndarray) -> np.ndarray:
    """Turn the hair within the face into skin, as of a face whose forehead is bare."""
    points = sample.LANDMARKS
    rows, columns = np.mgrid[: labels.shape[0], : labels.shape[1]]
    x, brows = points[168, 0], points[[105, 334], 1].mean()
    half_width, height = (points[454, 0] - points[234, 0]) / 2, 160.0
    inside = ((columns - x) / half_width) ** 2 + ((rows - brows) / height) ** 2 < 1.0
    found = labels.copy()
    found[inside & (rows < brows + 60) & (labels == 10)] = 1
    return found


def organless(labels: np.ndarray) -> np.ndarray:
    """Turn the map into one of `mediapipe-multiclass-6`: hair 1, face skin 3, clothes 4."""
    found = np.zeros_like(labels)
    found[labels == 10] = 1
    found[(labels > 0) & (labels < 10)] = 3
    return found


def pictures() -> dict[str, Image.Image]:
    """Draw all pictures, by name."""
    points = sample.LANDMARKS
    labels = sample.LABELS
    drawn = {"mediapipe-478": picture(labels, points), "without-landmarks": picture(labels, None)}
    drawn["ibug-68"] = picture(labels, landmark_schemes.ibug_68(points))
    drawn["bare-forehead-mediapipe-478"] = picture(bald(labels), points)
    drawn["bare-forehead-ibug-68"] = picture(bald(labels), landmark_schemes.ibug_68(points))
    organs = organless(labels)
    drawn["no-organ-labels-mediapipe-478"] = picture(organs, points, label_scheme="mediapipe-multiclass-6")
    drawn["no-organ-labels-ibug-68"] = picture(
        organs, landmark_schemes.ibug_68(points), label_scheme="mediapipe-multiclass-6"
    )
    return drawn


def main() -> None:
    """Write the pictures."""
    folder = ROOT / "docs" / "zones"
    folder.mkdir(exist_ok=True)
    for name, drawn in pictures().items():
        drawn.quantize(128, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
