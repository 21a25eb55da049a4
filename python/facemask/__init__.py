"""Vectorize a face and its label map: upright SVG, contours without gaps.

```python
import facemask

labels = facemask.decode_label_map(open("segmentation.png", "rb").read())  # uint8 (height, width)
mask = facemask.trace_face(labels, landmarks)                               # landmarks: (n, 2) pixels
open("face.svg", "w").write(mask.svg)
```
"""

from facemask._core import ERROR_CODES, FacemaskError, __version__
from facemask.batch.results import Failure, Result
from facemask.batch.sequence import trace_sequence
from facemask.batch.trace_many import trace_many
from facemask.contour import Contour
from facemask.contour_dict import ContourDict
from facemask.decoding import FacemaskWarning, decode_image, decode_label_map
from facemask.detection.detected_face import DetectedFace
from facemask.detection.search import detect_faces
from facemask.face_mask import FaceMask
from facemask.formats.exports import to_coco_dataset
from facemask.label_maps import read_label_map
from facemask.trace import find_contours, trace_face
from facemask.trace_photo import trace_photo

__all__ = [
    "ERROR_CODES",
    "Contour",
    "ContourDict",
    "DetectedFace",
    "FaceMask",
    "FacemaskError",
    "FacemaskWarning",
    "Failure",
    "Result",
    "__version__",
    "decode_image",
    "decode_label_map",
    "detect_faces",
    "find_contours",
    "read_label_map",
    "to_coco_dataset",
    "trace_face",
    "trace_many",
    "trace_photo",
    "trace_sequence",
]
