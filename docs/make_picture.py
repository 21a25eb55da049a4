"""Draw the README's picture: the sample turned by 30 degrees, and what facemask makes of it.

python docs/make_picture.py        # writes docs/astronaut.jpg; needs the development dependencies
"""

import importlib.util
import io
from pathlib import Path

import facemask
import numpy as np
import resvg_py
from PIL import Image

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "astronaut"
HEIGHT = 420


def turned(angle: float) -> tuple[Image.Image, np.ndarray, np.ndarray]:
    """Return photo, landmarks and label map of the sample, turned clockwise by `angle` degrees."""
    spec = importlib.util.spec_from_file_location("make_variants", SAMPLE / "make_variants.py")
    variants = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(variants)
    points = variants.json.loads((SAMPLE / "landmarks.json").read_text())
    labels = facemask.decode_label_map((SAMPLE / "segmentation.png").read_bytes())
    photo = Image.open(SAMPLE / "image.jpg").convert("RGB")
    return variants.turn(photo, np.array([[p["x"], p["y"]] for p in points]), labels, angle, fill=(255, 255, 255))


def drawn(svg: str) -> Image.Image:
    """Render an SVG."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white"))
    return Image.open(io.BytesIO(png)).convert("RGB")


def main() -> None:
    """Write the picture."""
    photo, points, labels = turned(30)
    pictures = [photo]
    for style, embed in (("default", "crop"), ("outline", "crop"), ("solid", "none")):
        mask = facemask.trace_face(labels, points, image=np.array(photo), style=style, embed_image=embed)
        pictures.append(drawn(mask.svg))
    small = [p.resize((round(p.width * HEIGHT / p.height), HEIGHT), Image.Resampling.LANCZOS) for p in pictures]
    strip = Image.new("RGB", (sum(p.width + 8 for p in small) - 8, HEIGHT), "white")
    x = 0
    for picture in small:
        strip.paste(picture, (x, 0))
        x += picture.width + 8
    strip.save(ROOT / "docs" / "astronaut.jpg", quality=90, optimize=True)


if __name__ == "__main__":
    main()
