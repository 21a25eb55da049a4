"""One request, one answer, in sequences by chance."""

from __future__ import annotations

import asyncio

from front_server import FrontServer
from sequence_grammar import Feature
from sequences import run

COUNT = 400


def test_every_request_of_a_sequence_has_its_answer(echo: FrontServer) -> None:
    assert asyncio.run(run(echo.port, 7, range(COUNT), Feature.PLAIN)) == []
