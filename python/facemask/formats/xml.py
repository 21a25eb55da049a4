"""XML encoding of export formats."""

import re
from typing import Final
from xml.etree.ElementTree import Element, indent, tostring

# What XML 1.0 cannot hold, not even escaped.
_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def encode_xml(root: Element) -> bytes:
    """Encode indented UTF-8 XML. Characters of names that XML cannot hold become U+FFFD."""
    for element in root.iter():
        element.text = element.text and clean(element.text)
        for name, value in element.items():
            element.set(name, clean(value))
    indent(root)
    return bytes(tostring(root, encoding="utf-8")) + b"\n"


def clean(text: str) -> str:
    """Replace what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
