"""Submits the sample with the client of openapi-generator: `python FILE URL SAMPLE` beside its package."""

import base64
import json
import sys
from pathlib import Path

import face_client

Name = face_client.OptionsRegionsAnyOfInner
url, sample = sys.argv[1], Path(sys.argv[2])


def base64_of(name: str) -> str:
    return base64.b64encode((sample / name).read_bytes()).decode()


api = face_client.FaceMasksApi(face_client.ApiClient(face_client.Configuration(host=url)))
body = face_client.SubmitJson(
    image=base64_of("image.jpg"),
    segmentation_map=base64_of("segmentation.png"),
    landmarks=json.loads((sample / "landmarks.json").read_text()),
    options=face_client.Options(crop="head", regions=face_client.OptionsRegions([*map(Name, ("nose", "lips"))])),
)
job = api.submit(body, wait=30).actual_instance
assert isinstance(job, face_client.CompletedBody), job
assert [region.name for region in job.regions] == ["nose", "lips"]
assert api.result_svg(job.id).startswith(b"<svg")
assert json.loads(api.result(job.id, format="geojson", y_up=True))["type"] == "FeatureCollection"
assert api.status(job.id, omit=["svg", "mask_contours"]).actual_instance.svg == ""
api.erase(job.id)
try:
    api.status(job.id)
except face_client.exceptions.NotFoundException as error:
    assert error.data.code == "job_not_found"  # noqa: PT017 - no test, a program
else:
    raise AssertionError("the job is still there")
try:
    face_client.Options(crop="ears")
except ValueError:
    print("done")
