from __future__ import annotations

import json

from seedcore_deploy.act.record import Entry
from seedcore_deploy.sources.git import Commit

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_annotation_says_what_was_applied_from_where_and_with_what() -> None:
    entry = Entry(
        "overlays/dev", Commit(SHA, dirty=True), "0.1.0", "proven", "2026-11-25T22:00:00Z"
    )

    assert json.loads(entry.annotation()) == {
        "overlay": "overlays/dev",
        "commit": SHA,
        "dirty": True,
        "tool": "0.1.0",
        "at": "2026-11-25T22:00:00Z",
        "verdict": "proven",
    }


def test_event_is_one_sentence() -> None:
    entry = Entry("overlays/dev", Commit(SHA, dirty=True), "0.1.0", "proven")

    assert entry.sentence() == (
        "seedcore-deploy 0.1.0 applied overlay overlays/dev at 0123456789ab "
        "(with uncommitted changes): proven"
    )


def test_outside_of_git_no_commit_is_claimed() -> None:
    entry = Entry("overlays/dev", None, "0.1.0", "findings")

    assert json.loads(entry.annotation())["commit"] == ""
    assert entry.sentence() == "seedcore-deploy 0.1.0 applied overlay overlays/dev: findings"
