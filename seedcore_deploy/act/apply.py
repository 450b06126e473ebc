"""Sending manifests: one `kubectl apply` where the overlay holds the base, else base first."""

from __future__ import annotations

from dataclasses import dataclass

from seedcore_deploy.act.ledger import Ledger
from seedcore_deploy.errors import UsageError
from seedcore_deploy.kubectl import ApplyFailed, ApplyInterrupted, DryRun, Kubectl
from seedcore_deploy.sources.rendered import RenderedOverlay, merged
from seedcore_deploy.sources.yaml_documents import Document


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """What is sent, in order, and why in so many steps."""

    steps: tuple[RenderedOverlay, ...]
    why: str

    @property
    def documents(self) -> tuple[Document, ...]:
        """The objects of all steps, each once, as the last step has it."""
        return merged((), (each for step in self.steps for each in step.documents))


@dataclass(frozen=True, slots=True)
class Applied:
    """kubectl's line for each object; "configured" there does not mean that it changed."""

    lines: tuple[str, ...]


def plan_apply(
    overlay: RenderedOverlay,
    base: RenderedOverlay | None,
    *,
    builds_on_base: bool,
    two_step: bool,
) -> ApplyPlan:
    """One step or two. Applying a base first undoes the overlay's patches for a moment.

    `builds_on_base` also covers an overlay that renames the base's objects (nameSuffix): sending
    that base too would make a second Ray cluster. Raises UsageError for --two-step without base.
    """
    if base is None:
        if two_step:
            raise UsageError(
                f"--two-step needs a base, and there is none beside {overlay.name}",
                "leave --two-step out",
            )
        return ApplyPlan((overlay,), "one step: there is no base beside it")
    if two_step:
        return ApplyPlan((base, overlay), f"two steps, as asked: {base.name}, then {overlay.name}")
    missing = base.objects - overlay.objects
    if not missing:
        return ApplyPlan((overlay,), f"one step: it contains every object of {base.name}")
    if builds_on_base:
        return ApplyPlan((overlay,), f"one step: it is built on {base.name}")
    named = ", ".join(str(each) for each in sorted(missing)[:3])
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return ApplyPlan(
        (base, overlay),
        f"two steps: {overlay.name} does not contain {named}{more} of {base.name}",
    )


def apply(kubectl: Kubectl, plan: ApplyPlan, ledger: Ledger, dry_run: DryRun = "") -> Applied:
    """Send the plan's steps as they were prepared: `kubectl apply -k` would render them anew.

    What the API server has confirmed goes into the ledger at once.

    Raises ApplyFailed and ApplyInterrupted, after noting what had been applied by then.
    """
    lines: list[str] = []
    if not dry_run:
        ledger.mean(dict.fromkeys(str(name) for step in plan.steps for name in step.names))
    for step in plan.steps:
        try:
            sent = kubectl.apply_documents(step.text, dry_run)
        except (ApplyFailed, ApplyInterrupted) as cut:
            if not dry_run:
                ledger.record(cut.applied)
            raise
        if not dry_run:
            ledger.record(sent)
        lines += sent
    return Applied(tuple(lines))
