"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from seedcore_deploy.judge.claims import Claim
from seedcore_deploy.judge.facts import Facts


@dataclass(frozen=True, slots=True)
class Rule:
    """A stable id, what it says in a few words, and the check; `offline` ones need no cluster."""

    id: str
    title: str
    check: Callable[[Facts], Iterable[Claim]]
    offline: bool = False
