"""One response to each request in random sequences; `play_sequences.py` plays any number of them."""

from __future__ import annotations

import asyncio

from play_sequences import play_all
from support.http1.sequence_grammar import Feature
from support.http1.server_process import ServerProcess


def test_every_request_of_a_sequence_has_its_answer(echo_server: ServerProcess) -> None:
    assert asyncio.run(play_all(echo_server.port, 7, range(400), Feature.PLAIN)) == []


def test_every_request_of_any_sequence_has_its_answer(echo_server: ServerProcess) -> None:
    assert asyncio.run(play_all(echo_server.port, 11, range(600))) == []
