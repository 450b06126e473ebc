"""The grammar of the verbs that need no cluster: explain, lint, init."""

from __future__ import annotations

import argparse
from typing import Any

from seedcore_deploy.errors import UsageError
from seedcore_deploy.options import ExplainOptions, InitOptions, LintOptions, Options

OFFLINE_VERBS = ("lint", "explain", "init")
LINT_OUTPUTS = ("table", "json", "junit", "sarif", "github")


def add_offline_verbs(verbs: argparse._SubParsersAction[Any]) -> None:
    """Add the three verbs, in the order in which the help shows them."""
    _lint_parser(verbs)
    _explain_parser(verbs)
    _init_parser(verbs)


def offline_options(given: argparse.Namespace) -> Options:
    """What one of these verbs was asked for. Raises UsageError."""
    if given.verb == "explain":
        return ExplainOptions(tuple(given.rules))
    if given.verb == "init":
        return InitOptions(given.directory)
    return _lint_options(given)


def _explain_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    parser = verbs.add_parser(
        "explain",
        allow_abbrev=False,
        help="what a rule says, why it matters, what causes it, and how to mend it",
        description="Prints the page of each rule named; without one, the list. Needs no cluster.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy explain
  seedcore-deploy explain SC203""",
    )
    parser.add_argument("rules", metavar="RULE", nargs="*", help="an id, as SC203")


def _lint_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    parser = verbs.add_parser(
        "lint",
        allow_abbrev=False,
        help="offline: the contract over rendered overlays, and leftovers of the old pattern",
        description="Judges files without a cluster. A finding has its place in the source.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy lint                     # the overlays under deploy/kustomize
  seedcore-deploy lint .                   # the whole repository
  seedcore-deploy lint . --fix --dry-run   # what --fix would change
  seedcore-deploy lint . -o github

a line is left out by a comment on it, or on a line of its own above it:
  # seedcore: ignore[SC501] the reason

exit codes: 0 nothing to mend   1 findings   3 something could not be looked at""",
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="a file or folder")
    parser.add_argument("-o", "--output", choices=LINT_OUTPUTS, default="table")
    parser.add_argument("--fix", action="store_true", help="rewrite what is safe, and show it")
    parser.add_argument("--dry-run", action="store_true", help="with --fix: show it only")


def _init_parser(verbs: argparse._SubParsersAction[Any]) -> None:
    parser = verbs.add_parser(
        "init",
        allow_abbrev=False,
        help="write the pattern's manifests into a new repository",
        description="Writes base, overlays, roles and ray-contract.toml; overwrites nothing. "
        "Needs no cluster.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy init
  seedcore-deploy init ../new-repository""",
    )
    parser.add_argument("directory", metavar="DIR", nargs="?", default=".", help="default: here")


def _lint_options(given: argparse.Namespace) -> LintOptions:
    if given.dry_run and not given.fix:
        raise UsageError("--dry-run belongs to --fix", "say `seedcore-deploy lint --fix --dry-run`")
    return LintOptions(tuple(given.paths), given.output, given.fix, given.dry_run)
