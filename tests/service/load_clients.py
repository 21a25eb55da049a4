"""`python load_clients.py URL CLIENTS SECONDS`: submits photos of a megabyte as fast as they are taken."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

import httpx
from conftest import API
from fake_engine import body


async def main(url: str, clients: int, seconds: float) -> None:
    sent = json.dumps(body(sleep=0.01, name="x" * 1_000_000)).encode()
    end = time.monotonic() + seconds
    codes: Counter[int] = Counter()
    limits = httpx.Limits(max_connections=clients)

    async def client(http: httpx.AsyncClient) -> None:
        while time.monotonic() < end:
            headers = {"content-type": "application/json"}
            response = await http.post(f"{API}/submit?wait=5", content=sent, headers=headers)
            codes[response.status_code] += 1
            await asyncio.sleep(0.05 if response.status_code == 503 else 0)

    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=30) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    assert codes[200] > 0
    assert codes.keys() <= {200, 202, 503}


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
