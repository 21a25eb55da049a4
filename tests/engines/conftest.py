"""What the tests of engines share: the packages of the tests of batches."""

import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS / "batch")]
