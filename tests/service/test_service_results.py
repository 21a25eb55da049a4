"""Status, results and deletion of jobs; limits of the queue and of stored results; idempotency."""

from __future__ import annotations

import concurrent.futures
import json
import re
import time
from typing import Any

import pytest
from litestar.testing import TestClient
from support.service.fake_tracer import API, JSON, MAP, FakeTracer, body, photo
from support.service.problems import assert_problem
from support.waiting import wait_until

Client = TestClient[Any]


def submit(client: Client, wait: float = 0, **orders: Any) -> str:
    response = client.post(f"/submit?wait={wait}", json=body(**orders))
    assert response.status_code in {200, 202}, response.text
    return str(response.json()["id"])


def test_ids_are_random(client: Client) -> None:
    ids = {submit(client) for _ in range(20)}
    assert len(ids) == 20
    version_4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    assert all(re.fullmatch(version_4, job_id) for job_id in ids)


def test_a_job_is_pending_then_processing_then_completed(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1)
    first, second = submit(client, 0.05, hold=True), submit(client)
    assert client.get(f"/status/{first}").json() == {"id": first, "status": "processing"}
    waiting = client.get(f"/status/{second}")
    assert waiting.json() == {"id": second, "status": "pending"}
    assert waiting.headers["retry-after"]
    assert waiting.headers["cache-control"] == "no-store"
    tracer.release.set()
    assert client.get(f"/status/{second}?wait=5").json()["status"] == "completed"


def test_the_result_is_the_svg_with_strict_headers(client: Client) -> None:
    job_id = submit(client, 5)
    response = client.get(f"/result/{job_id}.svg")
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.content.startswith(b"<svg")
    policy = response.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; sandbox"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"other" ,W/{}', "*"])
def test_a_known_etag_gets_304(client: Client, form: str) -> None:
    job_id = submit(client, 5)
    etag = client.get(f"/result/{job_id}.svg").headers["etag"]
    response = client.get(f"/result/{job_id}.svg", headers={"if-none-match": form.format(etag)})
    assert (response.status_code, response.content, response.headers["etag"]) == (304, b"", etag)


@pytest.mark.parametrize("form", ['"other"', "", '"', "W/", "\xff"])
def test_another_etag_gets_the_svg(client: Client, form: str) -> None:
    job_id = submit(client, 5)
    headers = {b"if-none-match": form.encode("latin-1")}
    assert client.get(f"/result/{job_id}.svg", headers=headers).status_code == 200


def test_the_result_of_an_unfinished_job_is_409(client: Client) -> None:
    job_id = submit(client, 0.02, hold=True)
    response = client.get(f"/result/{job_id}.svg")
    assert_problem(response, 409, "job_not_finished")
    assert response.headers["retry-after"]


def test_head_has_the_headers_of_get(client: Client) -> None:
    job_id = submit(client, 5)
    for path in (f"/status/{job_id}", f"/result/{job_id}.svg"):
        got, head = client.get(path), client.head(path)
        assert head.status_code == 200
        assert head.content == b""
        assert dict(head.headers) == dict(got.headers)
    assert client.head("/status/nope").status_code == 404


STRANGE = [
    "nope", "00000000-0000-4000-8000-000000000000", "%00", "a%00b", "..%2f..%2fetc%2fpasswd", "%2e%2e",
    "a" * 5000, "%ff%fe", "%E2%98%83", "'; drop table jobs", "{id}", "None", "%0d%0aSet-Cookie:%20x", ".svg",
]  # fmt: skip


@pytest.mark.parametrize("job_id", STRANGE)
def test_strange_ids_are_all_the_same_404(client: Client, job_id: str) -> None:
    answers = [
        client.get(f"/status/{job_id}"),
        client.get(f"/status/{job_id}?wait=1"),
        client.get(f"/result/{job_id}.svg"),
        client.get(f"/result/{job_id}"),
        client.delete(f"/{job_id}"),
    ]
    for response in answers:
        assert response.status_code in {404, 405}
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["code"] in {"job_not_found", "not_found", "method_not_allowed"}


def test_a_result_has_no_other_suffix(client: Client) -> None:
    job_id = submit(client, 5)
    for name in (job_id + ".png", job_id + ".svg.svg", job_id + "svg"):
        assert_problem(client.get(f"/result/{name}"), 404, "job_not_found")


