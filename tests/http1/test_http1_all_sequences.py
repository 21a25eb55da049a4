"""One response to each request in sequences with all features; `play_sequences.py` plays any number of them."""

from __future__ import annotations

import asyncio

from play_sequences import run
from support.http1.server_process import FrontServer

COUNT = 600


def test_every_request_of_any_sequence_has_its_answer(echo: FrontServer) -> None:
    assert asyncio.run(run(echo.port, 11, range(COUNT))) == []
