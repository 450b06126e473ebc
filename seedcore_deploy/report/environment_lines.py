"""One pod's environment as NAME=value lines that a shell can source."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from seedcore_deploy.model.environment import PodEnvironment
from seedcore_deploy.model.variable import VariableLine
from seedcore_deploy.report.text import safe

_READ_IN_POD = ("container", "process")
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CHANGED = re.compile(r"(?:\A|://)\*\*\*@|\?\*\*\*|\\(x[0-9a-f]{2}|[nrt])")
"""Signs of what disclosure did to a value: a password taken out, control characters shown."""


def render(pod: PodEnvironment) -> str:
    """Only values that were read in the pod and are whole; what else there is, as comments."""
    return "".join(f"{line}\n" for line in _lines(pod))


def _lines(pod: PodEnvironment) -> Iterator[str]:
    yield safe(f"# pod {pod.pod}" + (pod.note and f": {pod.note}"))
    if pod.mend:
        yield safe(f"# mend: {pod.mend}")
    for variable in pod.variables:
        why = _why_not(variable)
        if why:
            yield safe(f"# {variable.name}: {why}")
        else:
            yield f"{variable.name}={shlex.quote(variable.value)}"


def _why_not(variable: VariableLine) -> str:
    """Why the line would not set what the pod has, or ""."""
    value = variable.value
    if value in ("(hidden)", "(unset)"):
        return value
    if variable.layer not in _READ_IN_POD:
        return f"{value} (what the {variable.layer} says; not read in the pod)"
    if not _SHELL_NAME.fullmatch(variable.name):
        return f"{value} (no name that a shell can set)"
    if safe(value) != value or _CHANGED.search(value):
        return f"{value} (not the whole value)"
    return ""
