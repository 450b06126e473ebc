"""What each verb was asked for: the frozen values that the command line yields."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

DEFAULT_APPLY_TIMEOUT_S = 600.0


class Restart(StrEnum):
    """Which pods `apply` has replaced: those with older settings, none, or every one."""

    STALE = "stale"
    NONE = "none"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class ClusterOptions:
    """Which cluster, namespace and overlay; None means: not said on the command line."""

    namespace: str | None = None
    context: str | None = None
    kubeconfig: str | None = None
    kustomize: str | None = None
    overlay: str | None = None
    timeout_s: float | None = None
    verbose: int = 0


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """What `verify` was asked for. `wait_s` bounds waiting out a rollout that is in progress."""

    cluster: ClusterOptions
    output: str = "table"
    all_pods: bool = False
    wait_s: float = 0.0
    probe_timeout_s: float | None = None
    from_file: str | None = None
    save_snapshot: str | None = None
    no_exec: bool = False
    metrics_file: str | None = None


@dataclass(frozen=True, slots=True)
class ApplyOptions:
    """What `apply` was asked for. `dry_run` is "", "client" or "server".

    `restart_head` permits replacing a head that is busy; `take_ownership` permits changing objects
    that another tool (Argo CD, Flux, Helm) looks after.
    """

    cluster: ClusterOptions
    output: str = "table"
    create_namespace: bool = False
    dry_run: str = ""
    two_step: bool = False
    all_pods: bool = False
    probe_timeout_s: float | None = None
    restart: Restart = Restart.STALE
    restart_head: bool = False
    take_ownership: bool = False


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What `diff` was asked for: what `apply` with the same words would do."""

    cluster: ClusterOptions
    output: str = "table"
    two_step: bool = False


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """Which rules `explain` was asked about; none means all, by title. It needs no cluster."""

    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InitOptions:
    """Where `init` was asked to write. It needs no cluster."""

    directory: str = "."


@dataclass(frozen=True, slots=True)
class EnvOptions:
    """What `env` was asked for; `every` adds what is never shown by value."""

    cluster: ClusterOptions
    output: str = "table"
    pod: str | None = None
    every: bool = False


@dataclass(frozen=True, slots=True)
class LintOptions:
    """What `lint` was asked for; without `paths` the overlays under deploy/kustomize.

    `fix` rewrites what is safe, `dry_run` shows only what that would be.
    """

    paths: tuple[str, ...] = ()
    output: str = "table"
    fix: bool = False
    dry_run: bool = False


Options = (
    VerifyOptions
    | ApplyOptions
    | DiffOptions
    | EnvOptions
    | ExplainOptions
    | InitOptions
    | LintOptions
)
