"""What mypy must refuse: each ignore is needed, or --strict reports it as unused."""

import facemask
import numpy as np

labels = np.zeros((4, 4), np.uint8)
facemask.trace_face(labels, crop=5)  # type: ignore[arg-type]
facemask.trace_face(labels, None, (4, 4))  # type: ignore[call-arg]
facemask.trace_face(labels, tolerance="1")  # type: ignore[arg-type]
facemask.trace_face(labels, image_size=(1, 2, 3))  # type: ignore[arg-type]
facemask.trace_face(labels, parser=5)  # type: ignore[arg-type]
facemask.find_contours(labels, smooth=True)  # type: ignore[call-arg]
facemask.find_contours(labels)[1.5]  # type: ignore[index]
facemask.decode_image("photo.jpg")  # type: ignore[arg-type]
facemask.trace_face(labels).svg = ""  # type: ignore[misc]
facemask.find_contours(labels)[1].points = labels  # type: ignore[misc, assignment]
