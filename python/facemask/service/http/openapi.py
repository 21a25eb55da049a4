"""Parts of the OpenAPI document that handlers' signatures do not define.

These are request bodies, responses and headers.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

import msgspec
from litestar import HttpMethod
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    RequestBody,
    Schema,
)

from facemask.formats import FORMATS, ExportFormat
from facemask.service.http.problems import PROBLEM_JSON, PROBLEMS
from facemask.service.schemas import OptionsBody, ProblemBody

JsonSchema = dict[str, Any]

_LANDMARKS = (
    'A list of points, `[{"x": 1, "y": 2}]` or `[[1, 2]]`, or of faces; or an object: the JSON of a detector or of an '
    'annotation tool, such as `{"faceLandmarks": [[...]]}` or `{"keypoints": {"left_eye": [1, 2]}}`. '
    "Pixels of the photo, or ratios when the form has ratios or every value is within 2. "
    "Null or empty: the label map decides. "
    "Without a label map they outline the regions: 478, 468, 106, 98 or 68 points."
)
_MAP_FORMATS = "a PNG, lossless WebP, TIFF, GIF, BMP, NPY or NPZ file, or a COCO or labelme document"
_LANDMARK_FILE = (
    "A landmark file, told by its content: .pts of 300-W, WFLW, LaPa, HELEN, OpenFace, CSV, rows of numbers, .npy, "
    f"XML of imglab, or JSON. JSON: {_LANDMARKS}"
)
# Landmarks replace a label map, `options.image_size` replaces a photo, and `options.detect` finds landmarks in one.
_REQUIRED: Final[JsonSchema] = {
    "anyOf": [
        {"required": ["image", "options"]},
        *(
            {"required": [photo, regions]}
            for photo in ("image", "options")
            for regions in ("segmentation_map", "landmarks")
        ),
    ]
}
_HEADERS = {
    "Location": "the job's status",
    "Retry-After": "seconds after which asking again makes sense",
    "Idempotency-Replayed": "`true` when an earlier request with the same Idempotency-Key made this job",
    "ETag": "the digest of what is sent",
    "Vary": "`Accept`: another format may be asked for at the same address",
    "Allow": "the methods that are possible",
    "WWW-Authenticate": "how to show an API key",
}


def unique_operation_id(name: str) -> Any:
    """Return a generator of unique operation ids: `name` for GET, another for HEAD."""
    return lambda _handler, method, _path: name if method == HttpMethod.GET else f"{name}Headers"


def response_spec(container: Any, description: str, media_type: str = "application/json") -> ResponseSpec:
    """Return a response with a body, or without one where `container` is None."""
    return ResponseSpec(container, description=description, media_type=media_type, generate_examples=False)


def problem_specs(*codes: str) -> dict[int, ResponseSpec]:
    """Return the problem responses of a route by status.

    Every route may also return 400 and 500.
    """
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys(("bad_request", *codes, "internal_error")):
        by_status.setdefault(PROBLEMS[code][0], []).append(code)
    return {
        status: response_spec(ProblemBody, ", ".join(f"`{code}`" for code in names), PROBLEM_JSON)
        for status, names in sorted(by_status.items())
    }


def protected_specs(*codes: str) -> dict[int, ResponseSpec]:
    """Return the problem responses of a route under access control."""
    return problem_specs("unauthorized", "rate_limited", "request_timeout", *codes)


def _with_headers(operation: Operation, status: str, *names: str) -> None:
    response = (operation.responses or {})[status]
    headers = {name: OpenAPIHeader(description=_HEADERS[name], schema=_text_schema()) for name in names}
    cast("OpenAPIResponse", response).headers = {**headers}


@dataclass
class ProtectedOperation(Operation):
    """An operation under access control."""

    def __post_init__(self) -> None:
        """Add the headers of the middleware's responses."""
        _with_headers(self, "401", "WWW-Authenticate")
        _with_headers(self, "429", "Retry-After")
        _with_headers(self, "503", "Retry-After")


