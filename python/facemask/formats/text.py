"""JSON as every format writes it."""

import json
from typing import Any


def json_bytes(value: Any) -> bytes:
    """Write compact UTF-8 JSON; characters stand for themselves."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
