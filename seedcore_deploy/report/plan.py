"""The plan as a person reads it: what changes, whom it restarts, what that costs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from seedcore_deploy.model.contract import Role
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.look import NotSeen
from seedcore_deploy.model.plan import Change, Fate, ObjectChange, Plan, PodPlan
from seedcore_deploy.model.ray_load import RayLoad
from seedcore_deploy.model.snapshot import Target
from seedcore_deploy.report.lines import Line, printed, wrapped
from seedcore_deploy.report.text import count, safe

_NARROWEST = 40
_WORDS = {
    Fate.ROLLED_OUT: "its workload makes new pods",
    Fate.RESTARTED: "its workload is rolled out anew",
    Fate.EVICTED: "it is evicted, and KubeRay makes another",
    Fate.WITH_HEAD: "it starts anew, in its own pod",
    Fate.RECREATED: "KubeRay deletes it, and makes another",
    Fate.SUPERSEDED: "KubeRay deletes it once a new RayCluster serves in its place",
    Fate.LEFT: "it is left as it is",
    Fate.UNKNOWN: "whether it is older than its settings could not be told",
}
_STYLES = {
    Fate.LEFT: "bold yellow",
    Fate.UNKNOWN: "yellow",
    Fate.RECREATED: "bold red",
    Fate.SUPERSEDED: "bold",
}


def render(plan: Plan, target: Target, *, width: int, color: bool) -> str:
    """The whole plan; `width` in columns. Without `color` nothing but plain text."""
    lines = list(_lines(plan, target, max(width, _NARROWEST)))
    return printed(lines, width, color=color)


def short(plan: Plan) -> tuple[str, ...]:
    """The plan in a few plain lines, for the progress of apply."""
    objects = [f"{each.change} {each.subject}{_keys(each)}" for each in plan.changed]
    pods = [f"{_pod_name(each)}: {_WORDS[each.fate]}" for each in plan.pods]
    cost = [f"on Ray now: {text}" for text in _cost(plan)]
    kept = [f"kept: {each}" for each in plan.kept]
    notes = [f"note: {each}" for each in plan.notes]
    unseen = [f"not compared: {each}" for each in plan.not_compared]
    said = (*objects, *kept, *pods, *cost, *notes, *unseen)
    return tuple(safe(each) for each in (*said, summary(plan)))


def summary(plan: Plan) -> str:
    """One sentence: what would change, or that nothing would."""
    if not plan.changes_something:
        if plan.not_compared or plan.pods:
            return "nothing would change, as far as could be looked at"
        return "nothing would change"
    made = sum(each.change is Change.CREATED for each in plan.changed)
    changed, left = len(plan.changed) - made, len(plan.left)
    restarted = len(plan.moved) - left
    parts = [
        "the namespace created" if plan.makes_namespace else "",
        f"{count(made, 'object')} created" if made else "",
        f"{count(changed, 'object')} changed" if changed else "",
        f"{count(restarted, 'pod')} restarted" if restarted else "",
        f"{count(left, 'pod')} left with older settings" if left else "",
    ]
    return ", ".join(part for part in parts if part)


def _lines(plan: Plan, target: Target, width: int) -> Iterator[Line]:
    overlay = f", overlay {target.overlay}" if target.overlay else ""
    where = f"context {target.context}, namespace {target.namespace}{overlay}"
    seen = f", seen at {plan.taken_at}" if plan.taken_at else ""
    yield from wrapped(f"{where}{seen}", width, "dim")
    yield Line("")
    if plan.makes_namespace:
        yield from wrapped(f"created namespace/{target.namespace}", width, "bold green")
    for each in plan.changed:
        yield from _object(each, width)
    same = len(plan.objects) - len(plan.changed)
    if same:
        so_far = ", as far as was compared" if plan.not_compared else ""
        yield from wrapped(f"unchanged{so_far}: {count(same, 'object')}", width, "dim")
    for text in plan.kept:
        yield from wrapped(f"kept {text}", width, indent=2)
    for pod in plan.pods:
        yield from _pod(pod, width)
    for text in _cost(plan):
        yield from wrapped(f"on Ray now: {text}", width, "bold", 2)
    for text in plan.notes:
        yield from wrapped(f"note: {text}", width, "dim", 6)
    for text in plan.not_compared:
        yield from wrapped(f"not compared: {text}", width, "yellow", 2)
    # Never wrapped: scripts and people look at the last line alone.
    yield Line("")
    style = "bold" if plan.changes_something else "bold green"
    where = f"{target.namespace} in {target.context}"
    yield Line(safe(f"PLAN: {summary(plan)} ({where})"), style)


def _object(change: ObjectChange, width: int) -> Iterator[Line]:
    created = change.change is Change.CREATED
    yield from wrapped(f"{change.change} {change.subject}", width, "green" if created else "cyan")
    for field in () if created else change.fields:
        yield from wrapped(f"  {field}", width, indent=4)
    if created and change.fields:
        keys = ", ".join(field.path for field in change.fields)
        yield from wrapped(f"  with {keys}", width, indent=4)


def _keys(change: ObjectChange) -> str:
    keys = [field.path for field in change.fields if field.is_key]
    return f" ({', '.join(keys)})" if keys and change.change is Change.CHANGED else ""


def _pod(pod: PodPlan, width: int) -> Iterator[Line]:
    title = f"{_pod_name(pod)}: {_WORDS[pod.fate]}"
    yield from wrapped(title, width, _STYLES.get(pod.fate, ""), 2)
    for reason in pod.why:
        yield from wrapped(f"  because {reason}", width, indent=4)
    if pod.mend:
        yield from wrapped(f"  mend: {pod.mend}", width, indent=4)


def _pod_name(pod: PodPlan) -> str:
    own = pod.owner == Subject("Pod", pod.pod) or pod.role is not Role.CLIENT
    return f"pod/{pod.pod} ({pod.role}{'' if own else f' of {pod.owner}'})"


def _cost(plan: Plan) -> Iterable[str]:
    """What runs on Ray and ends with its head; what does not end is said too."""
    if plan.load is None:
        return
    if isinstance(plan.load, NotSeen):
        yield f"could not be told: {plan.load.why}"
        return
    load = plan.load.value
    if load.idle:
        yield "no job, no detached actor, no Serve application of others"
    yield from _lost(load)
    own = [each.name for each in load.applications if each.own]
    if own:
        yield f"Serve application {', '.join(own)}, which the overlay deploys anew"


def _lost(load: RayLoad) -> Iterator[str]:
    jobs = [f"{each.name} ({each.status})" for each in load.jobs]
    actors = [f"{each.name} (namespace {each.namespace})" for each in load.actors]
    applications = [f"{each.name} ({each.status})" for each in load.others_applications]
    yield from _named("job", jobs)
    yield from _named("detached actor", actors)
    yield from _named("Serve application of others", applications)


def _named(kind: str, names: Sequence[str]) -> Iterator[str]:
    if names:
        yield f"{kind} {', '.join(names)}: lost with the head"
