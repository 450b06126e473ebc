"""SC402, SC405, SC406: another Ray cluster, other versions, and the start-up race."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seedcore_deploy.judge.addresses import parse_url
from seedcore_deploy.judge.claims import Claim, application_of, effects, proof_of, ready_of
from seedcore_deploy.judge.commands import Json, until
from seedcore_deploy.judge.facts import Facts, PodView
from seedcore_deploy.judge.head_service import (
    head_service,
    leads_astray,
    misses_head,
    selector_text,
    strangers,
    why_astray,
)
from seedcore_deploy.judge.mends import restart_pods, shell
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.session import reached_another
from seedcore_deploy.judge.template_mends import mend_template
from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.disclosure import EnvValue
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject
from seedcore_deploy.model.snapshot import ProbeFacts, RayClusterFacts, ServiceFacts

FORK_SUPPORT = "GRPC_ENABLE_FORK_SUPPORT"


def another_cluster(facts: Facts) -> Iterable[Claim]:
    """SC402: what answers at the expected address is not the head of this RayCluster."""
    misled = [
        (view, reason)
        for view in facts.pods
        if view.probe is not None
        and view.probe.ok
        and not view.unsettled
        and (reason := reached_another(facts, view, view.probe))
    ]
    for view, reason in misled:
        yield _misled_claim(facts, view, reason)
    service = head_service(facts)
    if not misled and service is not None and leads_astray(facts, service):
        yield _selector_claim(facts, service)


def _misled_claim(facts: Facts, view: PodView, reason: str) -> Claim:
    service = head_service(facts)
    broken = service is not None and leads_astray(facts, service)
    subject = view.subject
    # What the Service does to one client it does to the next, if not at the same moment.
    views = facts.clients if broken else (view,)
    if service is not None and (
        broken or (_names(view, service.name) and not _leads_others_well(facts, service))
    ):
        subject = Subject("Service", service.name)
    finding = Finding(
        rule="SC402",
        severity=Severity.ERROR,
        subject=subject,
        summary=f"pod/{view.pod.name} reached another Ray cluster: {reason}",
        expected="the session and the node of the head pod of this RayCluster",
        actual=reason,
        because=why_astray(facts, service)
        if service is not None and broken
        else "the address leads to a Ray that is not this RayCluster's head",
        fix=_fix(facts, service if broken else None, views),
    )
    return Claim(finding, effects(proof_of(view.pod.name)), _followed(views))


def _selector_claim(facts: Facts, service: ServiceFacts) -> Claim:
    clients = facts.clients
    finding = Finding(
        rule="SC402",
        severity=Severity.ERROR,
        subject=Subject("Service", service.name),
        summary="the head service does not lead to the head pod",
        expected="the head pod, and no other address",
        actual=service.external_name
        or ", ".join(strangers(facts, service))
        or selector_text(service.selector),
        because=why_astray(facts, service),
        fix=_fix(facts, service, clients),
    )
    return Claim(finding, frozenset(), _followed(clients))


def _followed(views: Sequence[PodView]) -> frozenset[str]:
    return effects(
        effect
        for view in views
        for effect in (
            proof_of(view.pod.name),
            application_of(view.pod.name),
            ready_of(view.pod.name),
        )
    )


def _leads_others_well(facts: Facts, service: ServiceFacts) -> bool:
    """Whether another client reached the head by the same name: then it is the pod that is odd."""
    return any(
        view.probe is not None
        and view.probe.ok
        and _names(view, service.name)
        and not reached_another(facts, view, view.probe)
        for view in facts.clients
    )


def _maker(cluster: RayClusterFacts) -> tuple[str, str]:
    """What KubeRay makes the head's Service for, as kubectl's kind and name."""
    return "rayservice" if cluster.service else "raycluster", cluster.declared


def _names(view: PodView, service: str) -> bool:
    url = parse_url(view.probe.address) if view.probe else None
    return url is not None and url.host.split(".")[0] == service


def _fix(facts: Facts, service: ServiceFacts | None, views: Sequence[PodView]) -> Fix:
    restarts = restart_pods(facts, [view for view in views if view.pod.role is Role.CLIENT])
    if service is None or facts.cluster is None:
        return Fix(
            "find out what answers at the address (kubectl get endpointslices), make it lead to "
            "the head, and restart what reached the other cluster",
            restarts,
        )
    name, lines = service.name, shell(facts)
    if service.external_name:
        poke = "seedcore-deploy/head-service-removed-at=" + facts.snapshot.taken_at
        return Fix(
            f"delete service/{name}, which KubeRay makes anew",
            (
                lines.kubectl("delete", "service", name, "--ignore-not-found"),
                lines.kubectl("annotate", *_maker(facts.cluster), poke, "--overwrite"),
                until(f"{lines.kubectl('get', 'service', name)} >/dev/null", f"service/{name}"),
                *restarts,
            ),
        )
    labels = {"ray.io/cluster": facts.cluster.name, "ray.io/node-type": "head"}
    selector: dict[str, Json] = {**labels}
    operation: Json = {"op": "replace", "path": "/spec/selector", "value": selector}
    wide = not labels.items() <= service.selector.items()
    patch = (lines.patch(Subject("Service", name), [operation]),) if wide else ()
    after = (*_endpoint(facts, name), *restarts)
    if misses_head(facts, service):
        return Fix(f"let service/{name} select the head pod again", (*patch, *after))
    return Fix(
        f"leave only the head pod behind service/{name}",
        (*patch, _no_foreign_slices(facts, name), *after),
    )


def _no_foreign_slices(facts: Facts, service: str) -> str:
    """Delete what the EndpointSlice controller did not make: it leaves such slices alone."""
    managed = "endpointslice.kubernetes.io/managed-by!=endpointslice-controller.k8s.io"
    selector = f"kubernetes.io/service-name={service},{managed}"
    return shell(facts).kubectl("delete", "endpointslices", "-l", selector)


def _endpoint(facts: Facts, service: str) -> tuple[str, ...]:
    """Await that the head pod, and nothing else, is behind the Service."""
    ips = " ".join(sorted(view.pod.ip for view in facts.heads if view.pod.ip))
    if not ips:
        return ()
    selector = f"kubernetes.io/service-name={service}"
    path = "jsonpath={.items[*].endpoints[*].addresses[*]}"
    ask = shell(facts).kubectl("get", "endpointslices", "-l", selector, "-o", path)
    return (until(f'[ "$({ask})" = "{ips}" ]', f"service/{service}: no endpoint"),)


def other_versions(facts: Facts) -> Iterable[Claim]:
    """SC405: Ray differs between a client and the head, or Python in its minor version."""
    head = next((view.probe for view in facts.heads if view.probe and view.probe.ray_version), None)
    for view in facts.clients:
        probe = view.probe
        if head is None or probe is None or not probe.ray_version:
            continue
        if skew := _skew(head, probe):
            yield _skew_claim(facts, view, skew)


def _skew(head: ProbeFacts, client: ProbeFacts) -> tuple[str, str] | None:
    if client.ray_version != head.ray_version:
        return f"Ray {head.ray_version}", f"Ray {client.ray_version}"
    ours, theirs = _minor(head.python_version), _minor(client.python_version)
    if ours and theirs and ours != theirs:
        return f"Python {ours}", f"Python {theirs}"
    return None


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _skew_claim(facts: Facts, view: PodView, skew: tuple[str, str]) -> Claim:
    expected, actual = skew
    finding = Finding(
        rule="SC405",
        severity=Severity.ERROR,
        subject=Subject(view.owner.kind, view.owner.name, "version"),
        summary=f"it has {actual}, the head has {expected}",
        expected=expected,
        actual=actual,
        because="client and head must have the same Ray and the same minor version of Python: "
        "a task may crash the worker though the connection is made",
        fix=mend_template(facts, view, f"take an image that has {expected}"),
    )
    # In front of what the probe met, which is about the same pod.
    return Claim(finding, effects(f"version {view.pod.name}"), _followed([view]))


def start_up_race(facts: Facts) -> Iterable[Claim]:
    """SC406: a hint; a first connection failed as it does on heads with gRPC's fork support."""
    met = [
        view for view in facts.clients if view.probe and view.probe.ok and view.probe.attempts > 1
    ]
    bare = [view for view in facts.heads if not _is_off(*view.has(FORK_SUPPORT))]
    if not met or not bare:
        return
    seconds = max(view.probe.seconds for view in met if view.probe)
    finding = Finding(
        rule="SC406",
        severity=Severity.HINT,
        subject=Subject(bare[0].owner.kind, bare[0].owner.name, FORK_SUPPORT),
        summary="the first connection failed, and the second one passed",
        expected=f"{FORK_SUPPORT}=0 in the head's env",
        actual="unset",
        because=f"the head's client server forks while gRPC has threads, and can die of it; the "
        f"probe from pod/{met[0].pod.name} took {seconds:.0f} s in two attempts",
        fix=Fix(
            f'add {{name: {FORK_SUPPORT}, value: "0"}} to the env of the head in the overlay, '
            f"apply it, and replace the head at the next occasion"
        ),
    )
    yield Claim(finding)


def _is_off(known: bool, value: EnvValue | None) -> bool:
    return not known or (value is not None and value.text in ("0", None))


RULES = (
    Rule("SC402", "another Ray cluster answers", another_cluster),
    Rule("SC405", "Ray or Python versions differ", other_versions),
    Rule("SC406", "the start-up race of Ray Client", start_up_race),
)
