"""Outputs of a data set: files of single faces, and files of all, written from the records of the journal."""
