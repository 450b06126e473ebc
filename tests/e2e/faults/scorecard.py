"""What the matrix gave: the figures that it prints last, what is kept of them, and the page."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.tool import REPOSITORY

from .declaration import Family, Fault, Miss

PAGE = REPOSITORY / "docs" / "faults.md"
RECORDINGS = REPOSITORY / "tests" / "data" / "faults"
RESULTS = REPOSITORY / "tests" / "data" / "fault_results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """How one fault went: what was missed (None: nothing), the seconds it took in all, what was
    found, and the day."""

    fault: Fault
    miss: Miss | None
    seconds: float
    said: str
    day: str


@dataclass(slots=True)
class Scorecard:
    """The results, each fault's last one."""

    results: dict[str, Result] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        """Count a result, in the place of the fault's former one."""
        self.results[result.fault.slug] = result

    def lines(self) -> list[str]:
        """The closing lines: faults tried, and how many were misjudged in which way."""
        results = self.results.values()
        healthy = sum(each.fault.family is Family.HEALTHY for each in results)
        misses = {miss: [each.fault.name for each in results if each.miss is miss] for miss in Miss}
        named = (f" ({', '.join(names)})" if names else "" for names in misses.values())
        return [
            f"faults tried: {len(self.results) - healthy}, healthy variants tried: {healthy}",
            *(
                f"{miss}: {len(names)}{said}"
                for (miss, names), said in zip(misses.items(), named, strict=True)
            ),
        ]

    def page(self) -> str:
        """docs/faults.md: the figures, when and how they were measured, and each fault."""
        parts = (*_HEADER, self._conditions(), "", "```text", *self.lines(), "```", *self._rows())
        return "\n".join(parts)

    def _conditions(self) -> str:
        days = sorted({each.day for each in self.results.values()})
        minutes = sum(each.seconds for each in self.results.values()) / 60
        return (
            f"Measured on {' to '.join(dict.fromkeys((days[0], days[-1])))} with `scripts/faults` "
            f"on {os.cpu_count()} cores ({platform.system()}, the native provider of "
            f"`scripts/cluster`): {minutes:.0f} minutes. Each row is the fault's last play."
        )

    def _rows(self) -> Iterable[str]:
        for family in Family:
            chosen = [each for each in self.results.values() if each.fault.family is family]
            if not chosen:
                continue
            yield f"\n## {family[0].upper()}{family[1:]}\n"
            yield "| what is done | verdict | found | seconds |"
            yield "|---|---|---|---|"
            for each in chosen:
                verdict = f"{each.fault.expected}" if each.miss is None else f"**{each.miss}**"
                yield f"| {each.fault.name} | {verdict} | {each.said} | {each.seconds:.0f} |"
        yield ""


def kept(faults: Sequence[Fault], file: Path = RESULTS) -> Scorecard:
    """The results that were kept, in the order of the faults; those of other faults are gone."""
    known = json.loads(file.read_text()) if file.exists() else {}
    return Scorecard({f.slug: _read(f, known[f.slug]) for f in faults if f.slug in known})


def keep(scorecard: Scorecard, file: Path = RESULTS) -> None:
    """Write the results down, so that an interrupted run can go on."""
    told = {
        slug: {"miss": each.miss, "seconds": each.seconds, "said": each.said, "day": each.day}
        for slug, each in scorecard.results.items()
    }
    file.write_text(json.dumps(told, indent=1) + "\n")


def _read(fault: Fault, told: Mapping[str, object]) -> Result:
    miss = told["miss"]
    return Result(
        fault,
        None if miss is None else Miss(str(miss)),
        float(str(told["seconds"])),
        str(told["said"]),
        str(told["day"]),
    )


_HEADER = """\
# The fault matrix

Each of these faults is brought about on a real cluster; `verify` must give just the findings that
were declared for it beforehand, and the mend that it prints, run as it is printed, must lead back
to exit 0. The healthy variants must give no finding. The declarations are in `tests/e2e/faults`.

    scripts/faults                     # all of them; writes this page
    scripts/faults --again             # those of that run that were misjudged, or not played yet
    scripts/faults -k 'head and env'   # some of them

What each fault looked like is kept in `tests/data/faults`, and judged again by the unit tests.
""".splitlines()
