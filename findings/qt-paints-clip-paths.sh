#!/usr/bin/env bash
# Guess: a renderer that does not know clip paths ignores the element, and draws what it should have clipped whole.
# What happens: QtSvg draws the children of a clipPath as shapes, black as the default fill is, over what comes before.
# Inside of defs the same clipPath draws nothing.
# Versions: PySide6-Essentials 6.12.0 (QtSvg), CPython 3.11.
# Source: seen with the script below; QtSvg's documentation promises SVG Tiny 1.2, which has no clip paths.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check pyside6-essentials==6.12.0
QT_QPA_PLATFORM=offscreen "$work/venv/bin/python" - <<'PYTHON'
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

application = QGuiApplication([])
CLIP = '<clipPath id="c"><path d="M0 0h4v4h-4z"/></clipPath>'


def color(content: str) -> str:
    """Return the color in the middle of a white square of four units that `content` follows."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"><rect width="4" height="4" fill="#fff"/>{content}</svg>'
    picture = QImage(4, 4, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter)
    painter.end()
    return picture.pixelColor(2, 2).name()


bare, defined = color(CLIP), color(f"<defs>{CLIP}</defs>")
print("clipPath alone:", bare, "- within defs:", defined)
assert (bare, defined) == ("#000000", "#ffffff")
PYTHON
