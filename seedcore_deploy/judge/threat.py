"""What keeps a pod from becoming ready until somebody changes something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seedcore_deploy.judge.times import age, later
from seedcore_deploy.model.look import Look, Seen
from seedcore_deploy.model.pod_state import EventFacts
from seedcore_deploy.model.snapshot import ConfigMapFacts


@dataclass(frozen=True, slots=True)
class Threat:
    """Why something will not come up without a change, as far as one look can tell.

    It counts once it has lasted `patience_s` since `since` (empty: unknown, so that only who
    looks again can tell). `met_at` is when it was met last, for what is tried again by itself:
    one from before a change may be over at the next try. Empty: it is so at this very look.
    `retried`: what is tried again ever more seldom counts only once a try has failed after the
    patience, since it may have been over before. `mend` is an imperative; `container` whose log
    may tell more.
    """

    reason: str
    mend: str
    since: str = ""
    patience_s: float = 0.0
    met_at: str = ""
    container: str = ""
    retried: bool = False

    def left_s(self, now: str) -> float | None:
        """Seconds until it counts, 0 when it does; None where since when it lasts is unknown."""
        if self.patience_s <= 0:
            return 0.0
        lasted = age(self.met_at if self.retried else now, self.since)
        return None if lasted is None else max(self.patience_s - lasted, 0.0)

    def counts(self, now: str) -> bool:
        """Whether it has lasted long enough."""
        return self.left_s(now) == 0.0

    def met_since(self, begun: str) -> bool:
        """Whether it was met at or after `begun`, and not only before."""
        return not begun or not self.met_at or later(self.met_at, begun)


def by_pod(events: Look[tuple[EventFacts, ...]]) -> dict[str, tuple[EventFacts, ...]]:
    """The events about pods, by the pod's name."""
    found: dict[str, tuple[EventFacts, ...]] = {}
    for event in events.value if isinstance(events, Seen) else ():
        if event.kind == "Pod":
            found[event.name] = (*found.get(event.name, ()), event)
    return found


@dataclass(frozen=True, slots=True)
class Around:
    """What else of a look tells about a pod. `head_ready_since` is empty where no head is ready.

    `leaving`: pods of the namespace are ending, which makes room. `events` are by pod, oldest
    first. `configmaps` is None where they were not seen.
    """

    now: str
    head_ready_since: str = ""
    leaving: bool = False
    configmaps: Mapping[str, ConfigMapFacts] | None = None
    events: Mapping[str, tuple[EventFacts, ...]] | None = None

    def events_of(self, pod: str, reason: str) -> tuple[EventFacts, ...]:
        """The events of a pod with one reason, oldest first."""
        return tuple(each for each in (self.events or {}).get(pod, ()) if each.reason == reason)
