"""The page of each rule: what it says, why it matters, what usually causes it, how to mend it."""

from __future__ import annotations

import re
from pathlib import Path

from seedcore_deploy.errors import CouldNotLook

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "rule_pages"
_IN_A_CHECKOUT = _PACKAGE.parent / "docs" / "rules"
_TITLE = re.compile(r"# (?P<id>SC\d{3}): (?P<title>.+)")


def rule_ids() -> tuple[str, ...]:
    """The ids that have a page, in order. Raises CouldNotLook when no page is there at all."""
    return tuple(sorted(path.stem for path in _folder().glob("SC*.md")))


def page(rule: str) -> str:
    """The page of a rule as Markdown. Raises CouldNotLook when it cannot be read."""
    try:
        return (_folder() / f"{rule}.md").read_text(encoding="utf-8")
    except OSError as fault:
        raise CouldNotLook(
            f"the page of {rule} cannot be read: {fault.strerror}", "install seedcore-deploy again"
        ) from fault


def title(rule: str) -> str:
    """What a rule says in a few words: the first line of its page, without the id."""
    first = page(rule).partition("\n")[0]
    found = _TITLE.fullmatch(first)
    return found["title"] if found else first


def _folder() -> Path:
    """Where the wheel puts the pages; in an editable checkout, where they are written."""
    for folder in (_INSTALLED, _IN_A_CHECKOUT):
        if folder.is_dir():
            return folder
    raise CouldNotLook(
        "the pages of the rules are not installed", "install seedcore-deploy again from its wheel"
    )
