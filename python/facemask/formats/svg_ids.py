"""Ids of an SVG document as the core writes them."""

import re
from hashlib import blake2b
from typing import Final

TITLE_ID: Final = "facemask-title"
# Quotes in text are escaped, so text from outside never looks like one of these.
_ID: Final = re.compile(r'( id="| aria-labelledby="| xlink:href="#| clip-path="url\(#)')


def prefix_ids(svg: str) -> str:
    """Return the document with ids that no other drawing in a page has.

    They begin with a digest of the document. A document that was made with `id_prefix` is returned as it is.
    """
    if f' aria-labelledby="{TITLE_ID}"' not in svg:
        return svg
    return add_prefix(svg, f"f{blake2b(svg.encode(), digest_size=6).hexdigest()}-")


def add_prefix(svg: str, prefix: str) -> str:
    """Return the document with a prefix before each id and each reference to one."""
    return _ID.sub(rf"\g<1>{prefix}", svg)
