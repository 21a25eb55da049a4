"""Digests of the private parts of uvicorn that the server depends on; any release may change them."""

from __future__ import annotations

import hashlib
import inspect

import pytest
import uvicorn
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

# When a digest differs: read what has changed, run `tests/http1` and `play_sequences.py --count 100000`, then write the
# new digest here and the version's bounds into pyproject.toml.
READ = {
    HttpToolsProtocol: "18fdf324b11bf160",
    RequestResponseCycle: "e67d470d435dcc1c",
    FlowControl: "126debcdaa894c83",
    ServerState: "f2260fbf10154746",
    uvicorn.Server.startup: "2aa1d70a244bfcf2",
    uvicorn.Server.shutdown: "9b33c50562992b1e",
    uvicorn.Server.on_tick: "60ea49b06ccf68c1",
    uvicorn.Server._serve: "4575b7a50adfede8",
}


@pytest.mark.parametrize("part", READ, ids=lambda part: part.__qualname__)
def test_what_the_front_stands_on_is_what_was_read(part: type) -> None:
    source = inspect.getsource(part).encode()
    assert hashlib.sha256(source).hexdigest()[:16] == READ[part], f"uvicorn {uvicorn.__version__} is another"
