"""What the library returns: arrays, path data, SVG, tables, exports."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Final

import facemask
import numpy as np

from output_hashes import maps
from output_hashes.faces import (
    PHOTO_FILE,
    POINTS,
    Face,
    faces,
    faces_of_generated_maps,
    resampled,
    sample,
    turned,
    turned_pixels,
)

Case = tuple[str, bytes]
TOLERANCES: Final = (0.0, 0.5, 6.0)
CURVES: Final = ("straight", "smooth")
CROPS: Final = ("face", "head", "none")
STYLES: Final = ("default", "outline", "solid", "numbered")
REGIONS: Final = ("labels", "zones")


def array_bytes(array: np.ndarray) -> bytes:
    """Return type, shape and the bytes of an array in little-endian order."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return f"{array.dtype.name} {array.shape} ".encode() + little.tobytes()


def contour_bytes(contour: facemask.Contour) -> bytes:
    """Return all arrays of a contour."""
    return b"".join(map(array_bytes, (contour.points, contour.offsets, contour.curves, contour.controls)))


def json_bytes(value: Any) -> bytes:
    """Return plain data as text in the order of its keys; floats by their shortest form, so bit for bit."""
    return json.dumps(value).encode()


def error_bytes(error: Exception) -> bytes:
    """Return what a caller can see of an error."""
    parts = [type(error).__name__, *(getattr(error, name, "") for name in ("code", "field", "detail")), str(error)]
    return json_bytes(parts)


def attempt(case: str, call: Callable[[], Iterator[Case]]) -> Iterator[Case]:
    """Yield the cases of a call, or its error."""
    try:
        yield from call()
    except (facemask.FacemaskError, TypeError) as error:
        yield f"{case} error", error_bytes(error)


def contour_cases(case: str, labels: Any, **options: Any) -> Iterator[Case]:
    """Yield arrays, path data and, of a few rings, measures."""
    found = facemask.find_contours(labels, **options)
    # A contour writes path data in another way once its arrays were read.
    before = [contour.path_data() for contour in found.values()]
    yield f"{case} points", b"".join(f"{label} ".encode() + contour_bytes(found[label]) for label in found)
    after = [contour.path_data() for contour in found.values()]
    yield f"{case} path data", json_bytes([before, after])
    if sum(len(contour.offsets) for contour in found.values()) < 200:  # NumPy measures one ring at a time
        measures = [(each.area, [len(part) for part in each.polygons()], repr(each)) for each in found.values()]
        yield f"{case} measures", json_bytes(measures)


def contours(*, quick: bool) -> Iterator[Case]:
    """Outline generated maps and the sample by a full product of options."""
    labels_by_name = maps.generated(quick=quick)
    labels_by_name["sample"] = sample().labels
    labels_by_name["sample 1024 x 1023"] = resampled(sample().labels, 1024, 1023)
    tolerances = TOLERANCES if quick else (0.0, 0.3, 0.5, 1.0, 6.0)
    areas = (0.0,) if quick else (0.0, 3.0, 50.0)
    for name, labels in labels_by_name.items():
        for tolerance, curve, area, background in product(tolerances, CURVES, areas, (False, True)):
            case = f"contours/{name}, tolerance {tolerance:g}, {curve}, min_area {area:g}, background {background}"
            options = {"tolerance": tolerance, "curve": curve, "min_area": area, "background": background}
            yield from attempt(case, lambda c=case, m=labels, o=options: contour_cases(c, m, **o))
    forms = {
        "int64": lambda labels: labels.astype(np.int64),
        "column order": np.asfortranarray,
        "every second pixel": lambda labels: labels[::2, ::-2],
        "booleans": lambda labels: labels > 1,
        "lists": lambda labels: labels[:40, :40].tolist(),
    }
    for name, form in forms.items():
        case = f"contours/array as {name}"
        yield from attempt(case, lambda c=case, f=form: contour_cases(c, f(maps.noise(64, 61, 5)), tolerance=0.5))


def face_cases(case: str, face: Face, **options: Any) -> Iterator[Case]:
    """Yield SVG, arrays and tables."""
    mask = facemask.trace_face(face.labels, face.landmarks, **{"image_size": face.size, **face.options, **options})
    yield f"{case} svg", mask.svg.encode()
    contours = mask.contours
    paths = json_bytes([contour.path_data() for contour in contours.values()])
    yield f"{case} points", b"".join(key.encode() + contour_bytes(contours[key]) for key in contours) + paths
    answer = mask.to_dict()
    del answer["svg"]
    yield f"{case} answer", json_bytes(answer) + repr(mask).encode()


