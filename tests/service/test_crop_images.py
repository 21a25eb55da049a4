"""The upright crop of a job that asked for it: kept with the result, sent as a JPEG, and erased with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from support.service.fake_tracer import body

JPEG = {"Accept": "image/jpeg"}


def submit(client: Any, *, crop_image: bool | None = True, **behavior: Any) -> dict[str, Any]:
    options = {} if crop_image is None else {"crop_image": crop_image}
    answer = client.post("/submit?wait=10", json=body(**behavior) | {"options": options})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_the_crop_has_an_address_and_a_media_type(client: Any) -> None:
    job = submit(client, mark="one")
    by_name = client.get(f"/result/{job['id']}.jpg")
    assert (by_name.status_code, by_name.headers["content-type"]) == (200, "image/jpeg")
    assert by_name.content == b"\xff\xd8 of one"
    assert "no-store" in by_name.headers["cache-control"] or "private" in by_name.headers["cache-control"]
    by_type = client.get(f"/result/{job['id']}", headers=JPEG)
    assert (by_type.content, by_type.headers["vary"]) == (by_name.content, "Accept")
    assert client.get(f"/result/{job['id']}?format=jpg").content == by_name.content
    again = client.get(f"/result/{job['id']}.jpg", headers={"If-None-Match": by_name.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(f"/result/{job['id']}.jpg")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(by_name.content)))
    # The other formats are as ever, and come first.
    assert client.get(f"/result/{job['id']}", headers={"Accept": "image/*"}).content.startswith(b"<svg")
    assert client.get(f"/result/{job['id']}.svg").content.startswith(b"<svg")


@pytest.mark.parametrize("crop_image", [None, False])
def test_a_job_that_did_not_ask_has_none(client: Any, crop_image: bool | None) -> None:
    job = submit(client, crop_image=crop_image)
    for found in (client.get(f"/result/{job['id']}.jpg"), client.get(f"/result/{job['id']}?format=jpg")):
        assert (found.status_code, found.json()["code"]) == (406, "not_acceptable")
        assert "crop_image" in found.json()["detail"]
    found = client.get(f"/result/{job['id']}", headers=JPEG)
    assert (found.status_code, found.json()["code"]) == (406, "not_acceptable")
    assert "image/jpeg" not in found.json()["detail"]


def test_it_is_erased_with_the_job(client: Any) -> None:
    job = submit(client)
    assert client.delete(f"/{job['id']}").status_code == 204
    found = client.get(f"/result/{job['id']}.jpg")
    assert (found.status_code, found.json()["code"]) == (404, "job_not_found")


def test_an_unfinished_and_a_failed_job_have_none(client: Any) -> None:
    failed = submit(client, fail="no_face")
    found = client.get(f"/result/{failed['id']}.jpg")
    assert (found.status_code, found.json()["code"]) == (409, "job_failed")
    assert client.get("/result/00000000-0000-4000-8000-000000000000.jpg").status_code == 404
    assert client.get(f"/result/{failed['id']}.jpeg").status_code == 404


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_other_values_are_refused(client: Any, value: Any) -> None:
    answer = client.post("/submit", json=body() | {"options": {"crop_image": value}})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed")
    assert answer.json()["field"] == "options.crop_image"


def test_its_bytes_count(make_client: Callable[..., Any]) -> None:
    client = make_client(max_result_bytes=10_000)
    small = submit(client, crop_bytes=5_000)
    large = submit(client, crop_bytes=10_000)
    assert (large["status"], large["error"]["code"]) == ("failed", "result_too_large")
    newer = submit(client, crop_bytes=6_000)
    assert client.get(f"/status/{small['id']}").status_code == 404, "evicted for the newer one"
    assert client.get(f"/result/{newer['id']}.jpg").status_code == 200


def test_it_is_bounded_as_a_response(make_client: Callable[..., Any]) -> None:
    client = make_client(response_bytes=2**20)
    job = submit(client, crop_bytes=2**20)
    assert (job["status"], job["error"]["code"]) == ("failed", "result_too_large")
    assert "crop image" in job["error"]["detail"]