def test_an_erased_job_is_gone(client: Client) -> None:
    job_id = submit(client, 5)
    response = client.delete(f"/{job_id}")
    assert (response.status_code, response.content) == (204, b"")
    same = [client.get(f"/status/{job_id}"), client.get(f"/result/{job_id}.svg"), client.delete(f"/{job_id}")]
    assert len({assert_problem(answer, 404, "job_not_found")["detail"] for answer in same}) == 1


def test_erasing_a_pending_job_frees_its_place(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1, queue_size=1)
    submit(client, 0.05, hold=True, name="first")
    pending = submit(client, name="erased")
    assert_problem(client.post("/submit", json=body()), 503, "queue_full")
    assert client.delete(f"/{pending}").status_code == 204
    last = submit(client, name="last")
    tracer.release.set()
    assert client.get(f"/status/{last}?wait=5").json()["status"] == "completed"
    assert tracer.traced == ["first", "last"]


def test_erasing_a_running_job_wakes_its_waiters_with_404_and_drops_the_result(
    make_client: Any, tracer: FakeTracer
) -> None:
    client = make_client(workers=1)
    job_id = submit(client, 0.05, hold=True)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(client.get, f"/status/{job_id}?wait=10")
        wait_until(lambda: client.app.state.jobs._waiters == 1)
        assert client.delete(f"/{job_id}").status_code == 204
        assert_problem(waiting.result(2), 404, "job_not_found")
    tracer.release.set()
    assert submit(client, 5)
    assert_problem(client.get(f"/status/{job_id}"), 404, "job_not_found")


def test_erasing_a_job_in_its_simulated_delay_frees_the_worker(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1, simulated_delay=30.0)
    job_id = submit(client, 0.05)
    client.delete(f"/{job_id}")
    response = client.post("/submit?wait=5", json=body() | {"loadtest_mode": True})
    assert response.status_code == 200
    assert tracer.traced == [""]


def test_a_full_queue_is_503_before_the_body_is_looked_at(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1, queue_size=1)
    submit(client, 0.05, hold=True)
    submit(client)
    checked = tracer.checked
    for content in (b"not even json", json.dumps(body()).encode()):
        response = client.post("/submit", content=content, headers=JSON)
        assert_problem(response, 503, "queue_full")
        assert int(response.headers["retry-after"]) >= 1
    assert tracer.checked == checked
    assert client.app.state.jobs._admission.slots == 2
    tracer.release.set()


def test_refused_bodies_give_their_place_back(make_client: Any) -> None:
    client = make_client(workers=1, queue_size=1)
    for content in (b"{", b"", b'{"image": 1}', json.dumps(body() | {"image": "AAAA"}).encode()) * 3:
        assert client.post("/submit", content=content, headers=JSON).status_code in {400, 422}
    assert client.app.state.jobs._admission.slots == 0
    assert client.app.state.jobs._admission.bytes == 0


def test_bodies_in_the_house_are_bounded_in_bytes(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1, queue_bytes=200)
    submit(client, 0.05, hold=True)
    assert_problem(client.post("/submit", json=body()), 503, "queue_full")
    tracer.release.set()


def test_results_are_bounded_by_count(make_client: Any) -> None:
    client = make_client(max_results=2)
    ids = [submit(client, 5) for _ in range(4)]
    assert [client.get(f"/status/{i}").status_code for i in ids] == [404, 404, 200, 200]


def test_results_are_bounded_by_bytes(make_client: Any) -> None:
    client = make_client(max_result_bytes=30_000)
    ids = [submit(client, 5, svg_bytes=10_000) for _ in range(4)]  # 13 334 as base64
    assert [client.get(f"/status/{i}").status_code for i in ids] == [404, 404, 200, 200]
    assert client.app.state.jobs._results.bytes < 30_000
    client.delete(f"/{ids[2]}")
    client.delete(f"/{ids[3]}")
    assert client.app.state.jobs._results.bytes == 0


def test_a_result_that_can_never_be_kept_fails(make_client: Any) -> None:
    client = make_client(max_result_bytes=10_000)
    job = client.post("/submit?wait=5", json=body(svg_bytes=10_000)).json()
    assert job["error"]["code"] == "result_too_large"


