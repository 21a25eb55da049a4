"""Accepted spellings of job ids, in memory and in PostgreSQL."""

from __future__ import annotations

from uuid import UUID

import httpx
import pytest
from api_keys import ANNA, JOB_ENGINES, bearer, keyed_server
from facemask.service.ids import canonical_id
from hypothesis import given
from hypothesis import strategies as st
from support.service.fake_tracer import API, FakeTracer, body


def spellings(job_id: str) -> list[str]:
    """Forms of a job's id that are none, though `uuid.UUID` reads most of them."""
    plain = job_id.replace("-", "")
    return [
        plain, f"{{{job_id}}}", f"urn:uuid:{job_id}", f"-{job_id}", f"{job_id}-", job_id[:-1], f"{job_id}0",
        job_id.replace("-", "_"), f"{plain[:4]}-{plain[4:]}", f"{plain[:12]}-{plain[12:]}", f" {job_id}", f"{job_id}\n",
        job_id.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")), f"{job_id}.SVG",
    ]  # fmt: skip


@given(st.uuids())
def test_a_uuid_has_one_form_in_any_case(job_id: UUID) -> None:
    canonical = str(job_id)
    assert canonical_id(canonical) == canonical_id(canonical.upper()) == canonical
    assert canonical_id(canonical[:18] + canonical[18:].upper()) == canonical
    for spelling in spellings(canonical):
        assert canonical_id(spelling) is None, spelling


@given(st.text(max_size=40))
def test_any_other_text_is_no_id(text: str) -> None:
    assert canonical_id(text) is None


@pytest.mark.parametrize("kind", JOB_ENGINES)
def test_capitals_find_the_job_and_answers_spell_it_one_way(
    kind: str, request: pytest.FixtureRequest, tracer: FakeTracer
) -> None:
    with (
        keyed_server(kind, request, tracer) as live,
        httpx.Client(base_url=live.url + API, headers=bearer(ANNA)) as client,
    ):
        done = client.post("/submit?wait=5", json=body()).json()
        held = client.post("/submit?wait=0.1", json=body(hold=True)).json()
        for job in (done, held):
            for spelled in (job["id"].upper(), job["id"][:20] + job["id"][20:].upper()):
                for query in ("", "?wait=0.1"):
                    assert client.get(f"/status/{spelled}{query}").json() == client.get(f"/status/{job['id']}").json()
        assert client.get(f"/status/{held['id'].upper()}").json() == {"id": held["id"], "status": "processing"}
        small, capitals = (client.get(f"/result/{name}.svg") for name in (done["id"], done["id"].upper()))
        assert (capitals.status_code, capitals.content) == (200, small.content)
        assert capitals.headers["etag"] == small.headers["etag"]
        assert client.get(f"/result/{done['id'].upper()}?format=geojson").status_code == 200
        for spelled in spellings(done["id"]):
            for call in (
                client.build_request("GET", f"/status/{quoted(spelled)}"),
                client.build_request("GET", f"/result/{quoted(spelled)}"),
                client.build_request("GET", f"/result/{quoted(spelled)}.svg"),
                client.build_request("DELETE", f"/{quoted(spelled)}"),
            ):
                answer = client.send(call)
                assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found"), spelled
        tracer.release.set()
        ended = client.get(f"/status/{held['id'].upper()}?wait=5").json()
        assert (ended["id"], ended["status"]) == (held["id"], "completed")
        for job in (done, held):
            assert client.delete(f"/{job['id'].upper()}").status_code == 204
            for spelled in (job["id"], job["id"].upper()):
                assert client.get(f"/status/{spelled}").status_code == 404
                assert client.delete(f"/{spelled}").status_code == 404


def quoted(text: str) -> str:
    return "".join(f"%{each:02x}" for each in text.encode())
