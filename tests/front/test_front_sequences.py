"""One request, one answer, in sequences by chance."""

from __future__ import annotations

import asyncio

from sequences import run
from support.http1.sequence_grammar import Feature
from support.http1.server_process import FrontServer

COUNT = 400


def test_every_request_of_a_sequence_has_its_answer(echo: FrontServer) -> None:
    assert asyncio.run(run(echo.port, 7, range(COUNT), Feature.PLAIN)) == []
