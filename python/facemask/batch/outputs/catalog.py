"""The outputs by name, and which options of formats each has."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from facemask.batch.outputs.animated_svg import AnimatedSvg
from facemask.batch.outputs.coco_dataset import CocoDataset
from facemask.batch.outputs.contact_sheet import ContactSheet
from facemask.batch.outputs.face_files import CropFiles, FaceFiles
from facemask.batch.outputs.geoparquet import GeoParquetTable
from facemask.batch.outputs.label_studio_tasks import LabelStudioTasks
from facemask.batch.outputs.protocol import Output
from facemask.batch.outputs.yolo_folder import YoloFolder
from facemask.formats import OPTIONS, check_options
from facemask.validation import make_error

# Constructor, the export format that checks the options, and the options.
_OUTPUTS: Final[Mapping[str, tuple[Callable[..., Output], str, Sequence[str]]]] = {
    "svg": (lambda: FaceFiles("svg", "svg"), "svg", ()),
    "coco": (CocoDataset, "coco", ("segmentation", "keypoints")),
    "yolo": (YoloFolder, "yolo", ("classes", "inset", "validation_share")),
    "geoparquet": (GeoParquetTable, "geojson", ("y_up",)),
    "label-studio": (LabelStudioTasks, "label-studio-config", ("segmentation", "classes")),
    "label-maps": (lambda: FaceFiles("label-maps", "label-map"), "label-map", ()),
    "crops": (CropFiles, "svg", ()),
    "contact-sheet": (ContactSheet, "png", ()),
    "animation": (AnimatedSvg, "svg", ("fps",)),
}
NAMES: Final = tuple(_OUTPUTS)


def create_outputs(names: Sequence[str], options: Mapping[str, Any]) -> list[Output]:
    """Create outputs.

    Args:
        names: names of `NAMES`; one that is given twice counts once.
        options: options of formats by name; each goes to the outputs that have it.

    Raises:
        FacemaskError: `option_invalid` for an unknown output, an option that none of them has, or an invalid value;
            `format_impossible` where a package is missing.

    """
    chosen = list(dict.fromkeys(names))
    for name in chosen:
        if name not in _OUTPUTS:
            raise make_error("option_invalid", "outputs", f"must be {' or '.join(NAMES)}, got {name!r}")
    for option in options:
        owners = [name for name in NAMES if option in _OUTPUTS[name][2]]
        if not set(owners) & set(chosen):
            raise make_error("option_invalid", option, f"these outputs have it: {', '.join(owners)}")
    outputs = []
    for name in chosen:
        create, format_name, allowed = _OUTPUTS[name]
        own = {option: value for option, value in options.items() if option in allowed}
        check_options(format_name, {option: value for option, value in own.items() if option in OPTIONS})
        outputs.append(create(**own))
    return outputs
