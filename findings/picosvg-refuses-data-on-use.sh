#!/usr/bin/env bash
# Guess: data-* attributes are allowed on every SVG element, so a converter ignores them or keeps them.
# What happens: picosvg converts a path and a group with data-part, and raises ValueError for a use of a group with it.
# The attributes of such a use go to a new group and on to its children, by rules: data-name has one, no other data-*.
# Versions: picosvg 0.23.0, CPython 3.11.
# Source: picosvg/svg.py, _resolve_use and _inherit_attrib.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --disable-pip-version-check picosvg==0.23.0
"$work/venv/bin/python" - <<'PYTHON'
from picosvg.svg import SVG


def convert(content: str) -> str:
    """Convert a square and what follows it; return the error or the number of paths."""
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    svg = f'<svg {namespaces} viewBox="0 0 9 9"><g id="a"><path d="M0 0h4v4h-4z" data-part="1"/></g>{content}</svg>'
    try:
        return f"{SVG.fromstring(svg).topicosvg().tostring().count('<path')} paths"
    except ValueError as error:
        return str(error)


USE = '<use xlink:href="#a" x="4"{}/>'
plain, named, data = (convert(USE.format(more)) for more in ("", ' data-name="b"', ' data-part="2"'))
group = convert(f'<g data-part="2">{USE.format("")}</g>')
print(plain, "|", named, "|", data, "|", group)
assert plain == named == group == "2 paths"
assert data == "Unable to process attrib {'data-part': '2'}"
PYTHON
