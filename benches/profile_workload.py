"""Jobs on one thread, from request body to response, for the profiler of `make flame`.

python benches/profile_workload.py SECONDS
"""

import sys
import time

from facemask.service.engine import Engine
from facemask.service.intake.decoding import Decoder
from facemask.service.intake.media import Format, Media
from facemask.service.jobs.runner import answered, made_of
from facemask.service.native import native_engine
from request_bodies import face_bodies


def run_job(engine: Engine, decoder: Decoder, body: memoryview) -> int:
    """Run one job as the service does, without network and threads. Returns the length of its response."""
    sent = decoder.decode(Media(Format.JSON), body)
    options = engine.Options(**sent.options)
    mask = engine.trace_bytes(*sent.files, options, engine.Limits(), with_response=True)
    return len(answered("a job", made_of(mask, sent.format), {}).answer)


def main() -> None:
    """Run jobs for some seconds."""
    engine = native_engine()
    decoder = Decoder(engine, engine.Limits())
    faces = [memoryview(face.numbered(number)) for number, face in enumerate(face_bodies("png", "none"))]
    deadline, done = time.monotonic() + float(sys.argv[1]), 0
    while time.monotonic() < deadline:
        run_job(engine, decoder, faces[done % len(faces)])
        done += 1
    print(f"{done} jobs")


if __name__ == "__main__":
    main()
