"""The Python blocks of docs/photos.md run as they stand, on the sample."""

import shutil
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "photos.md"


@pytest.mark.usefixtures("face_model")
def test_the_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copyfile(ROOT / "samples" / "astronaut" / "image.jpg", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    fences = [token for token in MarkdownIt().parse(PAGE.read_text(encoding="utf-8")) if token.type == "fence"]
    names: dict[str, object] = {}
    for fence in fences:
        if fence.info == "python":
            exec(compile(fence.content, PAGE.name, "exec"), names)  # noqa: S102 - our own page
    assert names["mask"].labels_from == "landmarks"  # type: ignore[attr-defined]
    assert len(names["faces"]) == len(names["masks"]) == len(names["crowd"]) == 1  # type: ignore[arg-type]
    assert names["one"].svg == names["mask"].svg  # type: ignore[attr-defined]
