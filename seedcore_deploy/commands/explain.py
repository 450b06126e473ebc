"""`explain`: the page of a rule, or all rules with their titles. Needs no cluster."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence

from seedcore_deploy.errors import UsageError
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import ExplainOptions
from seedcore_deploy.sources.rule_pages import page, rule_ids, title

_LOOK_ALIKE = str.maketrans("OIL", "011")
"""Letters that are taken for digits."""


def run(options: ExplainOptions) -> ExitCode:
    """Print what was asked for to stdout. Raises UsageError for an id that no rule has."""
    known = rule_ids()
    wanted = tuple(dict.fromkeys(word.upper() for word in options.rules))
    for rule in wanted:
        _check(rule, known)
    text = "\n".join(page(rule) for rule in wanted) if wanted else _list(known)
    sys.stdout.write(text)
    return ExitCode.PROVEN


def _check(rule: str, known: Sequence[str]) -> None:
    if rule in known:
        return
    near = difflib.get_close_matches(rule.translate(_LOOK_ALIKE), known, n=1)
    meant = f"did you mean `{near[0]}`?" if near else "see `seedcore-deploy explain` for the list"
    raise UsageError(f"there is no rule {rule!r} (rules: {', '.join(known)})", meant)


def _list(known: Sequence[str]) -> str:
    lines = (f"{rule}  {title(rule)}\n" for rule in known)
    return "".join((*lines, "\none page each: seedcore-deploy explain SC101\n"))
