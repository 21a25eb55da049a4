#!/usr/bin/env bash
# A good engineer would guess: `anyio.fail_after(0.2)` around `anyio.to_thread.run_sync` raises TimeoutError, in time or,
#   since a thread cannot be stopped, at the latest when the thread has ended.
# What happens: the wait for the thread is shielded. The block ends when the thread does, five times too late here, and
#   as if nothing had been: no TimeoutError, and `move_on_after` says cancelled_caught=False. So a caller that looks for
#   the error serves the late result as one that came in time.
# Versions: anyio 4.16.0 on asyncio, Python 3.11 or later.
# Source: anyio/_backends/_asyncio.py, run_sync_in_worker_thread, `CancelScope(shield=not abandon_on_cancel)`; fail_after
#   in anyio/_core/_tasks.py raises only where the scope has caught a cancellation.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check anyio==4.16.0
cat > "$folder/deadline.py" <<'PYTHON'
import time

import anyio
from anyio import to_thread


def slow() -> str:
    time.sleep(1.0)
    return "late result"


async def main() -> None:
    began = time.monotonic()
    raised = False
    result = None
    try:
        with anyio.fail_after(0.2):
            result = await to_thread.run_sync(slow)
    except TimeoutError:
        raised = True
    took = time.monotonic() - began
    print(f"fail_after(0.2): {took:.1f} s, TimeoutError: {raised}, result: {result!r}")
    with anyio.move_on_after(0.2) as scope:
        await to_thread.run_sync(slow)
    print(f"move_on_after(0.2): cancel_called={scope.cancel_called}, cancelled_caught={scope.cancelled_caught}")
    as_told = took >= 1.0 and not raised and result == "late result" and scope.cancel_called and not scope.cancelled_caught
    raise SystemExit(0 if as_told else 1)


anyio.run(main)
PYTHON
"$folder/venv/bin/python" "$folder/deadline.py"
