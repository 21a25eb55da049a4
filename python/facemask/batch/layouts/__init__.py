"""Layouts of data sets: each finds the faces in a source, in an order that does not change from run to run."""
