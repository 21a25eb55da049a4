"""`python -m facemask` is the same as `facemask`."""

from facemask.cli import main

raise SystemExit(main())
