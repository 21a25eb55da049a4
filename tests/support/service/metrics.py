"""A reader of the Prometheus text exposition format."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families


def parse_samples(page: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Values of all samples, by name and sorted labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def sample_value(page: str, name: str, **labels: str) -> float:
    """Value of one sample. Raises `KeyError` if the page lacks it."""
    return parse_samples(page)[name, tuple(sorted(labels.items()))]
