"""The command line of scripts/cluster."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from localcluster import kubectls
from localcluster.errors import LocalClusterError, UsageError
from localcluster.folders import cluster_folder
from localcluster.progress import say
from localcluster.providers import Provider
from localcluster.providers.choice import NAMES, choose
from localcluster.report import as_json, as_text

EXAMPLES = """\
examples:
  scripts/cluster up                        a cluster named seedcore, and what it picked and why
  scripts/cluster load                      build the images under deploy/images/ and load them
  export KUBECONFIG=$(scripts/cluster kubeconfig)
  scripts/cluster status -o json            exit 0 only when every part answers
  scripts/cluster exec -- ctr tasks ls       a command inside the node
  scripts/cluster load --file DIR/Dockerfile --tag localhost/x:1
  scripts/cluster down
"""

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
"""A name becomes part of a node's name, a cgroup and a folder."""


def cluster_name(text: str) -> str:
    """Check a cluster's name; argparse shows the message."""
    if NAME.fullmatch(text) is None:
        raise argparse.ArgumentTypeError(
            f"{text!r}: a name has small letters, digits and hyphens, at most 40"
        )
    return text


def parser() -> argparse.ArgumentParser:
    """Return the parser; the common options may stand before or after the verb."""
    common = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    common.add_argument(
        "--provider",
        choices=NAMES,
        default=argparse.SUPPRESS,
        help="where the cluster comes from (default: auto: kind where Docker works, else native)",
    )
    common.add_argument(
        "--name",
        type=cluster_name,
        default=argparse.SUPPRESS,
        help="the cluster's name (default: seedcore)",
    )
    common.add_argument(
        "--context",
        metavar="CTX",
        default=argparse.SUPPRESS,
        help="a cluster that exists already: nothing is started or ended",
    )
    main_parser = argparse.ArgumentParser(
        prog="scripts/cluster",
        description="A throw-away Kubernetes with KubeRay.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        parents=[common],
    )
    verbs = main_parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, text: str) -> argparse.ArgumentParser:
        return verbs.add_parser(
            name, help=text, description=text, parents=[common], allow_abbrev=False
        )

    verb("up", "start it, or see that it is up; exit 0 when the node is ready")
    verb("down", "end it and remove all of it; the cache of binaries and images stays")
    status = verb("status", "each part and whether it answers; exit 0 only when all do")
    status.add_argument("-o", "--output", choices=("table", "json"), default="table")
    load = verb("load", "build images and load them; without names all of deploy/images/")
    load.add_argument("images", nargs="*", metavar="IMAGE")
    load.add_argument("--file", type=Path, metavar="DIR/Dockerfile", help="build this one")
    load.add_argument("--tag", metavar="NAME:TAG", help="the name of the image of --file")
    verb("kubeconfig", "print the path of its kubeconfig")
    verb("kubectl", "print the path of a kubectl that fits its version")
    inside = verb("exec", "run a command inside the node: exec -- COMMAND [ARGUMENT...]")
    inside.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND")
    return main_parser


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line asks for and return the exit code."""
    if arguments.verb == "kubectl" and not _has_owner(arguments):
        print(kubectls.path(cluster_folder(getattr(arguments, "name", "seedcore"))))
        return 0
    provider, why = choose(
        getattr(arguments, "provider", "auto"),
        getattr(arguments, "name", "seedcore"),
        getattr(arguments, "context", None),
    )
    if arguments.verb in ("up", "load"):
        say(f"provider {provider.label}: {why}")
    match arguments.verb:
        case "up":
            provider.up()
            say(
                "to use it: export KUBECONFIG=$(scripts/cluster kubeconfig"
                + (f" --name {arguments.name}" if hasattr(arguments, "name") else "")
                + ")"
            )
        case "down":
            provider.down()
        case "status":
            report = provider.report()
            print(as_json(report) if arguments.output == "json" else as_text(report), flush=True)
            return 0 if report.healthy else 1
        case "load":
            _load(provider, arguments)
        case "kubeconfig":
            print(provider.kubeconfig())
        case "kubectl":
            print(provider.kubectl())
        case "exec":
            command = arguments.command
            if command[:1] == ["--"]:
                command = command[1:]
            if not command:
                raise UsageError("exec wants a command", mend="scripts/cluster exec -- ps aux")
            return provider.execute(command)
    return 0


def _has_owner(arguments: argparse.Namespace) -> bool:
    """Tell whether the command line names a provider that uses the machine's own kubectl."""
    return hasattr(arguments, "context") or getattr(arguments, "provider", "auto") == "kind"


def _load(provider: Provider, arguments: argparse.Namespace) -> None:
    """Check that --file and --tag stand together, and load."""
    if (arguments.file is None) != (arguments.tag is None):
        raise UsageError("--file and --tag go together", mend="--file DIR/Dockerfile --tag NAME:1")
    if arguments.file is not None and arguments.images:
        raise UsageError("--file builds one image; leave out the names")
    names = [arguments.tag] if arguments.tag is not None else arguments.images
    provider.load(names, arguments.file)


def main(argv: Sequence[str] | None = None) -> int:
    """Run scripts/cluster; our own errors become a few lines, anything else is a bug."""
    arguments = parser().parse_args(argv)
    try:
        return run(arguments)
    except LocalClusterError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # the reader has seen enough: status | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
