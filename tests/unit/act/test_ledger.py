from __future__ import annotations

from seedcore_deploy.act.ledger import Ledger


def test_before_apply_nothing_was_changed() -> None:
    ledger = Ledger()
    ledger.enter("lint")

    assert ledger.how_far()[0] == "  applied: nothing"


def test_what_was_applied_and_what_is_left_are_told() -> None:
    ledger = Ledger()
    ledger.enter("apply")
    ledger.record(["configmap/seedcore-env created"])
    ledger.enter("wait")

    assert ledger.how_far() == (
        "  applied: configmap/seedcore-env created",
        "  not done, or not to its end: wait, verify",
    )


def test_a_cut_in_the_middle_of_apply_does_not_claim_that_nothing_was_sent() -> None:
    ledger = Ledger()
    ledger.enter("apply")
    ledger.mean(["configmap/seedcore-env"])

    assert ledger.how_far()[:2] == (
        "  applied: nothing that was confirmed",
        "  not applied, or not confirmed: configmap/seedcore-env",
    )


def test_what_was_confirmed_is_told_from_what_was_not() -> None:
    ledger = Ledger()
    ledger.mean(["configmap/a", "deployment/api", "raycluster/seedcore"])
    ledger.enter("apply")
    ledger.record(["configmap/a unchanged", "deployment.apps/api configured"])

    assert ledger.unconfirmed == ("raycluster/seedcore",)
    assert "  not applied, or not confirmed: raycluster/seedcore" in ledger.how_far()


def test_something_may_be_written_from_when_it_is_to_be_sent() -> None:
    ledger = Ledger()
    assert not ledger.writing

    ledger.mean(["configmap/a"])

    assert ledger.writing


def test_unchanged_objects_are_no_changes() -> None:
    ledger = Ledger()
    ledger.record(["service/a unchanged", "service/b configured"])

    assert ledger.changed == ("service/b configured",)
