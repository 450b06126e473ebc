"""What the whole matrix gave: the figures that it prints last, and the page in docs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.support.tool import REPOSITORY

from .declaration import Family, Fault, Miss

PAGE = REPOSITORY / "docs" / "faults.md"
RECORDINGS = REPOSITORY / "tests" / "data" / "faults"


@dataclass(frozen=True, slots=True)
class Result:
    """How one fault went: what was missed (None: nothing), and the seconds it took in all."""

    fault: Fault
    miss: Miss | None
    seconds: float
    said: str


@dataclass(slots=True)
class Scorecard:
    """The results so far; `began` and `machine` are what the page says of the run."""

    results: list[Result] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The closing lines: faults tried, and how many were misjudged in which way."""
        healthy = sum(each.fault.family is Family.HEALTHY for each in self.results)
        misses = {
            miss: [each.fault.name for each in self.results if each.miss is miss] for miss in Miss
        }
        named = (f" ({', '.join(names)})" if names else "" for names in misses.values())
        return [
            f"faults tried: {len(self.results) - healthy}, healthy variants tried: {healthy}",
            *(
                f"{miss}: {len(names)}{said}"
                for (miss, names), said in zip(misses.items(), named, strict=True)
            ),
        ]

    def page(self, conditions: str) -> str:
        """docs/faults.md; `conditions` says when, on what and how the figures were measured."""
        return "\n".join((*_HEADER, conditions, "", "```text", *self.lines(), "```", *self._rows()))

    def _rows(self) -> Iterable[str]:
        for family in Family:
            chosen = [each for each in self.results if each.fault.family is family]
            if not chosen:
                continue
            yield f"\n## {family[0].upper()}{family[1:]}\n"
            yield "| what is done | verdict | found | seconds |"
            yield "|---|---|---|---|"
            for each in chosen:
                verdict = f"{each.fault.expected}" if each.miss is None else f"**{each.miss}**"
                yield f"| {each.fault.name} | {verdict} | {each.said} | {each.seconds:.0f} |"
        yield ""


_HEADER = """\
# The fault matrix

Each of these faults is brought about on a real cluster; `verify` must give just the findings that
were declared for it beforehand, and the mend that it prints, run as it is printed, must lead back
to exit 0. The healthy variants must give no finding. The declarations are in `tests/e2e/faults`.

    scripts/faults                  # all of them; writes this page
    scripts/faults -k 'head and env'   # some of them

What each fault looked like is kept in `tests/data/faults`, and judged again by the unit tests.
""".splitlines()
