"""Assertions on problem documents (RFC 9457)."""

from typing import Any


def assert_problem(response: Any, status: int, code: str, field: str = "") -> dict[str, Any]:
    """Assert that a response is a complete problem document with these values. Returns the document."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:facemask:problem:{code}"
    assert (document["code"], document["status"], document.get("field", "")) == (code, status, field)
    assert document["title"]
    assert document["detail"]
    return document
