from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from seedcore_deploy.act.wait import Unready, changes, wait_until_ready
from seedcore_deploy.errors import CouldNotLook, TimedOut
from seedcore_deploy.kube.errors import Forbidden, Unreachable
from seedcore_deploy.model.finding import Subject

HEAD = Subject("Pod", "head")
API = Subject("Deployment", "api")


@dataclass(frozen=True)
class Pending:
    subject: Subject
    why: str


Look = tuple[Pending, ...] | CouldNotLook


@dataclass
class Scene:
    """Looks that follow one another, on a clock that only waiting moves."""

    looks: list[Look]
    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def observe(self) -> Sequence[Pending]:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(look, CouldNotLook):
            raise look
        return look

    def wait(self, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        self.now += timeout_s
        return False

    def run(self, deadline: float = 60.0) -> Sequence[Pending]:
        return wait_until_ready(
            self.observe, lambda seen: seen, self, deadline, self.told.append, explain, self.clock
        )

    def clock(self) -> float:
        return self.now


def explain(pending: Sequence[Unready], seen: object) -> str:
    return "; ".join(f"{each.subject}: {each.why}" for each in pending)


def test_what_is_ready_at_the_first_look_is_not_waited_for() -> None:
    scene = Scene([()])

    scene.run()

    assert scene.waits == []
    assert scene.told == []


def test_a_look_is_repeated_at_least_every_ten_seconds() -> None:
    scene = Scene([(Pending(HEAD, "starting"),), ()])

    scene.run()

    assert scene.waits == [10.0]


def test_lines_come_only_when_something_changed() -> None:
    starting, pulling = Pending(HEAD, "starting"), Pending(HEAD, "pulling")
    api = Pending(API, "0 of 1")
    scene = Scene([(starting, api), (starting, api), (pulling,), ()])

    scene.run()

    assert scene.told == [
        "waiting: pod/head: starting",
        "waiting: deployment/api: 0 of 1",
        "done:    deployment/api",
        "waiting: pod/head: pulling",
        "done:    pod/head",
    ]


def test_a_thing_with_two_reasons_is_told_with_both() -> None:
    scene = Scene([(Pending(HEAD, "not ready"), Pending(HEAD, "its image differs")), ()])

    scene.run()

    assert scene.told[0] == "waiting: pod/head: not ready; its image differs"


def test_the_deadline_ends_the_wait_with_the_reasons_of_what_is_left() -> None:
    scene = Scene([(Pending(HEAD, "unschedulable"),)])

    with pytest.raises(TimedOut, match="pod/head: unschedulable"):
        scene.run(deadline=25.0)

    assert scene.waits == [10.0, 10.0, 5.0]


def test_a_deadline_that_has_passed_still_gets_one_look() -> None:
    scene = Scene([()])

    assert scene.run(deadline=-1.0) == ()


def test_an_api_server_that_is_away_for_a_while_is_waited_out() -> None:
    scene = Scene([Unreachable("no answer"), (Pending(HEAD, "starting"),), ()])

    scene.run()

    assert scene.told[0] == "waiting: cluster/the API server: no answer"


def test_an_api_server_that_stays_away_ends_at_the_deadline() -> None:
    scene = Scene([Unreachable("no answer")])

    with pytest.raises(TimedOut, match="no answer"):
        scene.run()


def test_a_missing_permission_is_not_waited_for() -> None:
    scene = Scene([Forbidden("not allowed", status=403)])

    with pytest.raises(Forbidden):
        scene.run()


def test_changes_of_nothing_are_nothing() -> None:
    assert changes({HEAD: "starting"}, {HEAD: "starting"}) == ()


def test_growing_older_is_no_change() -> None:
    before = {HEAD: "unschedulable (it was created 1 s ago)"}

    assert changes(before, {HEAD: "unschedulable (it was created 11 s ago)"}) == ()
    assert changes(before, {HEAD: "unschedulable"}) == ()
    assert changes(before, {HEAD: "pulling (it was created 1 s ago)"})
