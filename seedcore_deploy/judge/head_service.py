"""Where the Service in front of the head leads, and why it leads astray."""

from __future__ import annotations

from collections.abc import Mapping

from seedcore_deploy.judge.facts import Facts
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.snapshot import ServiceFacts


def head_service(facts: Facts) -> ServiceFacts | None:
    """The Service that KubeRay makes for the head; None where it is not there, or not seen."""
    name = facts.cluster.head_service if facts.cluster else ""
    return (facts.services or {}).get(name)


def misses_head(facts: Facts, service: ServiceFacts) -> bool:
    """Whether the Service cannot lead to the head: by selector, or to a foreign name."""
    if service.external_name:
        return True
    labelled = [view for view in facts.heads if view.pod.template.labels]
    return bool(service.selector and labelled) and not any(
        service.selector.items() <= dict(view.pod.template.labels).items() for view in labelled
    )


def strangers(facts: Facts, service: ServiceFacts) -> tuple[str, ...]:
    """The addresses behind the Service that are no head pod's, while the head stays as it is.

    Clients reach one or the other of them: that a probe met the head proves nothing then.
    """
    heads = [view.pod for view in facts.heads]
    if facts.head_unsettled or not heads or not all(pod.addresses for pod in heads):
        return ()
    heads += [pod for pod in facts.leaving if pod.role is Role.HEAD]
    own = {ip for pod in heads for ip in pod.addresses}
    return tuple(ip for ip in service.endpoints if ip not in own)


def leads_astray(facts: Facts, service: ServiceFacts) -> bool:
    """Whether some or all of what connects to the Service does not reach the head."""
    return misses_head(facts, service) or bool(strangers(facts, service))


def why_astray(facts: Facts, service: ServiceFacts) -> str:
    """The cause, in a sentence's part."""
    if service.external_name:
        return f"service/{service.name} stands for {service.external_name}"
    if misses_head(facts, service):
        labels = selector_text(service.selector)
        return f"the selector of service/{service.name} ({labels}) picks other pods"
    return (
        f"{', '.join(strangers(facts, service))} behind service/{service.name} is not the head "
        f"pod: an EndpointSlice was made by hand, or another pod has the labels that it selects"
    )


def selector_text(labels: Mapping[str, str]) -> str:
    """A selector as kubectl takes it."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
