"""The one way in: parse, run the verb, and turn whatever happens into an exit code."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from seedcore_deploy import __version__
from seedcore_deploy.arguments import build_parser, parse
from seedcore_deploy.errors import SeedcoreError
from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import (
    ApplyOptions,
    DiffOptions,
    EnvOptions,
    ExplainOptions,
    InitOptions,
    LintOptions,
    Options,
)


def _run(options: Options) -> ExitCode:
    """A verb's module is imported only when it runs: --help must answer at once."""
    if isinstance(options, ApplyOptions):
        from seedcore_deploy.commands import apply

        return apply.run(options)
    if isinstance(options, ExplainOptions):
        from seedcore_deploy.commands import explain

        return explain.run(options)
    if isinstance(options, InitOptions):
        from seedcore_deploy.commands import init

        return init.run(options)
    if isinstance(options, DiffOptions):
        from seedcore_deploy.commands import diff

        return diff.run(options)
    if isinstance(options, EnvOptions):
        from seedcore_deploy.commands import env

        return env.run(options)
    if isinstance(options, LintOptions):
        from seedcore_deploy.commands import lint

        return lint.run(options)
    from seedcore_deploy.commands import verify

    return verify.run(options)


def _save_traceback() -> str:
    handle, name = tempfile.mkstemp(prefix="seedcore-deploy-bug-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"seedcore-deploy {__version__}, Python {sys.version}\n")
        file.write(traceback.format_exc())
    return name


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _on_sigterm(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _guarded(words: Sequence[str]) -> ExitCode:
    try:
        return _run(parse(words))
    except SeedcoreError as error:
        _say(f"seedcore-deploy: {error.what}")
        if error.mend:
            _say(f"  mend: {error.mend}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("seedcore-deploy: interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _discard_stdout()
        return ExitCode.INCONCLUSIVE
    except Exception as error:
        where = _save_traceback()
        _say(f"seedcore-deploy: a bug of ours: {type(error).__name__}: {error}")
        _say(f"  mend: report it with the traceback, which was saved to {where}")
        return ExitCode.BUG


def _discard_stdout() -> None:
    """Nobody reads any more: keep Python from failing again while it flushes at exit."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line; returns what the process should end with."""
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(build_parser())
    signal.signal(signal.SIGTERM, _on_sigterm)
    code = _guarded(sys.argv[1:] if words is None else words)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_stdout()
        return ExitCode.INCONCLUSIVE if code is ExitCode.PROVEN else code
    return code


if __name__ == "__main__":
    sys.exit(main())
