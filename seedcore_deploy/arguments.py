"""The command line's grammar: verbs, options and examples.

`allow_abbrev=False`, because an abbreviation that works today is ambiguous tomorrow. Options
that a verb shares with the parent have `default=SUPPRESS` on the verb: with plain defaults
`--context prod verify` would silently become "no context", which is the wrong cluster.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import NoReturn

from seedcore_deploy import __version__
from seedcore_deploy.durations import duration
from seedcore_deploy.errors import UsageError
from seedcore_deploy.offline_arguments import OFFLINE_VERBS, add_offline_verbs, offline_options
from seedcore_deploy.options import (
    ApplyOptions,
    ClusterOptions,
    DiffOptions,
    EnvOptions,
    Options,
    Restart,
    VerifyOptions,
)
from seedcore_deploy.words import check_verb, one_namespace


class _Parser(argparse.ArgumentParser):
    """argparse that raises our own error instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see `{self.prog} --help`")


def _cluster_options(parser: argparse.ArgumentParser, *, default: object) -> None:
    group = parser.add_argument_group("which cluster and overlay")
    group.add_argument("-n", "--namespace", metavar="NS", default=default, help="the namespace")
    group.add_argument("--context", metavar="CTX", default=default, help="kubeconfig context")
    group.add_argument("--kubeconfig", metavar="FILE", default=default, help="kubeconfig file")
    group.add_argument(
        "-k", "--kustomize", metavar="DIR", default=default, help="the overlay's directory"
    )
    group.add_argument(
        "--overlay", metavar="NAME", default=default, help="an overlay under deploy/kustomize"
    )
    group.add_argument(
        "--timeout", type=duration, metavar="5m", default=default, help="bound of the whole wait"
    )
    parser.add_argument(
        "-v", "--verbose", action="count", default=default, help="more: every variable"
    )


def _proof_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--output", choices=("table", "json", "junit"), default="table")
    parser.add_argument(
        "--all-pods", action="store_true", help="probe every client pod, not one a workload"
    )
    parser.add_argument(
        "--probe-timeout", type=duration, metavar="45s", help="bound of one attempt at the proof"
    )


def _step_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--two-step", action="store_true", help="the base first, then the overlay")


def _apply_parser(verbs: argparse._SubParsersAction[_Parser]) -> None:
    parser = verbs.add_parser(
        "apply",
        allow_abbrev=False,
        help="apply the overlay, wait until everything is ready, and prove the connection",
        description="Preflight, render, lint, apply, wait, verify. Exit 0 means: proven.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy apply seedcore-dev
  seedcore-deploy apply seedcore-dev --create-namespace --timeout 10m
  seedcore-deploy apply team-a -k deploy/kustomize/overlays/team-a --context staging
  seedcore-deploy apply seedcore-dev --dry-run=server""",
    )
    parser.add_argument("target", metavar="NAMESPACE", nargs="?", help="where to apply")
    parser.add_argument("--create-namespace", action="store_true", help="make it when missing")
    parser.add_argument(
        "--dry-run", choices=("client", "server"), default="", help="send nothing that stays"
    )
    _step_option(parser)
    parser.add_argument(
        "--restart",
        type=Restart,
        choices=tuple(Restart),
        default=Restart.STALE,
        help="which pods to replace: those with older settings (stale), none, or all",
    )
    parser.add_argument(
        "--restart-head",
        action="store_true",
        help="replace stale head and workers though jobs, detached actors or Serve applications "
        "run on them",
    )
    parser.add_argument(
        "--take-ownership",
        action="store_true",
        help="change objects though Argo CD, Flux or Helm looks after them",
    )
    _proof_options(parser)
    _cluster_options(parser, default=argparse.SUPPRESS)


def _verify_parser(verbs: argparse._SubParsersAction[_Parser]) -> None:
    parser = verbs.add_parser(
        "verify",
        allow_abbrev=False,
        help="read-only: every role's environment, and the proof of connection",
        description="Looks at everything once and judges it. Changes nothing.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy verify
  seedcore-deploy verify seedcore-dev --context prod -o json
  seedcore-deploy verify seedcore-dev --wait 5m --all-pods
  seedcore-deploy verify seedcore-dev --no-exec
  seedcore-deploy verify seedcore-dev --save-snapshot seen.json
  seedcore-deploy verify seedcore-dev --metrics-file /var/lib/node_exporter/seedcore-dev.prom
  seedcore-deploy verify --from seen.json""",
    )
    parser.add_argument("target", metavar="NAMESPACE", nargs="?", help="where to look")
    parser.add_argument(
        "--wait", type=duration, default=0.0, metavar="5m", help="wait out a rollout in progress"
    )
    parser.add_argument("--from", dest="from_file", metavar="FILE", help="judge a stored snapshot")
    parser.add_argument("--save-snapshot", metavar="FILE", help="store what was seen, redacted")
    parser.add_argument(
        "--metrics-file",
        metavar="FILE",
        help="write metrics for node-exporter's textfiles",
    )
    parser.add_argument(
        "--no-exec",
        action="store_true",
        help="run nothing inside pods: judge what the API server tells; proves nothing",
    )
    _proof_options(parser)
    _cluster_options(parser, default=argparse.SUPPRESS)


