"""Kubernetes quantities as numbers."""

from decimal import Decimal

import pytest

from seedcore_deploy.observe.quantities import quantity


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("250m", "0.25"),
        ("1", "1"),
        (2, "2"),
        ("1.5Gi", "1610612736"),
        ("1G", "1000000000"),
        ("2e3", "2000"),
        ("1E", "1e18"),
        ("100n", "1e-7"),
    ],
)
def test_suffixes_are_understood(text: object, number: str) -> None:
    assert quantity(text) == Decimal(number)


@pytest.mark.parametrize("text", ["", "x", "1X", "m", None])
def test_what_is_no_quantity_is_none(text: object) -> None:
    assert quantity(text) is None
