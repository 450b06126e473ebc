"""Kubernetes quantities as numbers."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

_FACTORS = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "P": Decimal(10) ** 15,
    "E": Decimal(10) ** 18,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
    "Pi": Decimal(2) ** 50,
    "Ei": Decimal(2) ** 60,
}


def quantity(text: object) -> Decimal | None:
    """The number a quantity such as `250m`, `1Gi` or `2e3` stands for; None when it is none."""
    word = str(text).strip()
    for length in (2, 1, 0):
        suffix = word[len(word) - length :] if length else ""
        if suffix in _FACTORS:
            try:
                return Decimal(word[: len(word) - length]) * _FACTORS[suffix]
            except InvalidOperation:
                continue
    return None
