"""The judgement: from a Snapshot to a Verdict, and from a render to its findings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from seedcore_deploy.judge.causes import fold
from seedcore_deploy.judge.claims import Claim
from seedcore_deploy.judge.facts import Facts, gather
from seedcore_deploy.judge.gaps import gaps, proofs_missing
from seedcore_deploy.judge.lines import pod_lines
from seedcore_deploy.judge.registry import RULES
from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.session import head_probe
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.finding import Finding, Fix, Gap, Severity, Subject
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import Manifests, Snapshot, Target
from seedcore_deploy.model.verdict import Outcome, Verdict


def judge(snapshot: Snapshot, rules: Sequence[Rule] = RULES) -> Verdict:
    """The verdict on a snapshot; its clock is the snapshot's own. `rules` can be fewer in tests."""
    facts = gather(snapshot)
    claims = [claim for rule in rules for claim in rule.check(facts)]
    claims += _of_manifests(facts, claims, rules)
    roots = fold(claims, [rule.id for rule in RULES])
    errors = [root for root in roots if root.finding.severity is Severity.ERROR]
    explained = {effect for root in errors for effect in root.about | root.explains}
    open_gaps = gaps(facts, explained)
    if not errors and not open_gaps and proofs_missing(facts):
        open_gaps = (_unproven(facts),)
    return Verdict(
        outcome=_outcome(bool(errors), open_gaps),
        findings=tuple(root.finding for root in roots),
        gaps=open_gaps,
        pods=pod_lines(facts, explained),
        session=probe.session if (probe := head_probe(facts)) else "",
        fine_print=_fine_print(facts),
    )


def judge_render(
    manifests: Manifests,
    contract: Contract,
    namespace: str = "",
    rules: Sequence[Rule] = RULES,
) -> tuple[Finding, ...]:
    """The rules that need no cluster, over a rendered overlay; their fixes have no commands.

    `namespace` is the one that the overlay is for; "" where it says none.
    """
    claims = _render_claims(manifests, contract, namespace, rules)
    roots = fold(claims, [rule.id for rule in RULES])
    return tuple(root.finding for root in roots)


def render_snapshot(manifests: Manifests, contract: Contract, namespace: str) -> Snapshot:
    """A render as if it were what a cluster has, without pods."""
    return Snapshot(
        target=Target("", namespace),
        contract=contract,
        taken_at="",
        manifests=NotSeen("the manifests themselves are judged"),
        configmaps=Seen(manifests.configmaps),
        services=Seen(manifests.services),
        rayclusters=Seen(manifests.rayclusters),
        workloads=Seen(manifests.workloads),
        pods=Seen(()),
    )


def _outcome(wrong: bool, open_gaps: Sequence[Gap]) -> Outcome:
    """Findings win. What is settling passes by itself; what else could not be seen shows then."""
    if wrong:
        return Outcome.FINDINGS
    if any(gap.settling for gap in open_gaps):
        return Outcome.SETTLING
    return Outcome.INCONCLUSIVE if open_gaps else Outcome.PROVEN


def _unproven(facts: Facts) -> Gap:
    return Gap(
        Subject("Namespace", facts.namespace),
        "the proof of connection was not made",
        f"seedcore-deploy verify {facts.namespace}",
    )


def _of_manifests(facts: Facts, told: Iterable[Claim], rules: Sequence[Rule]) -> list[Claim]:
    """Mistakes of the overlay that are not (or not yet) in the cluster."""
    if facts.manifests is None:
        return []
    known = {(claim.finding.rule, claim.finding.subject) for claim in told}
    planned = {each.name for each in facts.manifests.services}
    # KubeRay makes the head service, and an alias of it need not be in the overlay.
    live = tuple(each for name, each in (facts.services or {}).items() if name not in planned)
    whole = replace(facts.manifests, services=(*facts.manifests.services, *live))
    found = _render_claims(whole, facts.contract, facts.namespace, rules)
    return [claim for claim in found if (claim.finding.rule, claim.finding.subject) not in known]


def _render_claims(
    manifests: Manifests, contract: Contract, namespace: str, rules: Sequence[Rule]
) -> list[Claim]:
    facts = gather(render_snapshot(manifests, contract, namespace), rendered=True)
    found = []
    for rule in rules:
        for claim in rule.check(facts) if rule.offline else ():
            text = f"in the overlay {manifests.overlay}: {claim.finding.fix.text}"
            finding = replace(claim.finding, fix=Fix(text.replace("overlay :", "overlay:")))
            found.append(replace(claim, finding=finding))
    return found


def _fine_print(facts: Facts) -> tuple[str, ...]:
    """What no one looked at, or can."""
    notes = []
    if isinstance(facts.snapshot.manifests, NotSeen):
        notes.append(f"the manifests were not compared: {facts.snapshot.manifests.why}")
    hidden = [
        view.pod.name
        for view in facts.pods
        if view.process is not None and isinstance(view.process.process, NotSeen)
    ]
    if hidden:
        notes.append(
            f"the live process's environment could not be read in {', '.join(hidden)}: judged "
            f"by what the container was started with"
        )
    notes.append(
        "what a process reads from a .env file, or writes into os.environ after its start, shows "
        "in no layer; the application's own connection narrows it"
    )
    return tuple(notes)
