"""The whole OpenAPI document: Litestar's own, made such that generators of clients take it.

Generators fail on operations for HEAD beside those for GET, on bodies without a name, on a path with a file's suffix in
a parameter, and on several media types for one answer.
"""

from copy import deepcopy
from typing import Final

from litestar import Litestar

from facemask.formats import FORMATS
from facemask.formats.options import COCO_KINDS, KEYPOINTS, MAX_CLASSES, MAX_INSET
from facemask.service.cache.entry import OMITTABLE
from facemask.service.http.exports import CROP_IMAGE
from facemask.service.http.openapi.bodies import JsonSchema, body_components

_FILE_NAME: Final = "/result/{file_name}"
# What each of the paths of a result answers with. `*/*` stands for the format that is named.
_RESULTS: Final = {
    "/result/{job_id}.svg": ("resultSvg", "The SVG of a finished job", "image/svg+xml"),
    "/result/{job_id}.jpg": ("resultJpg", "The upright crop of a finished job with `crop_image`", "image/jpeg"),
    "/result/{job_id}": ("result", "The result of a finished job in another format", "*/*"),
}
_JOB_ID: Final[JsonSchema] = {
    "name": "job_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string"},
    "description": "the id that `submit` answers",
}
# What the handlers check beyond the types of their parameters.
_VALUES: Final[dict[str, JsonSchema]] = {
    "omit": {"type": "array", "items": {"type": "string", "enum": list(OMITTABLE)}, "minItems": 1},
    "format": {"enum": [*FORMATS, CROP_IMAGE]},
    "segmentation": {"enum": list(COCO_KINDS)},
    "classes": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MAX_CLASSES},
    "inset": {"minimum": 0, "maximum": MAX_INSET},
    "keypoints": {"enum": list(KEYPOINTS)},
}


def openapi_document(app: Litestar) -> JsonSchema:
    """Return the OpenAPI document of the application, 3.1."""
    document: JsonSchema = app.openapi_schema.to_schema()
    paths: JsonSchema = {}
    for path, item in document["paths"].items():
        operations = {method: operation for method, operation in item.items() if method != "head"}
        for operation in operations.values():
            operation["parameters"] = [_simplify(parameter) for parameter in operation.get("parameters", ())]
            for answer in operation["responses"].values():
                answer["headers"] = {name: _drop_noise(header) for name, header in answer.get("headers", {}).items()}
        paths |= _split_result(path, operations["get"]) if path.endswith(_FILE_NAME) else {path: operations}
    document["paths"] = paths
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted((schemas | body_components()).items()))
    return document


def _simplify(parameter: JsonSchema) -> JsonSchema:
    """Return a parameter without what every one has, and without null: one that is absent is not sent."""
    kept = _drop_noise(parameter)
    schema = dict(kept["schema"])
    choices = [choice for choice in schema.pop("oneOf", ()) if choice != {"type": "null"}]
    schema = (choices[0] if len(choices) == 1 else {"oneOf": choices} if choices else {}) | schema
    schema.pop("description", None)
    if kept["name"] == "job_id":
        return dict(_JOB_ID)
    schema |= _VALUES.get(kept["name"], {})
    # Names with commas between them are a list to a client.
    commas = {"style": "form", "explode": False} if schema["type"] == "array" else {}
    return kept | commas | {"schema": schema}


def _drop_noise(described: JsonSchema) -> JsonSchema:
    noise = {"deprecated", "required", "allowEmptyValue", "allowReserved"}
    return {name: value for name, value in described.items() if name not in noise or value}


def _split_result(path: str, operation: JsonSchema) -> dict[str, JsonSchema]:
    """Return one operation for each suffix: each has one media type, and only the last one has formats."""
    prefix = path.removesuffix(_FILE_NAME)
    found = {}
    for suffix, (name, summary, media_type) in _RESULTS.items():
        own = deepcopy(operation)
        own["operationId"], own["summary"] = name, summary
        parameters = [parameter for parameter in own["parameters"] if parameter["name"] != "file_name"]
        if media_type != "*/*":
            parameters = [parameter for parameter in parameters if parameter["in"] == "header"]
        own["parameters"] = [dict(_JOB_ID), *parameters]
        ok = own["responses"]["200"]
        ok["content"] = {media_type: {"schema": {"type": "string", "format": "binary"}}}
        if media_type == "*/*":
            types = ", ".join(dict.fromkeys(export.media_type for export in FORMATS.values()))
            ok["description"] = f"The result: {types} or image/jpeg, as `format` or `Accept` says"
        found[f"{prefix}{suffix}"] = {"get": own}
    return found
