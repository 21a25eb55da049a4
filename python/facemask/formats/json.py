"""JSON encoding of all export formats."""

import json
from typing import Any


def encode_json(value: Any) -> bytes:
    """Encode compact UTF-8 JSON without escapes of non-ASCII characters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
