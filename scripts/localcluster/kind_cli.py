"""The part of kind's command line that pytest-kind 22.11.1 uses, on the native provider.

Where Docker works and a real kind is on PATH, that one is run instead, unchanged.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from localcluster.cli import cluster_name
from localcluster.errors import LocalClusterError, NoSuchCluster
from localcluster.progress import say
from localcluster.providers.choice import docker_answers
from localcluster.providers.native import Native, names


def real_kind() -> str | None:
    """Return the real kind when it can work here; never this program itself."""
    found = shutil.which("kind")
    if found is None or Path(found).resolve() == Path(sys.argv[0]).resolve():
        return None
    return found if docker_answers() else None


def parser() -> argparse.ArgumentParser:
    """Return the parser of what is answered to; kind has far more."""
    main_parser = argparse.ArgumentParser(
        prog="kind",
        allow_abbrev=False,
        description="The part of kind that pytest-kind uses, without Docker.",
    )
    verbs = main_parser.add_subparsers(dest="verb", required=True)
    get = verbs.add_parser("get", allow_abbrev=False)
    get.add_argument("what", choices=("clusters", "kubeconfig"))
    get.add_argument("--name", type=cluster_name, default="kind")
    for verb in ("create", "delete"):
        one = verbs.add_parser(verb, allow_abbrev=False)
        one.add_argument("what", choices=("cluster",))
        one.add_argument("--name", type=cluster_name, default="kind")
        one.add_argument("--kubeconfig", type=Path)
        if verb == "create":
            one.add_argument("--image", help="not used: the node is this machine")
            one.add_argument("--config", help="not used: there is one node")
    load = verbs.add_parser("load", allow_abbrev=False)
    load.add_argument("what", choices=("docker-image",))
    load.add_argument("images", nargs="+")
    load.add_argument("--name", type=cluster_name, default="kind")
    return main_parser


def create(name: str, kubeconfig: Path | None) -> None:
    """Start a cluster and put its kubeconfig where the caller wants it."""
    cluster = Native(name)
    cluster.up()
    if kubeconfig is not None:
        kubeconfig.parent.mkdir(parents=True, exist_ok=True)
        # pytest-kind touches the file before; it holds a key, so only its owner may read it.
        kubeconfig.touch(mode=0o600)
        kubeconfig.chmod(0o600)
        kubeconfig.write_text(cluster.kubeconfig().read_text())


def run(arguments: argparse.Namespace) -> int:
    """Do what kind would do."""
    match arguments.verb, arguments.what:
        case "get", "clusters":
            found = names()
            print("\n".join(found) if found else "", end="\n" if found else "")
            if not found:
                say("No kind clusters found.")
        case "get", "kubeconfig":
            print(Native(arguments.name).kubeconfig().read_text(), end="")
        case "create", _:
            for option in ("image", "config"):
                if getattr(arguments, option):
                    say(f"--{option} has no meaning without Docker and is not used")
            create(arguments.name, arguments.kubeconfig)
        case "delete", _:
            Native(arguments.name).down()
            if arguments.kubeconfig is not None:
                arguments.kubeconfig.unlink(missing_ok=True)
        case "load", _:
            Native(arguments.name).load(arguments.images, None)
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run scripts/kind."""
    words = list(sys.argv[1:] if argv is None else argv)
    real = real_kind()
    if real is not None:
        os.execv(real, [real, *words])  # noqa: S606
    try:
        return run(parser().parse_args(words))
    except NoSuchCluster as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except LocalClusterError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return error.exit_code
