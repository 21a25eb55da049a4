"""Malformed requests: two parsers could disagree on where they end, so a server has to refuse them and close.

Each is complete apart from its fault: a server that overlooks the fault responds to it or to what follows.
"""

from __future__ import annotations

from support.http1.messages import BODY, JSON, SUBMIT, chunked, head

_LENGTH = len(BODY)
_PATH = SUBMIT.replace("submit", "status/none")


def _with_lengths(*values: str) -> bytes:
    return head(SUBMIT, JSON, *(f"Content-Length: {value}" for value in values)) + BODY


def _chunked(*lines: str) -> bytes:
    return head(SUBMIT, JSON, *lines) + chunked()


def _field_line(line: bytes) -> bytes:
    return b"GET %b HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % (_PATH.encode(), line)


def _request_line(line: bytes) -> bytes:
    return line.replace(b"PATH", _PATH.encode()) + b"\r\nHost: x\r\n\r\n"


def _first_chunk(size: bytes, behind: bytes = b"\r\n%b\r\n0\r\n\r\n" % BODY) -> bytes:
    return head(SUBMIT, JSON, "Transfer-Encoding: chunked") + size + behind


_N = str(_LENGTH)
_HEX = b"%x" % _LENGTH

LENGTHS = {
    "two different": _with_lengths(_N, "5"),
    "two equal": _with_lengths(_N, _N),
    "a list of two equal": _with_lengths(f"{_N}, {_N}"),
    "a minus": _with_lengths(f"-{_N}"),
    "a plus": _with_lengths(f"+{_N}"),
    "a blank inside": _with_lengths(f"{_N[:1]} {_N[1:]}"),
    "a tab inside": _with_lengths(f"{_N[:1]}\t{_N[1:]}"),
    "a hexadecimal prefix": _with_lengths("0x10"),
    "hexadecimal digits": _with_lengths("ff"),
    "empty": _with_lengths(""),
    "thirty digits": _with_lengths("9" * 30),
    "more than 64 bits": _with_lengths("18446744073709551617"),
    "a point": _with_lengths(f"{_N}.0"),
    "an exponent": _with_lengths("1e3"),
    "an underscore": _with_lengths("1_0"),
    "a digit of another alphabet": _with_lengths("\xb2"),
    "quotes": _with_lengths(f'"{_N}"'),
}

BOTH = {
    "length, then coding": _chunked(f"Content-Length: {_N}", "Transfer-Encoding: chunked"),
    "coding, then length": _chunked("Transfer-Encoding: chunked", f"Content-Length: {_N}"),
    "coding, and a length of 0": _chunked("Transfer-Encoding: chunked", "Content-Length: 0"),
}

CODINGS = {
    name: _chunked(f"Transfer-Encoding: {value}")
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
} | {"two lines": _chunked("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")}

# Earlier versions accepted these, as further codings of a chunked body.
WRAPPED_CODINGS = {
    "another one before": _chunked("Transfer-Encoding: gzip, chunked"),
    "another line before": _chunked("Transfer-Encoding: gzip", "Transfer-Encoding: chunked"),
    "identity before": _chunked("Transfer-Encoding: identity, chunked"),
    "a comma before": _chunked("Transfer-Encoding: ,chunked"),
}

LINES = {
    "folded by a blank": _field_line(b"A: b\r\n c"),
    "folded by a tab": _field_line(b"A: b\r\n\tc"),
    "folded at once": b"GET %b HTTP/1.1\r\n Host: x\r\n\r\n" % _PATH.encode(),
    "bare line feeds": _field_line(b"A: b").replace(b"\r", b""),
    "a bare line feed behind a header": _field_line(b"A: b\nC: d"),
    "a bare line feed behind the first line": _field_line(b"A: b").replace(b"\r", b"", 1),
    "a bare line feed at the end": _field_line(b"A: b")[:-2] + b"\n",
    "a bare carriage return": _field_line(b"A: b\rC: d"),
    "a blank before the colon": _field_line(b"A : b"),
    "a tab before the colon": _field_line(b"A\t: b"),
    "a length with a blank before the colon": head(SUBMIT, JSON, f"Content-Length : {_N}") + BODY,
    "no colon": _field_line(b"A"),
    "no name": _field_line(b": b"),
    "NUL in a name": _field_line(b"A\x00: b"),
    "NUL in a value": _field_line(b"A: b\x00c"),
    "a control character in a name": _field_line(b"A\x01: b"),
    "a control character in a value": _field_line(b"A: b\x01c"),
    "a vertical tab in a value": _field_line(b"A: b\x0bc"),
    "DEL in a value": _field_line(b"A: b\x7fc"),
    "a letter outside ASCII in a name": _field_line(b"A\xff: b"),
    "a separator in a name": _field_line(b"A(: b"),
}

