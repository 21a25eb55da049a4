"""Programs and libraries that read SVG, each as a function from a document and its size to its pixels on white.

A PDF library writes the drawing into a PDF, which PyMuPDF rasterizes.
"""

import io
import os
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

import cairosvg
import fpdf
import numpy as np
import picosvg.svg
import pymupdf
import resvg_py
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from reportlab.graphics import renderPDF
from svglib.svglib import svg2rlg

Pixels = NDArray[np.int64]
Size = tuple[int, int]


def _on_white(png: bytes, size: Size) -> Pixels:
    """Return the top left `size` of a picture on white: int64 (height, width, 3)."""
    picture = Image.open(io.BytesIO(png)).convert("RGBA").crop((0, 0, *size))
    paper = Image.new("RGBA", size, "white")
    paper.alpha_composite(picture)
    return np.asarray(paper.convert("RGB")).astype(np.int64)


def read_with_resvg(svg: str, size: Size) -> Pixels:
    return _on_white(bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts="<text" not in svg)), size)


def read_with_cairosvg(svg: str, size: Size) -> Pixels:
    return _on_white(cairosvg.svg2png(bytestring=svg.encode()), size)


def read_with_librsvg(svg: str, size: Size) -> Pixels:
    done = subprocess.run(["rsvg-convert"], input=svg.encode(), capture_output=True, check=True)
    return _on_white(done.stdout, size)


def read_with_inkscape(svg: str, size: Size, paper: str = "#ffffff") -> Pixels:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "drawing.svg"), Path(folder, "drawing.png")
        source.write_text(svg, encoding="utf-8")
        command = ["inkscape", source, "--export-type=png", f"--export-filename={target}", "--export-area-page"]
        options = [f"--export-background={paper}", "--export-background-opacity=1"]
        subprocess.run([*command, *options], check=True, capture_output=True)
        return _on_white(target.read_bytes(), size)


def read_with_chromium(svg: str, size: Size) -> Pixels:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "drawing.svg"), Path(folder, "drawing.png")
        source.write_text(svg, encoding="utf-8")
        # A window cannot be as narrow as a drawing.
        window = f"--window-size={max(size[0], 800)},{max(size[1], 800)}"
        flags = ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1", window]
        command = [os.environ.get("CHROMIUM", "chromium"), *flags, f"--screenshot={target}", source.as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        return _on_white(target.read_bytes(), size)


def read_with_qt(svg: str, size: Size) -> Pixels:
    application = QGuiApplication.instance() or QGuiApplication([])
    assert application is not None
    picture = QImage(*size, QImage.Format.Format_ARGB32)
    picture.fill(0)
    painter = QPainter(picture)
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    assert renderer.isValid()
    renderer.render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    picture.save(buffer, "PNG")
    return _on_white(bytes(buffer.data().data()), size)


def read_with_pymupdf(svg: str, size: Size) -> Pixels:
    return _first_page(svg.encode(), "svg", size)


def read_with_fpdf2(svg: str, size: Size) -> Pixels:
    pdf = fpdf.FPDF(unit="pt", format=size)
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    pdf.add_page()
    fpdf.svg.SVGObject(svg).draw_to_page(pdf, 0, 0)
    return _first_page(bytes(pdf.output()), "pdf", size)


def read_with_svglib(svg: str, size: Size) -> Pixels:
    return _first_page(renderPDF.drawToString(svg2rlg(io.BytesIO(svg.encode()))), "pdf", size)


def read_with_picosvg(svg: str, size: Size) -> Pixels:
    return read_with_resvg(picosvg.svg.SVG.fromstring(svg).topicosvg(drop_unsupported=True).tostring(), size)


def _first_page(data: bytes, kind: str, size: Size) -> Pixels:
    page = pymupdf.open(kind, data)[0]
    scale = pymupdf.Matrix(size[0] / page.rect.width, size[1] / page.rect.height)
    pixels = page.get_pixmap(matrix=scale)
    return _on_white(pixels.tobytes("png"), size)


READERS: Final[dict[str, Callable[..., Any]]] = {
    "resvg": read_with_resvg,
    "cairosvg": read_with_cairosvg,
    "librsvg": read_with_librsvg,
    "inkscape": read_with_inkscape,
    "chromium": read_with_chromium,
    "qt": read_with_qt,
    "pymupdf": read_with_pymupdf,
    "fpdf2": read_with_fpdf2,
    "svglib": read_with_svglib,
    "picosvg": read_with_picosvg,
}
