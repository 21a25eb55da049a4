"""docs/glossary.md: terms of the field with a source, and few words of our own."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
OWN = "This project's own words"
MOST_OWN_WORDS = 25


def read_entries() -> dict[str, list[str]]:
    """Return the entries of every section, each with the lines that belong to it."""
    _, *sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    return {section.partition("\n")[0]: re.findall(r"^\* .*(?:\n  .*)*", section, re.MULTILINE) for section in sections}


def read_terms(entries: list[str]) -> list[str]:
    return [re.sub(r"\* \*\*(.*?)\*\*:.*", r"\1", entry, flags=re.DOTALL) for entry in entries]


def test_terms_of_the_field_link_to_a_source():
    fields = {title: entries for title, entries in read_entries().items() if title != OWN}
    assert sum(map(len, fields.values())) > 40
    assert [entry for entries in fields.values() for entry in entries if "](https://" not in entry] == []


def test_own_words_are_few():
    assert 0 < len(read_entries()[OWN]) <= MOST_OWN_WORDS


def test_terms_stand_once_and_in_order():
    terms = [
        term for entries in read_entries().values() for listed in read_terms(entries) for term in listed.split(", ")
    ]
    assert len(terms) == len(set(terms))
    for title, entries in read_entries().items():
        assert read_terms(entries) == sorted(read_terms(entries), key=str.casefold), title
