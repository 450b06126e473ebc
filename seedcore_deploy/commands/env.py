"""`env`: the RAY_* variables of every pod with their origins. Changes nothing, probes nothing."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace

from seedcore_deploy.commands.progress import say
from seedcore_deploy.commands.target import Aim, aim
from seedcore_deploy.errors import CouldNotLook, UsageError
from seedcore_deploy.judge.replicas import environments
from seedcore_deploy.model.environment import Environments
from seedcore_deploy.model.look import NotSeen, Seen
from seedcore_deploy.model.snapshot import PodFacts, Snapshot
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.observe.inside import look_inside
from seedcore_deploy.options import EnvOptions

UNBROKEN_WIDTH = 100_000
"""Without a terminal no row is broken, so that grep finds a whole one."""


def run(options: EnvOptions) -> ExitCode:
    """List, choose, look inside what was chosen, show."""
    found = aim(options.cluster)
    target = found.target
    say(f"context {target.context}, namespace {target.namespace} ({target.reason})")
    snapshot = found.collected()
    pod = _chosen(_pods(snapshot), options)
    snapshot = _looked_into(found, snapshot, pod)
    shown = environments(snapshot, every=options.every, pod=pod)
    sys.stdout.write(_rendered(shown, snapshot, options.output))
    return shown.exit_code


def _pods(snapshot: Snapshot) -> tuple[PodFacts, ...]:
    if isinstance(snapshot.pods, NotSeen):
        raise CouldNotLook(snapshot.pods.why, snapshot.pods.mend)
    return snapshot.pods.value


def _chosen(pods: Sequence[PodFacts], options: EnvOptions) -> str:
    """The one pod's name; "" for all. Raises UsageError where it is unknown or not one."""
    names = [pod.name for pod in pods]
    there = f"the pods there are: {', '.join(names) or 'none'}"
    if options.pod is not None:
        name = options.pod.removeprefix("pod/")
        if name in names:
            return name
        near = difflib.get_close_matches(name, names, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no pod {name!r} with a role here", meant + there)
    if options.output != "env":
        return ""
    if len(names) != 1:
        raise UsageError("-o env shows one pod", f"choose it with --pod; {there}")
    return names[0]


def _looked_into(found: Aim, snapshot: Snapshot, pod: str) -> Snapshot:
    """The Snapshot with what is inside the one pod, or inside all of them."""
    asked = tuple(each for each in _pods(snapshot) if pod in ("", each.name))
    inside = look_inside(found.connection, replace(snapshot, pods=Seen(asked)), found.discloser)
    seen = {each.uid: each for each in _pods(inside)}
    every = tuple(seen.get(each.uid, each) for each in _pods(snapshot))
    return replace(snapshot, pods=Seen(every))


def _rendered(shown: Environments, snapshot: Snapshot, output: str) -> str:
    """Only the format in use is imported."""
    if output == "json":
        from seedcore_deploy.report import environment_json

        return environment_json.render(shown, snapshot)
    if output == "env":
        from seedcore_deploy.report import environment_lines

        return environment_lines.render(shown.pods[0])
    from seedcore_deploy.report import environment

    terminal = sys.stdout.isatty()
    return environment.render(
        shown,
        snapshot,
        width=shutil.get_terminal_size().columns if terminal else UNBROKEN_WIDTH,
        color=terminal and not os.environ.get("NO_COLOR"),
    )