def test_results_expire_on_a_timer(make_client: Any) -> None:
    client = make_client(ttl=2.0)
    job_id = submit(client, 5)
    assert client.get(f"/status/{job_id}").status_code == 200
    wait_until(lambda: len(client.app.state.jobs._results) == 0)  # nobody asks, so only a timer can have done it
    assert client.app.state.jobs._jobs == {}
    assert_problem(client.get(f"/status/{job_id}"), 404, "job_not_found")
    assert_problem(client.get(f"/result/{job_id}.svg"), 404, "job_not_found")
    assert_problem(client.delete(f"/{job_id}"), 404, "job_not_found")


def test_inputs_are_dropped_when_the_job_ends(client: Client) -> None:
    job_id = submit(client, 5)
    job = client.app.state.jobs._jobs[job_id]
    assert job.submission is None


def test_too_many_waiters_are_answered_at_once(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(max_waiters=1)
    job_id = submit(client, 0.05, hold=True)
    wait_until(lambda: client.get(f"/status/{job_id}").json()["status"] == "processing")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        first = pool.submit(client.get, f"/status/{job_id}?wait=30")
        wait_until(lambda: client.app.state.jobs._waiters == 1)
        second = client.get(f"/status/{job_id}?wait=30")
        assert not first.done()
        assert second.json()["status"] == "processing"
        assert second.headers["retry-after"]
        tracer.release.set()
        assert first.result(5).json()["status"] == "completed"


def test_no_more_threads_than_workers(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=2)
    ids = [submit(client, sleep=0.05) for _ in range(8)]
    assert all(client.get(f"/status/{i}?wait=10").json()["status"] == "completed" for i in ids)
    assert tracer.max_running == 2


# Idempotency-Key


def keyed(client: Client, key: str, sent: Any = None, wait: float = 0) -> Any:
    return client.post(f"/submit?wait={wait}", json=sent or body(), headers={"idempotency-key": key})


def test_the_same_key_and_body_replay_the_id(client: Client, tracer: FakeTracer) -> None:
    first = keyed(client, "k1")
    assert first.status_code == 202
    assert "idempotency-replayed" not in first.headers
    again = keyed(client, "k1", wait=5)
    assert again.status_code == 200
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["id"] == first.json()["id"]
    assert tracer.traced == [""]


def test_the_same_key_with_another_body_is_409(client: Client, tracer: FakeTracer) -> None:
    keyed(client, "k1", wait=5)
    assert_problem(keyed(client, "k1", body(name="other")), 409, "idempotency_key_reused", "Idempotency-Key")
    assert tracer.traced == [""]


def test_a_replay_needs_no_place_in_the_queue(make_client: Any) -> None:
    client = make_client(workers=1, queue_size=1)
    submit(client, 0.05, hold=True)
    first = keyed(client, "k")
    assert_problem(client.post("/submit", json=body()), 503, "queue_full")
    assert keyed(client, "k").json() == first.json()


def test_concurrent_requests_with_one_key_make_one_job(client: Client, tracer: FakeTracer) -> None:
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: keyed(client, "race", wait=5), range(16)))
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert len(tracer.traced) == 1
    assert client.app.state.jobs._admission.slots == 0


def test_the_key_goes_with_the_job(make_client: Any) -> None:
    client = make_client(ttl=0.2)
    first = keyed(client, "k", wait=5).json()["id"]
    time.sleep(0.4)
    second = keyed(client, "k", body(name="other"), wait=5).json()["id"]
    client.delete(f"/{second}")
    third = keyed(client, "k", wait=5)
    assert "idempotency-replayed" not in third.headers
    assert len({first, second, third.json()["id"]}) == 3
    assert len(client.app.state.jobs._keys) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\xe9"])
def test_a_senseless_key_is_refused(client: Client, key: str) -> None:
    response = client.post("/submit", json=body(), headers={b"idempotency-key": key.encode("latin-1")})
    assert_problem(response, 422, "validation_failed", "Idempotency-Key")
    assert keyed(client, "x" * 255).status_code == 202


