"""A TCP proxy in front of PostgreSQL that injects faults: stalls, resets and delays."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_ABORT = struct.pack("ii", 1, 0)  # linger on, 0 s: close with a reset


class FaultProxy:
    """Forwards 127.0.0.1:`port` to another port, in one of the modes `pass`, `hold`, `reset` and `delay`."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._open: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._delay = 0.0
        self._refusing = False
        self._server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._flowing.set()
        self._thread.start()

    def set_mode(self, mode: str) -> None:
        """Change the mode of all connections."""
        self._loop.call_soon_threadsafe(self._apply_mode, mode)

    def _apply_mode(self, mode: str) -> None:
        self._refusing = mode == "reset"
        self._delay = 0.2 if mode == "delay" else 0.0
        if mode == "hold":
            self._flowing.clear()
        else:
            self._flowing.set()
        if mode == "reset":
            for writer in list(self._open):
                _reset(writer)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            _reset(writer)
            return
        await self._flowing.wait()
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, upstream_writer}
        try:
            await asyncio.gather(self._pump(reader, upstream_writer), self._pump(upstream_reader, writer))
        finally:
            self._open -= {writer, upstream_writer}

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                await asyncio.sleep(self._delay)
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        with suppress(OSError):
            writer.close()

    def close(self) -> None:
        """Close all connections and stop the event loop."""

        async def end() -> None:
            self._server.close()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.05)

        asyncio.run_coroutine_threadsafe(end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
    writer.transport.abort()


@contextmanager
def fault_proxy(target: int) -> Iterator[FaultProxy]:
    """Run a proxy to a port of 127.0.0.1 until the block ends."""
    proxy = FaultProxy(target)
    try:
        yield proxy
    finally:
        proxy.set_mode("reset")
        proxy.close()
