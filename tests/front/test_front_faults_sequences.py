"""One request, one answer, in sequences with everything in them: `sequences.py` runs as many of them as are wanted."""

from __future__ import annotations

import asyncio

from sequences import run
from support.http1.server_process import FrontServer

COUNT = 600


def test_every_request_of_any_sequence_has_its_answer(echo: FrontServer) -> None:
    assert asyncio.run(run(echo.port, 11, range(COUNT))) == []
