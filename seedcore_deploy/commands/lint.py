"""`lint`: judge files without a cluster, and mend what is safe."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from seedcore_deploy.commands.lint_fix import mended, show_and_write
from seedcore_deploy.commands.show import rendered_lint
from seedcore_deploy.errors import UsageError
from seedcore_deploy.judge.lint.report import findings_of, report_of
from seedcore_deploy.kubectl import Kubectl
from seedcore_deploy.model.disclosure import Discloser
from seedcore_deploy.model.lint import LintFacts, LintGap, LintReport
from seedcore_deploy.model.source import Position
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.observe.overlay_tree import OverlayLooker, boundary_of
from seedcore_deploy.options import LintOptions
from seedcore_deploy.sources.exemptions import exemptions
from seedcore_deploy.sources.file_kinds import kind_by_name
from seedcore_deploy.sources.kustomization import KUSTOMIZATION_NAMES
from seedcore_deploy.sources.leftovers.manifest import literals_of, settings_of
from seedcore_deploy.sources.leftovers.scan import Scan
from seedcore_deploy.sources.overlay_roots import overlays_for
from seedcore_deploy.sources.overlays import overlays_of, shown
from seedcore_deploy.sources.settings import KUSTOMIZE_FOLDER, Settings, load_settings
from seedcore_deploy.sources.source_files import IGNORE_FILE, not_left_out, source_files
from seedcore_deploy.sources.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """What is linted: the overlays to render, and the files to read besides.

    `closed` are folders in the paths that may not be read.
    """

    settings: Settings
    overlays: tuple[Path, ...]
    files: tuple[Path, ...]
    paths: tuple[Path, ...]
    closed: tuple[Path, ...] = ()

    def holds(self, path: Path) -> bool:
        """Whether a file lies in what was given; without paths, in an overlay's repository."""
        folders = self.paths or tuple(map(boundary_of, self.overlays))
        return any(path.resolve().is_relative_to(each.resolve()) for each in folders)


def run(options: LintOptions) -> ExitCode:
    """Look, judge, and say so; with --fix mend what is safe before."""
    scope = scope_of(tuple(map(Path, options.paths)))
    if options.fix:
        result = mended(partial(lint, scope), scope.holds)
        show_and_write(result, options.output, dry_run=options.dry_run)
        report = result.before if options.dry_run else result.after
    else:
        report = lint(scope, Workspace())
    sys.stdout.write(rendered_lint(report, options.output))
    return report.exit_code


def scope_of(paths: tuple[Path, ...]) -> Scope:
    """What the words mean. Raises UsageError where there is nothing to lint."""
    here = paths[0] if paths else Path.cwd()
    settings = load_settings(here if here.is_dir() else here.parent)
    pinned = tuple(pin.overlay.resolve() for pin in settings.namespaces.values() if pin.overlay)
    if not paths:
        known = {each.resolve(): each for each in (*overlays_of(settings).values(), *pinned)}
        overlays = tuple(not_left_out(known.values()))
        if not overlays:
            raise UsageError(
                f"there is no overlay under {KUSTOMIZE_FOLDER / 'overlays'} here or above",
                "name the files or folders to lint: `seedcore-deploy lint .`",
            )
        return Scope(settings, overlays, (), ())
    closed: set[Path] = set()
    files = tuple(source_files(paths, closed))
    overlays = overlays_for(set(files), _kustomizations(paths, files), pinned)
    folders = [path for path in paths if path.is_dir()]
    readable = any(kind_by_name(each.name) for each in files)
    if folders and not (overlays or closed or readable):
        raise UsageError(
            f"there is nothing to lint in {', '.join(map(shown, folders))}: no overlay, and no "
            "file of a kind that lint reads",
            f"check the path; what .gitignore and {IGNORE_FILE} name is left out",
        )
    return Scope(settings, overlays, files, paths, tuple(sorted(closed)))


def _kustomizations(paths: Iterable[Path], files: Iterable[Path]) -> set[Path]:
    """The folders of all kustomizations among the files, and in the paths' repositories."""
    given = [path.resolve() for path in paths]
    around = {boundary_of(path if path.is_dir() else path.parent) for path in given}
    beyond = [each for each in around if each not in given]
    every = (*files, *source_files(beyond))
    return {path.parent for path in every if path.name in KUSTOMIZATION_NAMES}


def lint(scope: Scope, workspace: Workspace) -> LintReport:
    """What there is to say of a scope; what --fix would change outside of it is for people."""
    facts = look(scope, workspace)
    findings = tuple(
        each
        if all(scope.holds(Path(change.file)) for change in each.changes)
        else replace(each, changes=())
        for each in findings_of(facts)
    )
    return report_of(facts, findings, exemptions(findings, workspace))


def look(scope: Scope, workspace: Workspace) -> LintFacts:
    """Read the overlays and the files, and render what can be rendered."""
    discloser = Discloser(secrets.token_bytes(16))
    looker = OverlayLooker(workspace, _kubectl, discloser)
    looks = [looker.look(overlay) for overlay in scope.overlays]
    trees = [each.tree for each in looks if each.tree is not None]
    scan = Scan(workspace)
    taken_in = (file.resolve() for each in looks for file in each.files)
    scan.files((*scope.files, *taken_in), scope.paths)
    scan.unreadable += [each.unreadable for each in looks if each.unreadable is not None]
    for tree in trees:
        scan.settings += literals_of(tree.source.kustomizations)
        scan.settings += settings_of(each for each in tree.source.objects if each.patch)
    return LintFacts(
        contract=scope.settings.contract,
        trees=tuple(trees),
        settings=tuple({(each.place, each.at): each for each in scan.settings}.values()),
        inits=tuple(scan.inits),
        unreadable=tuple({each.at: each for each in scan.unreadable}.values()),
        gaps=(
            *(each.gap for each in looks if each.gap is not None),
            *(_gap(folder) for folder in scope.closed),
        ),
        files=len(scan.read),
    )


def _gap(folder: Path) -> LintGap:
    why = "the folder may not be read"
    mend = f"lint as somebody who may, or name it in a {IGNORE_FILE}"
    return LintGap(Position(shown(folder), 1, 1), why, mend)


@cache
def _kubectl() -> Kubectl:
    """kubectl is needed only where there is an overlay to render."""
    return Kubectl.find()
