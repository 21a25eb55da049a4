"""Jobs on one thread, from request body to response, for the profiler of `make flame`.

python benches/profile_workload.py SECONDS
"""

import sys
import time

from facemask.service.core import native
from facemask.service.core.protocol import CoreModule
from facemask.service.intake.content_type import BodyFormat, ContentType
from facemask.service.intake.decoding import Decoder
from facemask.service.jobs.outcomes import completed_outcome, shared_response
from request_bodies import face_bodies


def run_job(engine: CoreModule, decoder: Decoder, body: bytes) -> int:
    """Run one job as the service does, without network and threads. Returns the length of its response."""
    sent = decoder.decode(ContentType(BodyFormat.JSON), body)
    options = engine.Options(**sent.options)
    mask = engine.trace_bytes(*sent.core_inputs, options, engine.Limits(), with_response=True)
    return len(completed_outcome("a job", shared_response(mask, sent.format), {}).body)


def main() -> None:
    """Run jobs for some seconds."""
    engine = native
    decoder = Decoder(engine, engine.Limits())
    faces = [face.numbered(number) for number, face in enumerate(face_bodies("png", "none"))]
    deadline, done = time.monotonic() + float(sys.argv[1]), 0
    while time.monotonic() < deadline:
        run_job(engine, decoder, faces[done % len(faces)])
        done += 1
    print(f"{done} jobs")


if __name__ == "__main__":
    main()
