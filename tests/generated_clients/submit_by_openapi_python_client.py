"""Submits the sample with the client of openapi-python-client: `python FILE URL SAMPLE` beside its package."""

import base64
import json
import sys
from io import BytesIO
from pathlib import Path

from face_client import Client, models
from face_client.api.face_masks import erase, result, result_svg, status, submit
from face_client.types import File

url, sample = sys.argv[1], Path(sys.argv[2])
client = Client(base_url=url, timeout=60)
photo, label_map = ((sample / name).read_bytes() for name in ("image.jpg", "segmentation.png"))
landmarks = (sample / "landmarks.json").read_text()

body = models.SubmitJson(
    image=base64.b64encode(photo).decode(),
    segmentation_map=base64.b64encode(label_map).decode(),
    landmarks=json.loads(landmarks),
    options=models.Options(crop=models.OptionsCrop.HEAD, regions=["nose", "lips"]),
)
job = submit.sync(client=client, body=body, wait=30)
assert isinstance(job, models.CompletedBody), job
assert [region.name for region in job.regions] == ["nose", "lips"]
assert result_svg.sync_detailed(client=client, job_id=job.id).content.startswith(b"<svg")
geojson = result.sync_detailed(client=client, job_id=job.id, format_=models.ResultFormat.GEOJSON).content
assert json.loads(geojson)["type"] == "FeatureCollection"

form = models.SubmitMultipart(
    image=File(BytesIO(photo), "image.jpg", "image/jpeg"),
    segmentation_map=File(BytesIO(label_map), "map.png", "image/png"),
    landmarks=landmarks,
    options='{"regions": "zones"}',
)
zones = submit.sync(client=client, body=form, wait=30)
assert isinstance(zones, models.CompletedBody), zones
assert "forehead" in {region.name for region in zones.regions}

assert erase.sync_detailed(client=client, job_id=job.id).status_code == 204
problem = status.sync(client=client, job_id=job.id)
assert isinstance(problem, models.ProblemBody)
assert problem.code == "job_not_found"
print("done")
