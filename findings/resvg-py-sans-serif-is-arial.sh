#!/usr/bin/env bash
# A good engineer would guess: a generic family such as `sans-serif` is drawn in whatever font is loaded, as in a browser.
# What happens: resvg maps `sans-serif` to the name Arial and `serif` to Times New Roman. Where these are not installed, as
#   on most Linux servers, resvg_py.svg_to_bytes draws no text, and reports no error. The parameter `font_family` does
#   not help; `sans_serif_family`, or real names before the generic one in the document, do.
# Versions: resvg-py 0.5.0, matplotlib 3.10.7 for its copy of DejaVu Sans, Python 3.11 or later.
# Source: usvg, crates/usvg/src/text/mod.rs and fontdb: `set_sans_serif_family`, "Arial" by default.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check resvg-py==0.5.0 matplotlib==3.10.7
cat > "$folder/text.py" <<'PYTHON'
from pathlib import Path

import matplotlib
import resvg_py

font = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"


def has_text(family: str, **options: str) -> bool:
    """Return whether a word in a font family leaves a pixel, where DejaVu Sans alone is loaded."""
    text = f'<text x="5" y="15" font-family="{family}">hello</text>'
    size = {"width": 100, "height": 20, "skip_system_fonts": True, "font_files": [str(font)]}

    def draw(content: str) -> bytes:
        return bytes(resvg_py.svg_to_bytes(svg_string=f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20">{content}</svg>', **size, **options))

    return draw(text) != draw("")


drawn = {
    "DejaVu Sans": has_text("DejaVu Sans"),
    "sans-serif": has_text("sans-serif"),
    "sans-serif, font_family=DejaVu Sans": has_text("sans-serif", font_family="DejaVu Sans"),
    "sans-serif, sans_serif_family=DejaVu Sans": has_text("sans-serif", sans_serif_family="DejaVu Sans"),
    "DejaVu Sans, sans-serif": has_text("DejaVu Sans, sans-serif"),
}
for name, is_drawn in drawn.items():
    print(f"{name}: {'text' if is_drawn else 'no text'}")
raise SystemExit(0 if list(drawn.values()) == [True, False, False, True, True] else 1)
PYTHON
"$folder/venv/bin/python" "$folder/text.py"
