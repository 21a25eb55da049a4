"""An HTTP client of the service: submit a face, wait for it, save the drawing. Needs httpx.

    python examples/http_client.py http://127.0.0.1:8000 PHOTO LABEL_MAP LANDMARKS.json OUT.svg

`API_KEY` in the environment is sent as a bearer token.
"""

import os
import sys
import time
from pathlib import Path

import httpx

PREFIX = "/api/v1/frontal/crop"


def main(server: str, photo: str, label_map: str, landmarks: str, out: str) -> int:
    key = os.environ.get("API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx.Client(base_url=server, headers=headers, timeout=60) as client:
        parts = {
            "image": Path(photo).read_bytes(),
            "segmentation_map": Path(label_map).read_bytes(),
            "landmarks": Path(landmarks).read_bytes(),
        }
        answer = client.post(f"{PREFIX}/submit", files=parts, params={"wait": 5})
        while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # the queue is full: the service says for how long
            time.sleep(int(answer.headers.get("Retry-After", "1")))
            answer = client.post(f"{PREFIX}/submit", files=parts, params={"wait": 5})
        if answer.is_error:  # RFC 9457 problem details
            problem = answer.json()
            where = f" ({problem['field']})" if problem.get("field") else ""
            print(f"{problem['code']}{where}: {problem['detail']}", file=sys.stderr)
            return 1
        job = answer.json()
        while job["status"] in ("pending", "processing"):
            job = client.get(f"{PREFIX}/status/{job['id']}", params={"wait": 20}).raise_for_status().json()
        if job["status"] == "failed":
            print(f"{job['error']['code']}: {job['error']['detail']}", file=sys.stderr)
            return 1
        drawing = client.get(f"{PREFIX}/result/{job['id']}.svg").raise_for_status()
        Path(out).write_bytes(drawing.content)
        client.delete(f"{PREFIX}/{job['id']}")  # the service forgets the face now, and not after JOB_TTL
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
