"""The command line: `facemask trace | batch | models | serve | worker | migrate | schemes | health`.

Exit codes: 0 success, 1 invalid input (one line on stderr with the field and the reason), 2 usage, 3 some faces of a
batch failed, 130 interrupted from the keyboard.
"""

import sys
from collections.abc import Sequence

from facemask import __version__


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Args:
        arguments: the arguments after the program name. Default: those of the process.

    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given == ["--version"]:
        # Asked for by scripts, again and again; needs no parser. Ends as argparse does after printing.
        print(f"facemask {__version__}")
        sys.exit(0)
    from facemask.commands.parser import run_command  # noqa: PLC0415

    return run_command(given)
