"""Requests that are none: two readers might disagree on where they end, so a server refuses them and hangs up.

Each is complete but for its fault: whoever overlooks the fault answers it, or answers what stands behind it.
"""

from __future__ import annotations

from support.http1.messages import BODY, JSON, SUBMIT, chunked, head

_LENGTH = len(BODY)
_PATH = SUBMIT.replace("submit", "status/none")


def _lengths(*values: str) -> bytes:
    return head(SUBMIT, JSON, *(f"Content-Length: {value}" for value in values)) + BODY


def _coding(*lines: str) -> bytes:
    return head(SUBMIT, JSON, *lines) + chunked()


def _line(line: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % (_PATH.encode(), line)


def _first(line: bytes) -> bytes:
    return line.replace(b"PATH", _PATH.encode()) + b"\r\nHost: x\r\n\r\n"


def _chunk(size: bytes, behind: bytes = b"\r\n%b\r\n0\r\n\r\n" % BODY) -> bytes:
    return head(SUBMIT, JSON, "Transfer-Encoding: chunked") + size + behind


_N = str(_LENGTH)
_HEX = b"%x" % _LENGTH

LENGTHS = {
    "two different": _lengths(_N, "5"),
    "two equal": _lengths(_N, _N),
    "a list of two equal": _lengths(f"{_N}, {_N}"),
    "a minus": _lengths(f"-{_N}"),
    "a plus": _lengths(f"+{_N}"),
    "a blank inside": _lengths(f"{_N[:1]} {_N[1:]}"),
    "a tab inside": _lengths(f"{_N[:1]}\t{_N[1:]}"),
    "a hexadecimal prefix": _lengths("0x10"),
    "hexadecimal digits": _lengths("ff"),
    "empty": _lengths(""),
    "thirty digits": _lengths("9" * 30),
    "more than 64 bits": _lengths("18446744073709551617"),
    "a point": _lengths(f"{_N}.0"),
    "an exponent": _lengths("1e3"),
    "an underscore": _lengths("1_0"),
    "a digit of another alphabet": _lengths("\xb2"),
    "quotes": _lengths(f'"{_N}"'),
}

BOTH = {
    "length, then coding": _coding(f"Content-Length: {_N}", "Transfer-Encoding: chunked"),
    "coding, then length": _coding("Transfer-Encoding: chunked", f"Content-Length: {_N}"),
    "coding, and a length of 0": _coding("Transfer-Encoding: chunked", "Content-Length: 0"),
}

CODINGS = {
    name: _coding(f"Transfer-Encoding: {value}")
    for name, value in {
        "another one": "gzip",
        "identity": "identity",
        "chunked twice": "chunked, chunked",
        "chunked first": "chunked, gzip",
        "a comma behind": "chunked,",
        "a longer word": "xchunked",
        "a parameter": "chunked;q=1",
        "a blank inside": "chu nked",
        "a control character": "\x0bchunked",
        "nothing": "",
        "quotes": '"chunked"',
    }.items()
} | {"two lines": _coding("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")}

# What wraps the chunks would be the body's business, so these were let pass once.
WRAPPED_CODINGS = {
    "another one before": _coding("Transfer-Encoding: gzip, chunked"),
    "another line before": _coding("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
    "identity before": _coding("Transfer-Encoding: identity, chunked"),
    "a comma before": _coding("Transfer-Encoding: ,chunked"),
}

LINES = {
    "folded by a blank": _line(b"A: b\r\n c"),
    "folded by a tab": _line(b"A: b\r\n\tc"),
    "folded at once": b"GET %b HTTP/1.1\r\n Host: x\r\n\r\n" % _PATH.encode(),
    "bare line feeds": _line(b"A: b").replace(b"\r", b""),
    "a bare line feed behind a header": _line(b"A: b\nC: d"),
    "a bare line feed behind the first line": _line(b"A: b").replace(b"\r", b"", 1),
    "a bare line feed at the end": _line(b"A: b")[:-2] + b"\n",
    "a bare carriage return": _line(b"A: b\rC: d"),
    "a blank before the colon": _line(b"A : b"),
    "a tab before the colon": _line(b"A\t: b"),
    "a length with a blank before the colon": head(SUBMIT, JSON, f"Content-Length : {_N}") + BODY,
    "no colon": _line(b"A"),
    "no name": _line(b": b"),
    "NUL in a name": _line(b"A\x00: b"),
    "NUL in a value": _line(b"A: b\x00c"),
    "a control character in a name": _line(b"A\x01: b"),
    "a control character in a value": _line(b"A: b\x01c"),
    "a vertical tab in a value": _line(b"A: b\x0bc"),
    "DEL in a value": _line(b"A: b\x7fc"),
    "a letter outside ASCII in a name": _line(b"A\xff: b"),
    "a separator in a name": _line(b"A(: b"),
}

CHUNKS = {
    "a minus": _chunk(b"-" + _HEX),
    "a plus": _chunk(b"+" + _HEX),
    "a blank before": _chunk(b" " + _HEX),
    "a blank behind": _chunk(_HEX + b" "),
    "no size": _chunk(b""),
    "17 digits": _chunk(b"1" + b"0" * 16),
    "more than 64 bits": _chunk(b"f" * 17),
    "no hexadecimal digit": _chunk(b"zz"),
    "a hexadecimal prefix": _chunk(b"0x" + _HEX),
    "an underscore": _chunk(b"1_0"),
    "no line end behind the data": _chunk(_HEX, b"\r\n%b0\r\n\r\n" % BODY),
    "a bare line feed behind the size": _chunk(_HEX, b"\n%b\r\n0\r\n\r\n" % BODY),
    "a bare line feed behind the data": _chunk(_HEX, b"\r\n%b\n0\r\n\r\n" % BODY),
    "bare line feeds at the end": _chunk(_HEX, b"\r\n%b\r\n0\n\n" % BODY),
    "a bare line feed behind an extension": _chunk(_HEX + b";a", b"\n%b\r\n0\r\n\r\n" % BODY),
    "a control character in an extension": _chunk(_HEX + b";a=\x01"),
    "a size too small": _chunk(b"%x" % (_LENGTH - 1)),
    "a folded trailer": _chunk(_HEX, b"\r\n%b\r\n0\r\nA: b\r\n c\r\n\r\n" % BODY),
    "a trailer without a colon": _chunk(_HEX, b"\r\n%b\r\n0\r\nA\r\n\r\n" % BODY),
    "a trailer with NUL": _chunk(_HEX, b"\r\n%b\r\n0\r\nA: \x00\r\n\r\n" % BODY),
}

FIRST_LINES = {
    "another version": _first(b"GET PATH HTTP/1.2"),
    "a version of two digits": _first(b"GET PATH HTTP/11.1"),
    "a version of three digits": _first(b"GET PATH HTTP/1.10"),
    "a version in small letters": _first(b"GET PATH http/1.1"),
    "a version without a point": _first(b"GET PATH HTTP/1"),
    "another protocol": _first(b"GET PATH HTTPS/1.1"),
    "a word too many": _first(b"GET PATH HTTP/1.1 x"),
    "no path": _first(b"GET HTTP/1.1"),
    "tabs": _first(b"GET\tPATH\tHTTP/1.1"),
    "NUL in the method": _first(b"G\x00T PATH HTTP/1.1"),
    "a control character in the path": _first(b"GET PATH\x01 HTTP/1.1"),
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

# Let pass once.
VERSIONS = {
    "HTTP/0.9": _first(b"GET PATH HTTP/0.9"),
    "HTTP/2.0": _first(b"GET PATH HTTP/2.0"),
    "no version": b"GET %b\r\n\r\n" % _PATH.encode(),
    "a version of RTSP": _first(b"GET PATH RTSP/1.0"),
    "a version of ICE": _first(b"SOURCE PATH ICE/1.0"),
}

HOSTS = {
    "none": b"GET %b HTTP/1.1\r\nA: b\r\n\r\n" % _PATH.encode(),
    "two equal": _line(b"Host: x"),
    "two different": _line(b"Host: y"),
    "two, one of them empty": _line(b"Host:"),
}
