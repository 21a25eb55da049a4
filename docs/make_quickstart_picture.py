"""Draw the picture below the README's first Python blocks: the two SVG files that these blocks write, side by side.

python docs/make_quickstart_picture.py     # writes docs/quickstart.webp; needs the development dependencies
"""

import io
import os
import tempfile
from pathlib import Path

import resvg_py
from markdown_it import MarkdownIt
from PIL import Image

ROOT = Path(__file__).parents[1]
GAP = 24
QUALITY = 88


def run_python_blocks(page: Path, folder: Path, last: str) -> None:
    """Run the Python blocks of a page in `folder`, beside a link to the samples, until one has written `last`."""
    tokens = MarkdownIt().parse(page.read_text(encoding="utf-8"))
    (folder / "samples").symlink_to(ROOT / "samples")
    os.chdir(folder)
    names: dict[str, object] = {}
    for token in tokens:
        if token.type == "fence" and token.info == "python" and not Path(last).exists():
            exec(compile(token.content, page.name, "exec"), names)  # noqa: S102 - our own page


def render(svg: str) -> Image.Image:
    """Rasterize an SVG document on white."""
    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white"))
    return Image.open(io.BytesIO(png)).convert("RGB")


def main() -> None:
    """Write the picture."""
    with tempfile.TemporaryDirectory() as folder:
        run_python_blocks(ROOT / "README.md", Path(folder), "zones.svg")
        left, right = (render(Path(name).read_text(encoding="utf-8")) for name in ("face.svg", "zones.svg"))
        os.chdir(ROOT)
    picture = Image.new("RGB", (left.width + GAP + right.width, max(left.height, right.height)), "white")
    picture.paste(left, (0, 0))
    picture.paste(right, (left.width + GAP, 0))
    picture.save(ROOT / "docs" / "quickstart.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
