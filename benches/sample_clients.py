"""`python sample_clients.py URL CLIENTS SECONDS`: submits the sample, crop embedded, as fast as it is taken."""

import json
import sys
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut"
SUBMIT = "/api/v1/frontal/crop/submit?wait=30"


def content() -> bytes:
    """Return the body of a submission."""
    body = {
        "image": b64encode((SAMPLE / "image.jpg").read_bytes()).decode(),
        "segmentation_map": b64encode((SAMPLE / "segmentation.png").read_bytes()).decode(),
        "landmarks": json.loads((SAMPLE / "landmarks.json").read_bytes()),
        "options": {"embed_image": "crop"},
    }
    return json.dumps(body).encode()


def submit(url: str, body: bytes, deadline: float) -> int:
    """Submit until the deadline and return how many jobs were done."""
    done = 0
    with httpx.Client(base_url=url, timeout=60) as client:
        while time.monotonic() < deadline:
            answer = client.post(SUBMIT, content=body, headers={"content-type": "application/json"})
            done += answer.status_code == 200
    return done


def main() -> None:
    """Run as many clients as asked for."""
    url, clients, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    body, deadline = content(), time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        print(sum(pool.map(lambda _: submit(url, body, deadline), range(clients))), "jobs done")


if __name__ == "__main__":
    main()
