"""The run of a plan: faces to threads, rows to the journal, and the files of all faces at the end."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Final, Protocol

from facemask.batch.layouts.entry import Entry
from facemask.batch.outputs.contact_sheet import ContactSheet
from facemask.batch.run.face_task import FaceOutcome, FaceTask, FaceWorker
from facemask.batch.run.journal import Journal
from facemask.batch.run.plan import Plan
from facemask.batch.run.report import Summary, write_report
from facemask.batch.run.sequence_entries import steady_entries
from facemask.batch.threads import WINDOW_PER_WORKER, map_in_threads
from facemask.validation import is_facemask_error

REPORT: Final = "report"


class Progress(Protocol):
    """What shows how far a run is."""

    def start(self, total: int | None) -> None:
        """Begin; `total` faces are to come, or nobody knows how many."""
        ...

    def advance(self, outcome: FaceOutcome) -> None:
        """Count a face."""
        ...

    def finish(self) -> None:
        """End, also where the run is interrupted."""
        ...


def run_plan(plan: Plan, progress: Progress, *, clock: Callable[[], float] = time.perf_counter) -> Summary:
    """Run a plan, and return what became of its faces.

    Every face that is done, or has failed, is in the journal whatever ends the run.

    Raises:
        FacemaskError: `option_invalid`, for a source without faces, or a source or a journal that cannot be read.
        TargetError: outputs cannot be written.
        KeyboardInterrupt: the threads have ended, and the journal is kept.

    """
    start = clock()
    summary = Summary()
    entries = plan.source.entries()
    if plan.smoothing is not None:
        entries = steady_entries(entries, plan.smoothing, plan.options, plan.workers)
    with Journal.open(plan.journal, fresh=not plan.resume) as journal:
        progress.start(plan.total())
        try:
            _trace(plan, entries, journal, summary, progress)
        finally:
            progress.finish()
        journal.commit()
        summary.done, summary.failed = journal.count_faces()
        for output in plan.outputs:
            try:
                summary.files += output.finish(plan.target, journal.records(output.name), plan.shard.suffix)
            except ValueError as error:
                if not is_facemask_error(error):
                    raise
                code, name, detail = error.code, error.field, error.detail  # type: ignore[attr-defined]
                summary.problems.append({"output": output.name, "code": code, "field": name, "detail": detail})
        summary.seconds = clock() - start
        write_report(plan.target, f"{REPORT}{plan.shard.suffix}.json", journal, summary, plan.described_options())
    return summary


def _trace(plan: Plan, entries: Iterator[Entry], journal: Journal, summary: Summary, progress: Progress) -> None:
    worker = FaceWorker(
        plan.target,
        plan.outputs,
        plan.options,
        plan.options_digest(),
        plan.resume,
        plan.retry_errors,
        needs_crop=any(output.needs_crop for output in plan.outputs),
    )
    in_flight: set[str] = set()
    tasks = _tasks(plan, entries, journal, in_flight)
    window = WINDOW_PER_WORKER * plan.workers
    outcomes = map_in_threads(worker, tasks, workers=plan.workers, window=window, ordered=False)
    with closing(outcomes):  # type: ignore[type-var]
        for outcome in outcomes:
            row = outcome.row
            in_flight.discard(row.key)
            if outcome.is_kept:
                summary.kept += 1
                journal.keep(row.key, row.position)
            else:
                summary.retraced += outcome.was_known
                journal.put(row, outcome.records, is_new=not outcome.was_known)
            progress.advance(outcome)


def _tasks(plan: Plan, entries: Iterator[Entry], journal: Journal, in_flight: set[str]) -> Iterator[FaceTask]:
    """Yield the faces of this run's shard, in the thread of the journal."""
    sheet = next((output for output in plan.outputs if isinstance(output, ContactSheet)), None)
    left = plan.limit
    for position, entry in enumerate(entries):
        if not plan.shard.has(position):
            continue
        if left is not None:
            if left == 0:
                return
            left -= 1
        key, number = entry.key, 1
        known = journal.find(key)
        # Two faces of one name would write one file.
        while key in in_flight or (known is not None and known.run == journal.run):
            number += 1
            key = f"{entry.key}~{number}"
            known = journal.find(key)
        in_flight.add(key)
        is_sampled = sheet is not None and sheet.takes(key)
        yield FaceTask(position, replace(entry, key=key), known, is_sampled)
