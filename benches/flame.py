"""`python flame.py SECONDS`: does the work of jobs, from body to answer, on one thread, for `make flame` to look at."""

import sys
import time

from bodies import bodies
from facemask.service.core import native
from facemask.service.core.protocol import CoreModule
from facemask.service.intake.content_type import BodyFormat, ContentType
from facemask.service.intake.decoding import Decoder
from facemask.service.jobs.runner import completed_outcome, shared_response


def job(engine: CoreModule, decoder: Decoder, body: memoryview) -> int:
    """One job as the service does it, less the network and the threads; the length of its answer."""
    sent = decoder.decode(ContentType(BodyFormat.JSON), body)
    options = engine.Options(**sent.options)
    mask = engine.trace_bytes(*sent.files, options, engine.Limits(), answer=True)
    return len(completed_outcome("a job", shared_response(mask, sent.format), {}).body)


def main() -> None:
    """Work for so many seconds."""
    engine = native
    decoder = Decoder(engine, engine.Limits())
    faces = [memoryview(face.numbered(number)) for number, face in enumerate(bodies("png", "none"))]
    end, done = time.monotonic() + float(sys.argv[1]), 0
    while time.monotonic() < end:
        job(engine, decoder, faces[done % len(faces)])
        done += 1
    print(f"{done} jobs")


if __name__ == "__main__":
    main()
