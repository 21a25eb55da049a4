"""A real process that serves the fake engine: `python serve_fake.py PORT`, settings from the environment."""

from __future__ import annotations

import sys

from facemask.service.server import serve
from facemask.service.settings import SettingsError, read_settings
from fake_engine import FakeEngine

if __name__ == "__main__":
    try:
        serve(read_settings(), port=int(sys.argv[1]), engine=FakeEngine())
    except SettingsError as error:
        sys.exit(str(error))