@dataclass
class SubmitOperation(ProtectedOperation):
    """The operation that submits a photo.

    Our own code reads its body, so its schema is written here.
    """

    def __post_init__(self) -> None:
        """Add the request body in its three formats."""
        super().__post_init__()
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": _media_type(_json_body()),
                "multipart/form-data": _media_type(_multipart_body()),
                "application/msgpack": _media_type(_msgpack_body()),
            },
        )
        _with_headers(self, "202", "Location", "Retry-After", "Idempotency-Replayed")
        _with_headers(self, "200", "Location", "Idempotency-Replayed")


@dataclass
class StatusOperation(ProtectedOperation):
    """The operation that returns a job's status."""

    def __post_init__(self) -> None:
        """Add the header of an unfinished job."""
        super().__post_init__()
        _with_headers(self, "200", "Retry-After")


@dataclass
class ResultOperation(ProtectedOperation):
    """The operation that returns a job's result."""

    def __post_init__(self) -> None:
        """Add the formats, and the headers of conditional requests and of unfinished jobs."""
        super().__post_init__()
        _with_headers(self, "200", "ETag", "Vary")
        _with_headers(self, "304", "ETag", "Vary")
        schemas: dict[str, JsonSchema] = {export.media_type: _file_schema(export) for export in FORMATS.values()}
        schemas["image/jpeg"] = {"type": "string", "format": "binary"}
        ok = cast("OpenAPIResponse", (self.responses or {})["200"])
        ok.content = {name: _media_type(schema) for name, schema in schemas.items()}
        _with_headers(self, "409", "Retry-After")


def _file_schema(export: ExportFormat) -> JsonSchema:
    if "json" in export.media_type:
        return {}
    return {"type": "string"} if export.is_text else {"type": "string", "format": "binary"}


def _text_schema() -> Schema:
    return Schema(type=OpenAPIType.STRING)


def _media_type(schema: JsonSchema) -> OpenAPIMediaType:
    return OpenAPIMediaType(schema=cast("Schema", schema))


def _options_schema() -> JsonSchema:
    """Return the options' schema inline: Litestar owns the document's components."""
    (_, components) = msgspec.json.schema_components((OptionsBody,))
    (schema,) = components.values()
    return cast("JsonSchema", schema)


def _json_body() -> JsonSchema:
    base64 = {"type": "string", "contentEncoding": "base64"}
    note = "base64; a `data:` prefix, white space and the URL alphabet are accepted"
    return {
        "type": "object",
        **_REQUIRED,
        "additionalProperties": False,
        "properties": {
            "image": base64 | {"type": ["string", "null"], "description": f"PNG, JPEG or WebP photo as {note}"},
            "segmentation_map": base64
            | {"type": ["string", "null"], "description": f"label map, {_MAP_FORMATS}, as {note}"},
            "landmarks": {"type": ["array", "object", "null"], "description": _LANDMARKS},
            "options": {"anyOf": [_options_schema(), {"type": "null"}]},
            "loadtest_mode": {"type": "boolean", "description": "skip the artificial delay", "default": False},
        },
    }


def _msgpack_body() -> JsonSchema:
    schema = _json_body()
    raw = {"type": "string", "format": "binary", "description": "the file's bytes, of MessagePack type bin"}
    schema["properties"] |= {"image": raw, "segmentation_map": raw}
    return schema


def _multipart_body() -> JsonSchema:
    file = {"type": "string", "format": "binary"}
    options = ", ".join(f"`{name}`" for name in OptionsBody.__struct_fields__)
    return {
        "type": "object",
        **_REQUIRED,
        "additionalProperties": False,
        "properties": {
            "image": file | {"description": "PNG, JPEG or WebP photo"},
            "segmentation_map": file | {"description": f"label map, {_MAP_FORMATS}"},
            "landmarks": {"type": "string", "description": _LANDMARK_FILE},
            "options": {"type": "string", "description": f"JSON object with any of {options}"},
            "loadtest_mode": {"type": "string", "enum": ["true", "false", "1", "0"]},
        },
    }
