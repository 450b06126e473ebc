"""The command line of scripts/ray-client-race."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from rayclientrace.errors import RaceError, Stopped
from rayclientrace.experiment import Experiment, own_namespace
from rayclientrace.kubectl import Kubectl
from rayclientrace.model import Head, Outcome, Setting, order
from rayclientrace.report import as_json, as_line, as_table

VERSION_FILE = Path(__file__).resolve().parents[2] / "deploy" / "images" / "VERSION"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

EPILOG = """\
It makes a namespace of its own and deletes it at the end, also on Ctrl-C. A head takes 10 to
30 s, a failed one about 40 s more. Progress goes to stderr, the result to stdout. Exit 0: every
head was measured; 1: the experiment broke off; 2: usage; 3: some connections were not measured.

examples:
  export KUBECONFIG=$(scripts/cluster kubeconfig)
  scripts/ray-client-race --heads 3                what it looks like, in a minute or more
  scripts/ray-client-race --heads 30 -o json       the measurement of docs/ray-client-race.md
  scripts/ray-client-race --heads 5 --trace        Python may tell where it dies
"""


def positive(text: str) -> int:
    """Check a count; argparse shows the message."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: it takes at least 1")
    return int(text)


def parser() -> argparse.ArgumentParser:
    """Return the parser."""
    main_parser = argparse.ArgumentParser(
        prog="scripts/ray-client-race",
        description="Measures how often the first Ray Client connection to a fresh head fails, "
        "with and without GRPC_ENABLE_FORK_SUPPORT=0 on the head.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = main_parser.add_argument
    add("--heads", type=positive, default=30, metavar="N", help="of each variant (default: 30)")
    add("--namespace", default="ray-client-race", metavar="NS", help="made, and deleted again")
    add("--image", help="with Ray, for heads and client (default: this repository's seedcore-ray)")
    add("--context", metavar="CTX", help="of the kubeconfig (default: its current one)")
    add("--trace", action="store_true", help="set PYTHONFAULTHANDLER=1 on the heads")
    add("-o", "--output", choices=("table", "json"), default="table")
    return main_parser


def default_image() -> str:
    """Return the name that scripts/cluster gives the Ray image of deploy/images."""
    return f"localhost/seedcore-ray:{VERSION_FILE.read_text(encoding='utf-8').strip()}"


def say(text: str) -> None:
    """Tell a person how far it is."""
    print(text, file=sys.stderr, flush=True)


def run(arguments: argparse.Namespace) -> int:
    """Measure, print what was measured, also when it breaks off, and return the exit code."""
    kubectl = Kubectl(arguments.namespace, arguments.context)
    image = arguments.image or default_image()
    experiment = Experiment(kubectl, image, arguments.trace)
    setting: Setting | None = None
    heads: list[Head] = []
    try:
        with own_namespace(kubectl, before_deletion=_finish_in_peace):
            setting = experiment.prepare()
            for number, variant in order(arguments.heads):
                heads.append(experiment.measure(number, variant))
                say(as_line(heads[-1]))
    finally:
        if setting is not None and heads:
            output = as_json if arguments.output == "json" else as_table
            print(output(setting, heads), flush=True)
    attempts = [attempt for head in heads for attempt in (head.first, head.second) if attempt]
    return 3 if any(attempt.outcome is Outcome.UNMEASURED for attempt in attempts) else 0


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _finish_in_peace() -> None:
    """Let a second Ctrl-C not leave the namespace behind; kubectl inherits it."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    say("cleaning up")


def main(argv: Sequence[str] | None = None) -> int:
    """Run scripts/ray-client-race; our own errors become a line or two, anything else is a bug."""
    arguments = parser().parse_args(argv)
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        return run(arguments)
    except RaceError as error:
        say(f"error: {error}")
        return error.exit_code
    except Stopped as stopped:
        say("interrupted")
        return stopped.exit_code