CHUNKS = {
    "a minus": _first_chunk(b"-" + _HEX),
    "a plus": _first_chunk(b"+" + _HEX),
    "a blank before": _first_chunk(b" " + _HEX),
    "a blank behind": _first_chunk(_HEX + b" "),
    "no size": _first_chunk(b""),
    "17 digits": _first_chunk(b"1" + b"0" * 16),
    "more than 64 bits": _first_chunk(b"f" * 17),
    "no hexadecimal digit": _first_chunk(b"zz"),
    "a hexadecimal prefix": _first_chunk(b"0x" + _HEX),
    "an underscore": _first_chunk(b"1_0"),
    "no line end behind the data": _first_chunk(_HEX, b"\r\n%b0\r\n\r\n" % BODY),
    "a bare line feed behind the size": _first_chunk(_HEX, b"\n%b\r\n0\r\n\r\n" % BODY),
    "a bare line feed behind the data": _first_chunk(_HEX, b"\r\n%b\n0\r\n\r\n" % BODY),
    "bare line feeds at the end": _first_chunk(_HEX, b"\r\n%b\r\n0\n\n" % BODY),
    "a bare line feed behind an extension": _first_chunk(_HEX + b";a", b"\n%b\r\n0\r\n\r\n" % BODY),
    "a control character in an extension": _first_chunk(_HEX + b";a=\x01"),
    "a size too small": _first_chunk(b"%x" % (_LENGTH - 1)),
    "a folded trailer": _first_chunk(_HEX, b"\r\n%b\r\n0\r\nA: b\r\n c\r\n\r\n" % BODY),
    "a trailer without a colon": _first_chunk(_HEX, b"\r\n%b\r\n0\r\nA\r\n\r\n" % BODY),
    "a trailer with NUL": _first_chunk(_HEX, b"\r\n%b\r\n0\r\nA: \x00\r\n\r\n" % BODY),
}

FIRST_LINES = {
    "another version": _request_line(b"GET PATH HTTP/1.2"),
    "a version of two digits": _request_line(b"GET PATH HTTP/11.1"),
    "a version of three digits": _request_line(b"GET PATH HTTP/1.10"),
    "a version in small letters": _request_line(b"GET PATH http/1.1"),
    "a version without a point": _request_line(b"GET PATH HTTP/1"),
    "another protocol": _request_line(b"GET PATH HTTPS/1.1"),
    "a word too many": _request_line(b"GET PATH HTTP/1.1 x"),
    "no path": _request_line(b"GET HTTP/1.1"),
    "tabs": _request_line(b"GET\tPATH\tHTTP/1.1"),
    "NUL in the method": _request_line(b"G\x00T PATH HTTP/1.1"),
    "a control character in the path": _request_line(b"GET PATH\x01 HTTP/1.1"),
    "a handshake of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20 + b"\r\n\r\n",
    "a preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}

# Earlier versions accepted these.
VERSIONS = {
    "HTTP/0.9": _request_line(b"GET PATH HTTP/0.9"),
    "HTTP/2.0": _request_line(b"GET PATH HTTP/2.0"),
    "no version": b"GET %b\r\n\r\n" % _PATH.encode(),
    "a version of RTSP": _request_line(b"GET PATH RTSP/1.0"),
    "a version of ICE": _request_line(b"SOURCE PATH ICE/1.0"),
}

HOSTS = {
    "none": b"GET %b HTTP/1.1\r\nA: b\r\n\r\n" % _PATH.encode(),
    "two equal": _field_line(b"Host: x"),
    "two different": _field_line(b"Host: y"),
    "two, one of them empty": _field_line(b"Host:"),
}
