"""Vectorize a face and its label map: upright SVG, contours without gaps.

```python
import facemask

labels = facemask.decode_label_map(open("segmentation.png", "rb").read())  # uint8 (height, width)
mask = facemask.trace_face(labels, landmarks)                               # landmarks: (n, 2) pixels
open("face.svg", "w").write(mask.svg)
```

`facemask.types` has the types of arguments and results. In the examples of the docstrings `labels`, `landmarks` and
`photo` are those of samples/astronaut, decoded, `mask` is `facemask.trace_face(labels, landmarks)`, and the current
folder holds the sample's files.
"""

import importlib as _importlib
import typing as _typing

from facemask._core import ERROR_CODES, FacemaskError, __version__

if _typing.TYPE_CHECKING:
    from facemask.batch.results import Failure, Result
    from facemask.batch.sequence import trace_sequence
    from facemask.batch.trace_many import trace_many
    from facemask.contour import Contour
    from facemask.contour_dict import ContourDict
    from facemask.decoding import FacemaskWarning, decode_image, decode_label_map
    from facemask.detection.detected_face import DetectedFace
    from facemask.detection.search import detect_faces
    from facemask.face_mask import FaceMask
    from facemask.formats.dataset import to_coco_dataset
    from facemask.label_contours import find_contours
    from facemask.label_maps import read_label_map
    from facemask.parsing.face_parser import FaceParser
    from facemask.photo_trace import trace_photo
    from facemask.trace import trace_face

__all__ = [
    "ERROR_CODES",
    "Contour",
    "ContourDict",
    "DetectedFace",
    "FaceMask",
    "FaceParser",
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

# The module of each public name that the compiled module does not have. NumPy takes nine tenths of the time of an
# import, and the command line works without: so a module is imported with the first use of its name (PEP 562).
_MODULES = {
    "Contour": "contour",
    "ContourDict": "contour_dict",
    "DetectedFace": "detection.detected_face",
    "FaceMask": "face_mask",
    "FaceParser": "parsing.face_parser",
    "FacemaskWarning": "decoding",
    "Failure": "batch.results",
    "Result": "batch.results",
    "decode_image": "decoding",
    "decode_label_map": "decoding",
    "detect_faces": "detection.search",
    "find_contours": "label_contours",
    "read_label_map": "label_maps",
    "to_coco_dataset": "formats.dataset",
    "trace_face": "trace",
    "trace_many": "batch.trace_many",
    "trace_photo": "photo_trace",
    "trace_sequence": "batch.sequence",
}


def __getattr__(name: str) -> _typing.Any:
    """Import the module of a public name."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_importlib.import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names of the module, of which some are not imported yet."""
    return sorted({*globals(), *__all__})
