"""Formats of annotation tools and data loaders: COCO, YOLO, Label Studio, labelme, CVAT."""
