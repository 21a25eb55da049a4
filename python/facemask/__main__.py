"""Entry point of `python -m facemask`, the same as the command `facemask`."""

from facemask.cli import main

raise SystemExit(main())
