"""What `kubectl diff` writes, as whole objects: before and after. Pure text work.

Every object is asked for with all of its lines as context, so both sides can be put together again
and compared field by field; a diff of lines could not be redacted with certainty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.sources.yaml_documents import Document, documents

PROGRAM = "diff -N -U1000000"
"""For KUBECTL_EXTERNAL_DIFF; kubectl takes letters, digits, - and = in its options."""

_HUNK = re.compile(r"^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that an apply would make or change; `before` is None for one that it makes."""

    before: Document | None
    after: Document


def differences(output: str) -> tuple[Difference, ...]:
    """The objects in the output of `kubectl diff` with PROGRAM.

    Raises CouldNotLook for an output that is not whole or not of this shape.
    """
    return tuple(_difference(before, after) for before, after in _hunks(output))


def _hunks(output: str) -> Iterator[tuple[str, str]]:
    """The two texts of each object."""
    lines = iter(output.split("\n"))
    for line in lines:
        found = _HUNK.match(line)
        if found is None:
            continue
        left, right = (int(number) if number is not None else 1 for number in found.groups())
        before: list[str] = []
        after: list[str] = []
        while len(before) < left or len(after) < right:
            text = next(lines, None)
            if text is None or text[:1] not in {" ", "-", "+", "\\", ""}:
                raise CouldNotLook("the output of kubectl diff is not whole", "run it again")
            mark, rest = text[:1] or " ", text[1:]
            if mark in " -":
                before.append(rest)
            if mark in " +":
                after.append(rest)
        yield "\n".join(before), "\n".join(after)


def _difference(before: str, after: str) -> Difference:
    try:
        old, new = documents(before, "kubectl diff"), documents(after, "kubectl diff")
    except UsageError as fault:
        raise CouldNotLook(f"kubectl diff is not understood: {fault.what}", fault.mend) from fault
    if len(new) != 1 or len(old) > 1:
        raise CouldNotLook(
            f"kubectl diff shows {len(old)} and {len(new)} documents for one object",
            "look at `kubectl diff` itself",
        )
    return Difference(old[0] if old else None, new[0])
