"""Many faces: `trace_many` for any iterable, and the data sets behind `facemask batch`."""
