"""How many pods a workload has, and who says so: the overlay, a person, or an autoscaler."""

from __future__ import annotations

from dataclasses import dataclass

from seedcore_deploy.model.finding import Subject


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler and its target; `from_zero` tells that it may scale to zero."""

    name: str
    target: Subject
    from_zero: bool = False


@dataclass(frozen=True, slots=True)
class LiveReplicas:
    """The number of a live workload, and the same at the last apply.

    `known` tells whether there was one, `sent` what it sent, and `own` what the overlay itself
    said then; each is None where that left the number out.
    """

    workload: Subject
    live: int
    known: bool = False
    sent: int | None = None
    own: int | None = None


@dataclass(frozen=True, slots=True)
class KeptReplicas:
    """A live number that is sent in place of the overlay's own (None: it has none).

    `scaler` is the HorizontalPodAutoscaler that scales the workload, empty where they could not
    be seen. `known` tells that the overlay's own is known to be the one of the last apply.
    """

    workload: Subject
    overlay: int | None
    live: int
    scaler: str
    known: bool = True

    def __str__(self) -> str:
        own = "leaves it out" if self.overlay is None else f"says {self.overlay}"
        since = "" if self.known else "; no earlier apply is known"
        scaled = f"horizontalpodautoscaler/{self.scaler} scales it"
        if not self.scaler:
            scaled = (
                "whether a HorizontalPodAutoscaler scales it could not be seen, so it is taken "
                "as if one did"
            )
        return f"{self.workload}: replicas stays {self.live} ({scaled}; the overlay {own}{since})"
