"""Every hostile submission gets its result in bounded time and memory, and the next valid request succeeds."""

import json
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import httpx
import pytest
from attacks import ATTACKS, COMPLETED, SUBMIT, Attack, body
from support.service.facemask_process import FacemaskProcess

# What one request may add to the server's memory.
MEMORY_MB = 300


@pytest.fixture(scope="module")
def client(server: FacemaskProcess):
    with httpx.Client(base_url=server.url, timeout=60) as opened:
        yield opened


def submit(client: httpx.Client, sent: dict) -> tuple[httpx.Response, str]:
    """Return the answer and its code: the problem's, the failed job's, or `completed`."""
    response = client.post(
        SUBMIT, params={"wait": "30"}, content=json.dumps(sent), headers={"content-type": "application/json"}
    )
    answer = response.json()
    if response.status_code == 200:
        return response, answer["error"]["code"] if answer["status"] == "failed" else answer["status"]
    return response, answer["code"]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack(client: httpx.Client, server: FacemaskProcess, attack: Attack):
    sent = attack.make()
    server.reset_peak()
    before = server.memory_mb("VmRSS")
    start = time.monotonic()
    response, code = submit(client, sent)
    took, grew = time.monotonic() - start, server.memory_mb("VmHWM") - before
    print(f"{code}: {took * 1e3:.0f} ms, {grew:.0f} MB more")
    assert code in attack.codes, response.text[:500]
    assert response.status_code < 500
    assert grew < MEMORY_MB
    if response.status_code != 200:
        assert response.headers["content-type"].startswith("application/problem+json")
    assert submit(client, body())[1] == COMPLETED


def test_each_attack_is_in_the_documentation():
    text = Path(__file__).parents[2].joinpath("docs", "hostile.md").read_text(encoding="utf-8")
    assert "tests/hostile/attacks.py" in text


def test_a_name_cannot_break_out_of_the_svg(client: httpx.Client):
    sent = body(options={"label_names": {"6": '"/><script>alert(1)</script>\u0000'}})
    job = client.post(SUBMIT, params={"wait": "30"}, json=sent).json()
    forms = {
        "svg": {"svg", "title", "defs", "g", "path", "clipPath", "use"},
        "svg-plain": {"svg", "title", "g", "path"},
    }
    for form, allowed in forms.items():
        svg = client.get(f"/api/v1/frontal/crop/result/{job['id']}", params={"format": form}).text
        elements = list(ET.fromstring(svg).iter())
        assert {element.tag.rpartition("}")[2] for element in elements} == allowed
        # What is referred to lies in the document itself.
        attributes = [attribute for element in elements for attribute in element.attrib.items()]
        assert all(value.startswith("#") for name, value in attributes if name.endswith("href"))
        assert any("<script>" in value for _, value in attributes)
