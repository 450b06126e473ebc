from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from seedcore_deploy.act.patience import Foreseen
from seedcore_deploy.act.wait import Unready, changes, wait_until_ready
from seedcore_deploy.errors import CouldNotLook, Doomed, TimedOut
from seedcore_deploy.kube.errors import Forbidden, Unreachable
from seedcore_deploy.model.finding import Subject

HEAD = Subject("Pod", "head")
API = Subject("Deployment", "api")


@dataclass(frozen=True)
class Pending:
    subject: Subject
    why: str


@dataclass(frozen=True)
class Doom(Pending):
    """Pending, and in vain."""

    left_s: float | None = 0.0
    patience_s: float = 0.0
    mend: str = "mend it"
    pod: str = ""
    container: str = ""

    @property
    def reason(self) -> str:
        return self.why


Look = tuple[Pending, ...] | CouldNotLook


class InVain:
    """Foresees what the looks themselves say is in vain."""

    def dooms(self, look: Sequence[Pending]) -> Sequence[Foreseen]:
        return [each for each in look if isinstance(each, Doom)]

    def told(self, dooms: Sequence[Foreseen], look: Sequence[Pending]) -> str:
        return "; ".join(f"{each.subject}: {each.reason}" for each in dooms)


@dataclass
class Scene:
    """Looks that follow one another, on a clock that only waiting moves."""

    looks: list[Look]
    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    shown: list[list[Subject]] = field(default_factory=list)
    look_takes_s: float = 0.0
    began: list[float] = field(default_factory=list)

    def observe(self) -> Sequence[Pending]:
        look = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        self.began.append(self.now)
        self.now += self.look_takes_s
        if isinstance(look, CouldNotLook):
            raise look
        return look

    def wait(self, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        self.now += timeout_s
        return False

    def run(self, deadline: float = 60.0) -> Sequence[Pending]:
        return wait_until_ready(
            self.observe,
            lambda seen: seen,
            self,
            deadline,
            self.told.append,
            explain,
            self.clock,
            foresight=InVain(),
            show=lambda pending: self.shown.append(list(pending)),
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


def test_what_is_doomed_ends_the_wait_at_the_second_look() -> None:
    scene = Scene([(Doom(HEAD, "no such image"),)])

    with pytest.raises(Doomed, match="pod/head: no such image"):
        scene.run()

    assert scene.waits == [1.5]


def test_doom_that_is_gone_at_the_second_look_is_waited_out() -> None:
    scene = Scene([(Doom(HEAD, "CrashLoopBackOff"),), (Pending(HEAD, "starting"),), ()])

    scene.run()

    assert len(scene.began) == 3


def test_doom_that_will_count_later_is_looked_at_again_when_it_does() -> None:
    looks: list[Look] = [(Doom(HEAD, "no answer", left_s=4.0),), (Doom(HEAD, "no answer"),)]
    scene = Scene(looks)

    with pytest.raises(Doomed):
        scene.run()

    assert scene.waits == [4.0, 1.5]


def test_doom_of_unknown_age_must_last_for_its_patience() -> None:
    scene = Scene([(Doom(HEAD, "no pod", left_s=None, patience_s=12.0),)])

    with pytest.raises(Doomed):
        scene.run()

    assert scene.began[-1] >= 12.0


def test_second_doom_that_is_about_to_be_sure_is_told_with_the_first() -> None:
    head, api = Doom(HEAD, "no image"), Doom(API, "no key")
    scene = Scene([(head,), (head, api), (head, api)])

    with pytest.raises(Doomed, match=r"no image; deployment/api: no key"):
        scene.run()


def test_what_was_seen_before_the_process_was_stopped_confirms_nothing() -> None:
    scene = Scene([(Doom(HEAD, "gone by now"),), (Doom(HEAD, "gone by now"),), ()])
    scene.look_takes_s = 90.0

    scene.run(deadline=600.0)

    assert len(scene.began) == 3


def test_last_look_begins_after_the_deadline() -> None:
    """A process that was stopped in the middle of a look knows only what was before."""
    scene = Scene([(Pending(HEAD, "starting"),), ()])
    scene.look_takes_s = 90.0

    scene.run(deadline=60.0)

    assert scene.began == [0.0, 90.0]


def test_each_look_shows_all_that_is_pending() -> None:
    scene = Scene([(Pending(HEAD, "starting"), Pending(API, "0 of 1")), (Pending(API, "x"),), ()])

    scene.run()

    assert scene.shown == [[HEAD, API], [API], []]