def test_a_form_sent_again_is_the_same_body_whatever_its_boundary(client: Client) -> None:
    parts = {"image": ("a", photo()), "segmentation_map": ("b", MAP)}
    headers = {"idempotency-key": "form"}
    first, again = (client.post("/submit", files=parts, headers=headers) for _ in range(2))
    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert again.json()["id"] == first.json()["id"]
    parts["image"] = ("a", photo(name="other"))
    other = client.post("/submit", files=parts, headers=headers)
    assert_problem(other, 409, "idempotency_key_reused", "Idempotency-Key")


def test_a_refused_body_does_not_use_up_its_key(client: Client) -> None:
    assert keyed(client, "k", body() | {"image": "!"}).status_code == 422
    assert keyed(client, "k").status_code == 202


def test_the_location_leads_to_the_job(client: Client) -> None:
    location = client.post("/submit?wait=5", json=body()).headers["location"]
    assert client.get("http://testserver.local" + location).json()["status"] == "completed"
    assert location.startswith(API)


@pytest.mark.parametrize("omitted", ["svg", "mask_contours", "svg,mask_contours", " mask_contours , svg"])
def test_large_fields_are_left_out_where_nobody_wants_them(client: Client, omitted: str) -> None:
    job_id = submit(client, 5)
    whole = client.get(f"/status/{job_id}").json()
    response = client.get(f"/status/{job_id}", params={"omit": omitted})
    names = {name.strip() for name in omitted.split(",")}
    assert response.json() == {name: value for name, value in whole.items() if name not in names}
    assert list(response.json()) == [name for name in whole if name not in names]
    again = client.post("/submit", params={"wait": 5, "omit": omitted}, json=body()).json()
    assert whole.keys() - again.keys() == names
    # The result has what the status left out.
    assert client.get(f"/result/{again['id']}.svg").content.startswith(b"<svg")


def test_a_job_without_a_result_has_nothing_to_leave_out(make_client: Any, tracer: FakeTracer) -> None:
    client = make_client(workers=1)
    job_id = submit(client, 0.05, hold=True)
    assert client.get(f"/status/{job_id}?omit=svg").json() == {"id": job_id, "status": "processing"}
    tracer.release.set()
    failed = client.post("/submit?wait=5&omit=svg,mask_contours", json=body(fail="no_face")).json()
    assert (failed["status"], failed["error"]["code"]) == ("failed", "no_face")


@pytest.mark.parametrize("omit", ["", "regions", "svg,", "SVG", "svg;mask_contours"])
def test_only_large_fields_can_be_left_out(client: Client, omit: str) -> None:
    job_id = submit(client, 5)
    assert_problem(client.get(f"/status/{job_id}", params={"omit": omit}), 422, "validation_failed", "omit")
    # Before the body is read: it is no JSON.
    refused = client.post("/submit", params={"omit": omit}, content=b"{", headers=JSON)
    assert_problem(refused, 422, "validation_failed", "omit")


# Waiting by request


def test_a_known_request_is_answered_like_any_other(client: Client, tracer: FakeTracer) -> None:
    done = keyed(client, "again", wait=5)
    assert done.status_code == 200
    repeated = client.post("/submit", json=body(), headers={"idempotency-key": "again"})
    assert (repeated.status_code, repeated.json()) == (202, {"id": done.json()["id"], "status": "pending"})
    assert repeated.headers["idempotency-replayed"] == "true"
    assert repeated.headers["location"] == done.headers["location"]
    assert repeated.headers["retry-after"] == "1"
    asked = keyed(client, "again", wait=0)
    assert (asked.status_code, asked.json()) == (200, done.json())
    assert len(tracer.traced) == 1


@pytest.mark.parametrize(
    "prefer", ["wait=5", "wait", "respond-async, Wait=5", 'wait="5"; x=1', "return=minimal,wait=5"]
)
def test_prefer_waits_as_the_parameter_does(client: Client, prefer: str) -> None:
    answer = client.post("/submit", json=body(), headers={"prefer": prefer})
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")


@pytest.mark.parametrize("prefer", ["respond-async", "wait=soon", "wait=-1", "wait=", "waits=5", "wait=1e9", ""])
def test_other_preferences_are_ignored(client: Client, prefer: str) -> None:
    answer = client.post("/submit", json=body(), headers={"prefer": prefer})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")


def test_the_parameter_takes_precedence_over_the_header(client: Client) -> None:
    answer = client.post("/submit?wait=0", json=body(sleep=0.5), headers={"prefer": "wait=5"})
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
