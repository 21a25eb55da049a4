"""docs/compiled_module.md: its example runs with NumPy alone, and every name of the module is on it once."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from facemask import _core
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compiled_module.md").read_text(encoding="utf-8")
BLOCKS = [token.content for token in MarkdownIt().parse(PAGE) if token.type == "fence"]
CHECKS = """
assert [region["name"] for region in regions] == ["nose", "lips"]
assert points.shape[1] == 2 and offsets[-1] == len(points) and not notices
assert direct.svg == mask.svg == Path("core.svg").read_text()
import sys
package = {name for name in sys.modules if name.startswith("facemask.")}
assert package == {"facemask._core"}, package
"""


def names_below(title: str) -> list[str]:
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]
    if "| name |" in section:
        rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
        return [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    (paragraph,) = (text for text in section.split("\n\n") if text.startswith("`Fingerprint`"))
    return re.findall(r"`(\w+)`", paragraph)


def test_the_example_runs_and_imports_nothing_else_of_the_package(tmp_path: Path):
    shutil.copytree(ROOT / "samples" / "astronaut", tmp_path / "samples" / "astronaut")
    code = "\n".join([*BLOCKS, CHECKS])
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_name_is_stable_or_may_change():
    stable, changing = names_below("What is stable"), names_below("What may change")
    assert sorted([*stable, *changing]) == sorted(_core.__all__)


def test_the_attributes_of_a_result_are_there():
    (paragraph,) = (text for text in PAGE.split("\n\n") if text.startswith("Of a `FaceMask`"))
    listed = re.findall(r"`(\w+)(?:\(photo, limits\))?`", paragraph.partition("\n`contours` is")[0])
    assert len(listed) > 15
    assert set(listed) - {"FaceMask"} <= set(dir(_core.FaceMask))
