"""The command that was given, to be given again with one option more."""

from __future__ import annotations

import shlex

from seedcore_deploy.options import ApplyOptions, Restart


def again(options: ApplyOptions, *added: str) -> str:
    """`seedcore-deploy apply ...` as it was asked for, and `added`; runnable as printed."""
    cluster = options.cluster
    valued = (
        ("--context", cluster.context),
        ("--kubeconfig", cluster.kubeconfig),
        ("--kustomize", cluster.kustomize),
        ("--overlay", cluster.overlay),
        ("--timeout", _seconds(cluster.timeout_s)),
        ("--probe-timeout", _seconds(options.probe_timeout_s)),
        ("--restart", str(options.restart) if options.restart is not Restart.STALE else None),
        ("--dry-run", options.dry_run or None),
        ("--output", options.output if options.output != "table" else None),
    )
    flags = (
        ("--create-namespace", options.create_namespace),
        ("--two-step", options.two_step),
        ("--all-pods", options.all_pods),
        ("--restart-head", options.restart_head),
        ("--take-ownership", options.take_ownership),
    )
    given = [word for name, value in valued if value is not None for word in (name, value)]
    given += [name for name, asked in flags if asked and name not in added]
    return shlex.join(("seedcore-deploy", "apply", cluster.namespace or "", *given, *added))


def _seconds(duration: float | None) -> str | None:
    return None if duration is None else f"{duration:g}s"
