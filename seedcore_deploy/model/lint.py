"""What `lint` looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field

from seedcore_deploy.model.change import Change
from seedcore_deploy.model.contract import Contract
from seedcore_deploy.model.finding import Finding, Severity, Subject
from seedcore_deploy.model.manifest_source import TreeSource
from seedcore_deploy.model.setting import RayInit, Setting, Unreadable
from seedcore_deploy.model.snapshot import Manifests
from seedcore_deploy.model.source import Position
from seedcore_deploy.model.verdict import ExitCode


@dataclass(frozen=True, slots=True)
class RenderedObject:
    """An object of a render; `needs` are the ConfigMaps without which its pods do not start."""

    kind: str
    name: str
    namespace: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """An overlay: what its files say and what it renders to.

    `manifests` is None where it does not build: `failure` says why, `failed_at` where, `mend`
    what to do, and `twice` what it defines twice; `differing` are ConfigMaps, with a key, that the
    overlay sets otherwise than the base that is applied before it. Where there are RayJobs or
    several RayClusters, each stands in `others` too, to be judged by itself.
    """

    overlay: str
    source: TreeSource
    manifests: Manifests | None = None
    others: tuple[Manifests, ...] = ()
    objects: tuple[RenderedObject, ...] = ()
    failure: str = ""
    failed_at: Position | None = None
    mend: str = ""
    twice: Subject | None = None
    differing: tuple[Subject, ...] = ()

    @property
    def namespace(self) -> str:
        """The namespace that kustomize gives the objects; empty where it gives none."""
        return next((each.namespace for each in self.source.kustomizations if each.namespace), "")


@dataclass(frozen=True, slots=True)
class LintGap:
    """Something that lint could not look at, why, and what to do."""

    at: Position
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class LintFacts:
    """Everything that the rules of lint look at; `files` is how many were read."""

    contract: Contract
    trees: tuple[Tree, ...] = ()
    settings: tuple[Setting, ...] = ()
    inits: tuple[RayInit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    gaps: tuple[LintGap, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """A finding with its place in the source.

    `changes` are what `--fix` does, where that is safe: all of them, or none.

    `overlays` are those whose renders show it, empty for what stands in a file by itself.
    """

    finding: Finding
    at: Position
    overlays: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()

    @property
    def is_error(self) -> bool:
        """Whether it decides the exit code."""
        return self.finding.severity is Severity.ERROR


@dataclass(frozen=True, slots=True)
class LintReport:
    """What lint says; `ignored` are findings that a comment in the source sets aside."""

    findings: tuple[SourceFinding, ...]
    gaps: tuple[LintGap, ...] = ()
    ignored: tuple[SourceFinding, ...] = ()
    overlays: tuple[str, ...] = field(default_factory=tuple)
    files: int = 0

    @property
    def exit_code(self) -> ExitCode:
        """Findings win over "could not look" when both are there; hints decide nothing."""
        if any(each.is_error for each in self.findings):
            return ExitCode.FINDINGS
        return ExitCode.INCONCLUSIVE if self.gaps else ExitCode.PROVEN
