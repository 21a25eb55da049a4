"""Clients in a closed loop that submit the sample with an embedded crop.

python benches/sample_clients.py URL CLIENTS SECONDS
"""

import json
import sys
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

SAMPLE = Path(__file__).parents[1] / "samples" / "astronaut"
SUBMIT = "/api/v1/frontal/crop/submit?wait=30"


def submission_body() -> bytes:
    """Body of a submission."""
    body = {
        "image": b64encode((SAMPLE / "image.jpg").read_bytes()).decode(),
        "segmentation_map": b64encode((SAMPLE / "segmentation.png").read_bytes()).decode(),
        "landmarks": json.loads((SAMPLE / "landmarks.json").read_bytes()),
        "options": {"embed_image": "crop"},
    }
    return json.dumps(body).encode()


def submit(url: str, body: bytes, deadline: float) -> int:
    """Submit until the deadline. Returns the number of completed jobs."""
    done = 0
    with httpx.Client(base_url=url, timeout=60) as client:
        while time.monotonic() < deadline:
            response = client.post(SUBMIT, content=body, headers={"content-type": "application/json"})
            done += response.status_code == 200
    return done


def main() -> None:
    """Run the clients and print the number of completed jobs."""
    url, clients, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    body, deadline = submission_body(), time.monotonic() + seconds
    with ThreadPoolExecutor(clients) as pool:
        print(sum(pool.map(lambda _: submit(url, body, deadline), range(clients))), "jobs done")


if __name__ == "__main__":
    main()
