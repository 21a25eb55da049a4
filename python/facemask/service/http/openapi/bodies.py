"""The request bodies of the OpenAPI document, as named components: our own code reads them, not Litestar's."""

from typing import Any, Final, cast

import msgspec

from facemask.service.http.openapi.example import EXAMPLE
from facemask.service.schemas import OptionsBody

JsonSchema = dict[str, Any]

# The component of each media type.
BODIES: Final = {
    "application/json": "SubmitJson",
    "multipart/form-data": "SubmitMultipart",
    "application/msgpack": "SubmitMessagePack",
}
_REQUIRED: Final = (
    "A photo, or `options.image_size` in its place; and landmarks, a label map or both. With `options.detect` a photo "
    "alone."
)
_LANDMARKS: Final = (
    'A list of points, `[{"x": 1, "y": 2}]` or `[[1, 2]]`, or of faces; or an object: the JSON of a detector or of an '
    'annotation tool, such as `{"faceLandmarks": [[...]]}` or `{"keypoints": {"left_eye": [1, 2]}}`. '
    "Pixels of the photo, or ratios when the form has ratios or every value is within 2. "
    "Null or empty: the label map decides. "
    "Without a label map they outline the regions: 478, 468, 106, 98 or 68 points."
)
_MAP_FORMATS: Final = "a PNG, lossless WebP, TIFF, GIF, BMP, NPY or NPZ file, or a COCO or labelme document"
_LANDMARK_FILE: Final = (
    "A landmark file, told by its content: .pts of 300-W, WFLW, LaPa, HELEN, OpenFace, CSV, rows of numbers, .npy, "
    f"XML of imglab, or JSON. JSON: {_LANDMARKS}"
)
_BASE64: Final = "base64; a `data:` prefix, white space and the URL alphabet are accepted"
_FILE: Final = {"type": "string", "format": "binary"}


def body_components() -> dict[str, JsonSchema]:
    """Return the schemas of the options and of the request bodies by their names."""
    return {
        "Options": _options(),
        # Any JSON: of several types openapi-generator makes classes that hold none of them.
        "Landmarks": {"description": _LANDMARKS, "items": {}},
        "SubmitJson": _json_body(),
        "SubmitMultipart": _multipart_body(),
        "SubmitMessagePack": _msgpack_body(),
    }


def _options() -> JsonSchema:
    (_, components) = msgspec.json.schema_components((OptionsBody,))
    (schema,) = components.values()
    return cast("JsonSchema", schema) | {"title": "Options"}


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/components/schemas/{name}"}


def _json_body() -> JsonSchema:
    text = {"type": ["string", "null"], "contentEncoding": "base64"}
    return _body(
        {
            "image": text | {"description": f"PNG, JPEG or WebP photo as {_BASE64}"},
            "segmentation_map": text | {"description": f"label map, {_MAP_FORMATS}, as {_BASE64}"},
            "landmarks": _ref("Landmarks"),
            "options": {"anyOf": [_ref("Options"), {"type": "null"}]},
            "loadtest_mode": {"type": "boolean", "description": "skip the artificial delay", "default": False},
        },
        EXAMPLE,
    )


def _msgpack_body() -> JsonSchema:
    schema = _json_body()
    raw = _FILE | {"description": "the file's bytes, of MessagePack type bin"}
    schema["properties"] |= {"image": raw, "segmentation_map": raw}
    return schema


def _multipart_body() -> JsonSchema:
    options = ", ".join(f"`{name}`" for name in OptionsBody.__struct_fields__)
    # Swagger UI fills a form with the examples of its fields.
    example = {name: msgspec.json.encode(value).decode() for name, value in EXAMPLE.items()}
    return _body(
        {
            "image": _FILE | {"description": "PNG, JPEG or WebP photo"},
            "segmentation_map": _FILE | {"description": f"label map, {_MAP_FORMATS}"},
            "landmarks": {"type": "string", "description": _LANDMARK_FILE, "examples": [example["landmarks"]]},
            "options": {
                "type": "string",
                "description": f"JSON object with any of {options}",
                "examples": [example["options"]],
            },
            "loadtest_mode": {
                "type": "string",
                "enum": ["false", "true", "0", "1"],
                "description": "skip the artificial delay",
            },
        },
        example,
    )


def _body(properties: JsonSchema, example: JsonSchema) -> JsonSchema:
    return {
        "type": "object",
        "description": _REQUIRED,
        "additionalProperties": False,
        "properties": properties,
        "examples": [example],
    }
