"""Reading the environment of a container that has a shell and no Python."""

from __future__ import annotations

import re
from typing import Any

from seedcore_deploy.kube.exec import ExecResult
from seedcore_deploy.model.disclosure import is_connection_variable
from seedcore_deploy.model.look import NotSeen

NO_PYTHON = re.compile(
    r"executable file not found|no such file or directory|not found in \$PATH", re.IGNORECASE
)
"""How runc and crun say, in the status of the exec, that there is no such program."""

# Only names that the tool compares are let out of the pod. With a newline in a value the rest
# of the value is cut off, so such values are marked and left out by the reader.
_SCRIPT = r"""
pick() { tr '\000' '\001' | tr '\n' '\002' | tr '\001' '\n' |
  grep -E '^(RAY_[A-Za-z0-9_]*|FQ_RAY_IP|GRPC_ENABLE_FORK_SUPPORT)='; true; }
echo "$0:container"
cat /proc/self/environ | pick
echo "$0:process"
if [ -r /proc/1/environ ]; then
  case "$(tr '\000' ' ' </proc/1/cmdline)" in
    /pause*|*bash\ *|sh\ *|*/sh\ *|*tini\ *|*dumb-init\ *) echo "$0:wrapper" ;;
    *) if [ -n "$(tr -d '\000' </proc/1/environ)" ]
       then pick </proc/1/environ; echo "$0:read"; else echo "$0:empty"; fi ;;
  esac
else echo "$0:unreadable"; fi
echo "$0:end"
"""


def shell_argv(nonce: str) -> list[str]:
    """The command; the shell's `$0` is the nonce."""
    return ["sh", "-c", _SCRIPT, nonce]


def shell_answer(nonce: str, result: ExecResult) -> dict[str, Any] | NotSeen:
    """The answer in the shape of payloads/environment.py, as far as a shell can tell."""
    text = result.stdout.decode("utf-8", "surrogateescape")
    marks = [f"{nonce}:{mark}\n" for mark in ("container", "process", "end")]
    if any(text.count(mark) != 1 for mark in marks) or not text.endswith(marks[2]):
        if NO_PYTHON.search(result.why_broken):
            return NotSeen("the container has neither python3 nor a shell to look with")
        return NotSeen(
            f"the answer of the shell is not whole: {result.why_broken or 'marks are missing'}",
            "run the command again",
        )
    container, _, process = text[len(marks[0]) : -len(marks[2])].partition(marks[1])
    answer: dict[str, Any] = {
        "container": _variables(container),
        "no_connections": "the container has no python3 to look with",
        "pid": 1,
    }
    read = f"{nonce}:read\n"
    if process.endswith(read):
        return {**answer, "process": _variables(process.removesuffix(read))}
    why = process.strip().removeprefix(f"{nonce}:")
    return {**answer, "no_environment": f"/proc/1/environ: {why}, and there is no python3"}


def _variables(text: str) -> dict[str, str]:
    pairs = (line.partition("=")[::2] for line in text.splitlines())
    return {
        name: value.replace("\x02", "\n") for name, value in pairs if is_connection_variable(name)
    }
