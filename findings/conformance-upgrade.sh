#!/usr/bin/env bash
# Guess: a parser goes on with the body of a POST that offers another protocol; whether to switch is the server's choice.
# What happens: httptools takes the offer for the switch. It calls on_message_complete behind the head, raises
# HttpParserUpgrade, and never gives the body, whatever Content-Length says. So a server that ignores the offer (RFC
# 9110, section 7.8, lets it) waits in vain, or takes the body for the next request. The HttpClient of Java and
# `curl --http2` offer h2c on plain HTTP by default. h11 reads the same body.
# Versions: httptools 0.9.0, h11 0.16.0.
# Source: RFC 9110, section 7.8; README of httptools (HttpParserUpgrade).
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet httptools==0.9.0 h11==0.16.0
cat > "$folder/upgrade.py" <<'PYTHON'
import sys

import h11
import httptools

BODY = b"a body of a few words"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQA\r\n"


class Heard:
    def __init__(self):
        self.body, self.complete, self.upgrade = b"", 0, False

    def on_body(self, body):
        self.body += body

    def on_message_complete(self):
        self.complete += 1


def by_httptools(request):
    heard = Heard()
    try:
        httptools.HttpRequestParser(heard).feed_data(request)
    except httptools.HttpParserUpgrade:
        heard.upgrade = True
    return heard


def by_h11(request):
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(request)
    body = b""
    while (event := connection.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
        if isinstance(event, h11.Data):
            body += bytes(event.data)
        if isinstance(event, h11.EndOfMessage):
            return body
    return None


def request(offer):
    head = b"POST /submit HTTP/1.1\r\nHost: x\r\n%bContent-Length: %d\r\n\r\n" % (offer, len(BODY))
    return head + BODY


plain, offered = by_httptools(request(b"")), by_httptools(request(OFFER))
print(f"without the offer: httptools gives {len(plain.body)} bytes, h11 {len(by_h11(request(b'')))}")
print(f"with the offer: httptools gives {len(offered.body)} bytes and says that the message is complete "
      f"{offered.complete} time(s), upgrade {offered.upgrade}; h11 gives {len(by_h11(request(OFFER)))}")
as_seen = plain.body == BODY and offered.body == b"" and offered.complete == 1 and offered.upgrade
sys.exit(0 if as_seen and by_h11(request(OFFER)) == BODY else 1)
PYTHON
"$folder/venv/bin/python" "$folder/upgrade.py"
