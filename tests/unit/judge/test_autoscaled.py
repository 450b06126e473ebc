"""Which numbers of pods an apply leaves to an autoscaler."""

from __future__ import annotations

import pytest

from seedcore_deploy.judge.autoscaled import kept_replicas
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import Look, NotSeen, Seen
from seedcore_deploy.model.replicas import Autoscaler, KeptReplicas, LiveReplicas

API = Subject("Deployment", "seedcore-api")
SCALED: Look[tuple[Autoscaler, ...]] = Seen((Autoscaler("api", API),))
NONE: Look[tuple[Autoscaler, ...]] = Seen(())
UNSEEN = NotSeen("horizontalpodautoscalers could not be listed (Forbidden)")


def applied(live: int, own: int | None, sent: int | None = None) -> LiveReplicas:
    """A number after an apply that sent the overlay's own, or another in its place."""
    return LiveReplicas(API, live, known=True, sent=own if sent is None else sent, own=own)


def stays(
    overlay: int | None, found: LiveReplicas, scalers: Look[tuple[Autoscaler, ...]] = SCALED
) -> int | None:
    kept = kept_replicas(overlay, found, scalers)
    return None if kept is None else kept.live


def test_number_that_an_autoscaler_set_stays() -> None:
    assert stays(1, applied(live=5, own=1)) == 5


def test_number_that_was_sent_in_the_overlays_place_stays_at_the_next_apply_too() -> None:
    assert stays(1, applied(live=5, own=1, sent=5)) == 5
    assert stays(1, applied(live=3, own=1, sent=5)) == 3


def test_overlay_whose_own_number_changed_wins() -> None:
    assert stays(2, applied(live=5, own=1)) is None
    assert stays(2, applied(live=5, own=1, sent=5)) is None


def test_number_that_the_overlay_has_only_now_is_the_overlays() -> None:
    assert stays(2, applied(live=5, own=None)) is None


def test_overlay_that_no_longer_says_a_number_does_not_set_it_to_one() -> None:
    assert stays(None, applied(live=5, own=1)) == 5
    assert stays(None, applied(live=5, own=None, sent=5)) == 5


def test_number_that_no_apply_has_sent_is_left_alone_by_kubectl_itself() -> None:
    assert stays(None, applied(live=5, own=None)) is None
    assert stays(None, LiveReplicas(API, 5)) is None


def test_nothing_is_kept_where_live_is_what_the_overlay_says() -> None:
    assert stays(1, applied(live=1, own=1)) is None
    assert stays(None, applied(live=1, own=1)) is None


def test_manual_scale_of_a_workload_that_nothing_scales_is_reset() -> None:
    others: Look[tuple[Autoscaler, ...]] = Seen(
        (Autoscaler("serve", Subject("Deployment", "seedcore-serve")),)
    )

    assert stays(1, applied(live=5, own=1), NONE) is None
    assert stays(1, applied(live=5, own=1), others) is None


@pytest.mark.parametrize(("from_zero", "number"), [(False, None), (True, 0)])
def test_zero_is_an_autoscalers_only_where_it_may_scale_to_zero(
    from_zero: bool, number: int | None
) -> None:
    scalers: Look[tuple[Autoscaler, ...]] = Seen((Autoscaler("api", API, from_zero=from_zero),))

    assert stays(1, applied(live=0, own=1), scalers) == number


def test_number_stays_where_autoscalers_could_not_be_seen_and_that_is_said() -> None:
    kept = kept_replicas(1, applied(live=5, own=1), UNSEEN)

    assert str(kept) == (
        "deployment/seedcore-api: replicas stays 5 (whether a HorizontalPodAutoscaler scales it "
        "could not be seen, so it is taken as if one did; the overlay says 1)"
    )
    assert stays(1, applied(live=0, own=1), UNSEEN) is None
    assert stays(2, applied(live=5, own=1), UNSEEN) is None


def test_number_stays_and_is_told_apart_where_no_earlier_apply_is_known() -> None:
    kept = kept_replicas(1, LiveReplicas(API, 5), SCALED)

    assert kept == KeptReplicas(API, 1, 5, "api", known=False)
    assert str(kept) == (
        "deployment/seedcore-api: replicas stays 5 (horizontalpodautoscaler/api scales it; the "
        "overlay says 1; no earlier apply is known)"
    )


def test_kept_number_that_the_overlay_leaves_out_says_so() -> None:
    kept = kept_replicas(None, applied(live=5, own=1), SCALED)

    assert "the overlay leaves it out" in str(kept)
