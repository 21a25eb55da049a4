"""Label map files as real tools write them: palettes in another order, ids under transparent pixels."""

import pickle
import warnings

import facemask
import numpy as np
import pytest
from support.recorded_maps import FILES, MAP, MASK


def decode(data: bytes, **options):
    """Decode a map and return it with the codes of its warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        labels = facemask.decode_label_map(data, **options)
    assert all(warning.filename == __file__ for warning in caught), "the caller's line is named"
    messages = [warning.message for warning in caught]
    assert all(isinstance(message, facemask.FacemaskWarning) for message in messages)
    for message in messages:
        copy = pickle.loads(pickle.dumps(message))  # noqa: S301 - its own bytes
        assert (str(message), message.detail, message.code) == (copy.detail, str(copy), copy.code)
    return labels, [message.code for message in messages]


@pytest.mark.parametrize("name", [name for name in FILES if "hidden" not in name])
def test_a_palette_that_a_tool_reordered_gives_the_ids_of_its_colours(name: str):
    labels, codes = decode(FILES[name])
    side = len(labels) // len(MAP)
    assert (labels == np.kron(MASK if name.startswith("mask") else MAP, np.ones((side, side)))).all()
    assert codes == ["map_palette_reordered"]


@pytest.mark.parametrize("tool", ["Pillow", "OpenCV", "libvips"])
def test_ids_that_an_encoder_erased_are_reported(tool: str):
    labels, codes = decode(FILES[f"hair hidden, {tool} WebP"])
    assert (labels == np.where(MAP == 17, 0, MAP)).all()
    assert codes == ["map_hidden_pixels"]


def test_ids_that_an_encoder_kept_are_read():
    labels, codes = decode(FILES["hair hidden, Pillow exact WebP"])
    assert (labels == MAP).all()
    assert codes == []


def test_a_palette_of_ones_own_decides():
    palette = [(int(gray),) * 3 for gray in np.unique(MAP)[::-1]]
    labels, codes = decode(FILES["grays, libvips"], palette=palette)
    assert (labels == np.searchsorted(-np.unique(MAP)[::-1].astype(int), -MAP.astype(int))).all()
    assert codes == []
