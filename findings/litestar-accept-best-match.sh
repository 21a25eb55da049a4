#!/usr/bin/env bash
# Guess: Litestar's `Accept.best_match`, the documented way to choose a response's media type, follows RFC 9110, section
#   12.5.1: a range with `q=0` is not acceptable, and the most specific range that matches a type gives that type's weight.
# What happens: the client's ranges are sorted by weight, and the first one that matches any offer wins. So a type that the
#   client excludes with `q=0` is served, alone or under `*/*`; and `image/*` outvotes `image/svg+xml;q=0.1`, which says that
#   SVG is the least wanted image. Every offer but the excluded one would have been right.
# Versions: litestar 2.25.0; werkzeug 3.1.9 beside it, which follows the RFC. Python 3.11 or later.
# Source: litestar/datastructures/headers.py, class Accept; RFC 9110, sections 12.4.2 and 12.5.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check litestar==2.25.0 werkzeug==3.1.9
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from litestar.datastructures.headers import Accept
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

OFFERS = ["image/svg+xml", "image/png", "application/json"]
CASES = {  # header: (what Litestar answers, what the RFC asks for)
    "image/svg+xml;q=0": ("image/svg+xml", None),
    "image/svg+xml;q=0, */*": ("image/svg+xml", "image/png"),
    "*/*;q=0": ("image/svg+xml", None),
    "image/*, image/svg+xml;q=0.1": ("image/svg+xml", "image/png"),
    "image/png;q=0.2, image/*;q=0.9": ("image/svg+xml", "image/svg+xml"),
}
changed = False
print(f"{'Accept':32} {'Litestar':16} {'Werkzeug':16}")
for header, (litestars, right) in CASES.items():
    found = Accept(header).best_match(OFFERS)
    beside = parse_accept_header(header, MIMEAccept).best_match(OFFERS)
    print(f"{header:32} {found!s:16} {beside!s:16}")
    changed |= (found, beside) != (litestars, right)
sys.exit("the behaviour has changed" if changed else 0)
PYTHON