def _diff_parser(verbs: argparse._SubParsersAction[_Parser]) -> None:
    parser = verbs.add_parser(
        "diff",
        allow_abbrev=False,
        help="read-only: what apply would change, and which pods it would restart",
        description="Shows the plan of apply, and changes nothing.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy diff seedcore-dev
  seedcore-deploy diff seedcore-dev --context prod -o json

exit codes, as kubectl diff's: 0 nothing would change   1 something would   more: an error""",
    )
    parser.add_argument("target", metavar="NAMESPACE", nargs="?", help="where to look")
    _step_option(parser)
    parser.add_argument("-o", "--output", choices=("table", "json"), default="table")
    _cluster_options(parser, default=argparse.SUPPRESS)


def _env_parser(verbs: argparse._SubParsersAction[_Parser]) -> None:
    parser = verbs.add_parser(
        "env",
        allow_abbrev=False,
        help="read-only: the RAY_* variables of every pod, each with its origin",
        description="Shows what each pod has, where it comes from, and what replicas disagree on.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy env
  seedcore-deploy env seedcore-dev --pod seedcore-api-6c5d-klmno
  seedcore-deploy env seedcore-dev --pod seedcore-api-6c5d-klmno -o env > api.env
  seedcore-deploy env seedcore-dev -o json

exit codes: 0 shown   3 some pod could not be looked into""",
    )
    parser.add_argument("target", metavar="NAMESPACE", nargs="?", help="where to look")
    parser.add_argument("--pod", metavar="POD", help="this pod only")
    parser.add_argument("-o", "--output", choices=("table", "json", "env"), default="table")
    parser.add_argument(
        "--all", dest="every", action="store_true", help="other variables as well, without values"
    )
    _cluster_options(parser, default=argparse.SUPPRESS)


VERBS = ("apply", "verify", "diff", "env", *OFFLINE_VERBS)


def build_parser() -> argparse.ArgumentParser:
    """The whole grammar."""
    parser = _Parser(
        prog="seedcore-deploy",
        allow_abbrev=False,
        description="Deploys SeedCore's Ray connection pattern to Kubernetes, and proves it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="""examples:
  seedcore-deploy apply seedcore-dev
  seedcore-deploy verify

exit codes:
  0 proven   1 findings   2 usage   3 could not look   4 timed out waiting
  70 a bug of ours   130 interrupted""",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    _cluster_options(parser, default=None)
    verbs = parser.add_subparsers(
        dest="verb", metavar="VERB", title="verbs", parser_class=_Parser, required=False
    )
    _apply_parser(verbs)
    _verify_parser(verbs)
    _diff_parser(verbs)
    _env_parser(verbs)
    add_offline_verbs(verbs)
    return parser


def parse(words: Sequence[str]) -> Options:
    """The options that the words ask for.

    Raises UsageError for words that ask for nothing we have; argparse ends the process itself
    (SystemExit 0) for --help and --version.
    """
    check_verb(words, VERBS)
    parser = build_parser()
    given = parser.parse_args(list(words))
    if given.verb is None:
        raise UsageError(f"say a verb: {', '.join(VERBS)}", "see `seedcore-deploy --help`")
    if given.verb in OFFLINE_VERBS:
        return offline_options(given)
    cluster = ClusterOptions(
        namespace=one_namespace(given.target, given.namespace),
        context=given.context,
        kubeconfig=given.kubeconfig,
        kustomize=given.kustomize,
        overlay=given.overlay,
        timeout_s=given.timeout,
        verbose=given.verbose or 0,
    )
    if given.verb == "apply":
        return _apply_options(given, cluster)
    if given.verb == "diff":
        return DiffOptions(cluster, output=given.output, two_step=given.two_step)
    if given.verb == "env":
        return EnvOptions(cluster, output=given.output, pod=given.pod, every=given.every)
    if given.no_exec:
        _refuse_with_no_exec(given)
    return VerifyOptions(
        cluster,
        output=given.output,
        all_pods=given.all_pods,
        wait_s=given.wait,
        probe_timeout_s=given.probe_timeout,
        from_file=given.from_file,
        save_snapshot=given.save_snapshot,
        metrics_file=given.metrics_file,
        no_exec=given.no_exec,
    )


def _refuse_with_no_exec(given: argparse.Namespace) -> None:
    asked = {
        "--all-pods": given.all_pods,
        "--probe-timeout": given.probe_timeout is not None,
        "--from": given.from_file is not None,
    }
    if others := [option for option, said in asked.items() if said]:
        raise UsageError(
            f"--no-exec and {others[0]} do not go together: without exec nothing is asked of a pod",
            "leave one of them out",
        )


def _apply_options(given: argparse.Namespace, cluster: ClusterOptions) -> ApplyOptions:
    if cluster.namespace is None:
        raise UsageError(
            "apply needs to be told where", "say it: `seedcore-deploy apply NAMESPACE`"
        )
    return ApplyOptions(
        cluster,
        output=given.output,
        create_namespace=given.create_namespace,
        dry_run=given.dry_run,
        two_step=given.two_step,
        all_pods=given.all_pods,
        probe_timeout_s=given.probe_timeout,
        restart=given.restart,
        restart_head=given.restart_head,
        take_ownership=given.take_ownership,
    )