def sample_faces(*, quick: bool) -> Iterator[Case]:
    """Trace the sample by a full product of options."""
    styles, areas = (STYLES[:2], (0.0,)) if quick else (STYLES, (0.0, 40.0))
    for values in product(REGIONS, CROPS, TOLERANCES, CURVES, areas, styles):
        names = ("regions", "crop", "tolerance", "curve", "min_area", "style")
        options = dict(zip(names, values, strict=True))
        case = "sample/" + ", ".join(f"{name} {value}" for name, value in options.items())
        yield from attempt(case, lambda c=case, o=options: face_cases(c, sample(), **o))


def variant_faces(*, quick: bool) -> Iterator[Case]:
    """Trace every copy by a product of options; style and smallest area go round."""
    crops = CROPS[:1] if quick else CROPS
    for name, face in faces(quick=quick).items():
        for number, (regions, crop, tolerance, curve) in enumerate(product(REGIONS, crops, TOLERANCES, CURVES)):
            options = {"regions": regions, "crop": crop, "tolerance": tolerance, "curve": curve}
            options |= {"style": STYLES[number % 4], "min_area": (0.0, 25.0, 400.0)[number // 4 % 3]}
            case = f"variants/{name}, " + ", ".join(map(str, options.values()))
            yield from attempt(case, lambda c=case, f=face, o=options: face_cases(c, f, **o))


def generated_faces(*, quick: bool) -> Iterator[Case]:
    """Trace generated maps as faces: junctions, specks and noise in drawings and tables."""
    for name, face in faces_of_generated_maps(quick=quick).items():
        for number, (tolerance, curve, crop) in enumerate(product(TOLERANCES, CURVES, CROPS)):
            options = {"tolerance": tolerance, "curve": curve, "crop": crop}
            options |= {"style": STYLES[number % 4], "min_area": (0.0, 4.0)[number // 4 % 2]}
            case = f"generated/{name}, " + ", ".join(map(str, options.values()))
            yield from attempt(case, lambda c=case, f=face, o=options: face_cases(c, f, **o))


def special_faces(*, quick: bool) -> Iterator[Case]:
    """Trace with names, colors, units, schemes and photos."""
    base = sample()
    width, height = base.size
    photo = facemask.decode_image(PHOTO_FILE)
    options: dict[str, dict[str, Any]] = {
        "names": {"label_names": {1: "Haut & <Haar>", "6": "n\u00e4se \U0001f443", 10: 'a"b\x01'}},
        "void": {"void": 10},
        "custom": {"label_scheme": "custom", "label_names": {2: "ear_r", 3: "ear_l"}},
        "colors": {"colors": {1: "#123", "nose": "teal", "6": "#FD7E14", 10: "rgb(1, 2, 3)", "none": "red"}},
        "zone names": {"regions": "zones", "label_names": {1: "brow above"}, "colors": {"chin": "teal", 8: "#0f0"}},
        "scheme named": {"label_scheme": "lapa-11", "landmark_scheme": "mediapipe-478"},
        "embedded file": {"image": PHOTO_FILE, "embed_image": "crop"},
        "embedded array": {"image": photo, "embed_image": "crop", "style": "outline", "crop": "head"},
        "embedded whole": {"image": photo, "embed_image": "crop", "crop": "none", "tolerance": 0.0},
        "embedded zones": {"image": photo, "embed_image": "crop", "regions": "zones", "style": "numbered"},
        "large photo": {"image_size": (2 * width, 2 * height), "tolerance": 0.0},
        "small photo": {"image_size": (width // 3, height // 3), "tolerance": 0.5},
        "cut": {"style": "cut", "tolerance": 0.0},
        "ids with a prefix": {"style": "numbered", "id_prefix": "left"},
        "huge tolerance": {"tolerance": 1e6},
        "huge area": {"min_area": 1e6},
    }
    for name, changes in list(options.items())[: 3 if quick else None]:
        case = f"options/{name}"
        yield from attempt(case, lambda c=case, o=changes: face_cases(c, base, **o))
    points = np.array(POINTS)
    shapes: dict[str, Any] = {
        "ratios": points / base.size,
        "objects": [{"x": x, "y": y, "z": 0.5} for x, y in POINTS],
        "triples": [[x, y, 1.0] for x, y in POINTS],
        "flat": points.ravel().tolist(),
        "faces": [POINTS, POINTS[::-1]],
        "array of faces": points[None],
        "float32": points.astype(np.float32),
    }
    for name, value in list(shapes.items())[: 2 if quick else None]:
        case = f"options/landmarks as {name}"
        yield from attempt(case, lambda c=case, v=value: face_cases(c, Face(base.labels, v, base.size)))
    for degrees in () if quick else (30.0, 90.0, 180.0):
        copy, turned_photo = turned(base, degrees), turned_pixels(photo, degrees, 128)
        for crop in CROPS:
            case = f"options/embedded, turned {degrees:g}, {crop}"
            changes = {"image": turned_photo, "embed_image": "crop", "crop": crop}
            yield from attempt(case, lambda c=case, f=copy, o=changes: face_cases(c, f, **o))


def _export_inputs(*, quick: bool) -> dict[str, facemask.FaceMask]:
    base, whole = sample(), {"crop": "none"}
    by_name = {
        "sample": facemask.trace_face(base.labels, base.landmarks),
        "specks": _traced(faces_of_generated_maps(quick=True)["specks"], **whole),
    }
    if not quick:
        generated = faces_of_generated_maps(quick=False)
        by_name |= {
            "exact": facemask.trace_face(base.labels, base.landmarks, tolerance=0.0, crop="head"),
            "zones": facemask.trace_face(base.labels, base.landmarks, regions="zones", style="numbered"),
            "straight": facemask.trace_face(base.labels, base.landmarks, curve="straight", tolerance=6.0, crop="none"),
        }
        for name in ("rings", "thin-rings", "noise-11", "ellipses", "empty", "four-label-junctions", "voronoi-12"):
            by_name[name] = _traced(generated[name], **whole)
            by_name[f"{name} exact"] = _traced(generated[name], tolerance=0.0, **whole)
    return by_name


def _traced(face: Face, **options: Any) -> facemask.FaceMask:
    return facemask.trace_face(face.labels, face.landmarks, image_size=face.size, **face.options, **options)


def exports(*, quick: bool) -> Iterator[Case]:
    """Export smooth, exact and pierced outlines by every option of every format."""
    for name, mask in _export_inputs(quick=quick).items():
        names = [region["name"] for region in mask.regions]
        calls: dict[str, Callable[[], Any]] = {
            "geojson": mask.to_geojson,
            "coco": mask.to_coco,
            "coco named": lambda m=mask: m.to_coco(image_id=7, file_name="a b.png"),
            "label-studio": mask.to_label_studio,
            "label-studio named": lambda m=mask: m.to_label_studio(image="s3://a/b.png"),
            "yolo": mask.to_yolo,
            "yolo classes": lambda m=mask, n=names: m.to_yolo(classes=n[::-2]),
            "yolo inset": lambda m=mask: m.to_yolo(inset=0.5),
            "yolo data": mask.to_yolo_data,
            "geojson up": lambda m=mask: m.to_geojson(y_up=True),
            "topojson": mask.to_topojson,
            "label map": lambda m=mask: m.to_label_map().tolist(),
            "labelme": mask.to_labelme,
            "cvat": mask.to_cvat,
            "cvat rle": lambda m=mask: m.to_cvat(segmentation="rle"),
            "label-studio rle": lambda m=mask: m.to_label_studio(segmentation="rle"),
            "label-studio config": mask.to_label_studio_config,
            "coco keypoints": lambda m=mask: m.to_coco(keypoints=True),
            "svg-plain": mask.to_svg_plain,
            "svg in a notebook": mask._repr_svg_,
        }
        for form in ("auto", "polygons", "rle", "rle_compressed", "none"):
            calls[f"coco {form}"] = lambda m=mask, f=form: m.to_coco(segmentation=f)
        for holes in ("bridge", "error", "none"):
            calls[f"yolo {holes}"] = lambda m=mask, h=holes: m.to_yolo(holes=h)
            calls[f"label-studio {holes}"] = lambda m=mask, h=holes: m.to_label_studio(holes=h)
        for form, call in calls.items():
            case = f"exports/{name}, {form}"
            yield from attempt(case, lambda c=case, f=call: iter([(c, json_bytes(f()))]))


def rendered_png(*, quick: bool) -> Iterator[Case]:
    """Draw pictures. The renderer is another project's: a difference here alone is a difference of its version."""
    base = sample()
    for style in ("solid",) if quick else STYLES:
        mask = facemask.trace_face(base.labels, base.landmarks, style=style)
        yield f"png/{style} svg", mask.svg.encode()
        yield f"png/{style}", mask.to_png(scale=0.5)
