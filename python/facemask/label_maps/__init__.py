"""Label maps in the forms of networks, data sets and labeling tools, converted to one array of ids."""

from facemask.label_maps.files import read_label_map
from facemask.label_maps.label_input import LabelInput, read_labels
from facemask.label_maps.scores import merge_confidence

__all__ = ["LabelInput", "merge_confidence", "read_label_map", "read_labels"]
