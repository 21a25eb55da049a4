#!/usr/bin/env bash
# Guess: prometheus_client's `choose_encoder(accept)` picks the exposition format that the scraper likes most, and names
#   in the Content-Type the version that it then writes.
# What happens: weights are not read. The first element that names OpenMetrics wins, even with `q=0` or behind a text format
#   with a higher weight. And the version in the answer's Content-Type is the client's own text: asked for OpenMetrics 99.0.0
#   it answers "version=99.0.0" over the very bytes of 1.0.0.
# Versions: prometheus_client 0.26.0. Python 3.11 or later.
# Source: prometheus_client/exposition.py, `choose_encoder`; RFC 9110, section 12.5.1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check prometheus-client==0.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import sys

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import choose_encoder

registry = CollectorRegistry()
Gauge("rooms", "Rooms.", registry=registry).set(3)
NEW = "application/openmetrics-text"


def page(accept):
    encode, kind = choose_encoder(accept)
    return kind, encode(registry)


first = page(f"{NEW};version=1.0.0")
last = page(f"{NEW};version=99.0.0")
rows = {
    "text/plain;version=0.0.4;q=0.9, " + NEW + ";version=1.0.0;q=0.1": f"{NEW}; version=1.0.0;",
    f"{NEW};version=1.0.0;q=0, text/plain;version=0.0.4": f"{NEW}; version=1.0.0;",
    f"{NEW};version=99.0.0": f"{NEW}; version=99.0.0;",
}
changed = first[1] != last[1]
for accept, begins in rows.items():
    kind, _ = page(accept)
    print(f"{accept}\n  -> {kind}")
    changed |= not kind.startswith(begins)
print("the bytes of 99.0.0 are those of 1.0.0:", first[1] == last[1])
sys.exit("the behaviour has changed" if changed else 0)
PYTHON
