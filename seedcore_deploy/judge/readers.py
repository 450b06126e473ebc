"""Clients that no selector of the contract picks: known only as readers of the settings."""

from __future__ import annotations

from seedcore_deploy.judge.application import Application, application_of_pod
from seedcore_deploy.judge.carriers import container_of, is_contracted
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.session import reached_another
from seedcore_deploy.judge.templates import of_a_submitter
from seedcore_deploy.model.snapshot import PodFacts


def needs_no_connection(facts: Facts, view: PodView) -> bool:
    """Whether a client may be without a connection of its own just now.

    A `ray job submit` talks to the dashboard, and a batch job connects when it has work: nothing
    says that such a reader holds a connection all the time. That it could make one is shown by
    its own probe; a pod that is not ready, or that holds a doubtful connection, shows nothing.
    """
    return (
        view.pod.ready
        and not is_contracted(facts.contract, view.pod.template.labels)
        and view.probe is not None
        and view.probe.ok
        and not reached_another(facts, view, view.probe)
        and application_of_pod(facts, view) is Application.MISSING
    )


def submits_a_job(pod: PodFacts) -> bool:
    """Whether KubeRay made the pod to submit a RayJob."""
    container = container_of(pod)
    return container is not None and bool(of_a_submitter(container))
