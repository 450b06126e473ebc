"""The table of Ray addresses: what a process must connect to, by role and environment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TABLE = tomllib.loads(
    (Path(__file__).parents[1] / "data" / "ray_addresses.toml").read_text(encoding="utf-8")
)
CASES: list[dict[str, Any]] = _TABLE["case"]
SETTINGS = [case for case in CASES if "argument" not in case]
"""The cases of the environment alone."""


def environment(case: dict[str, Any]) -> dict[str, str]:
    """The variables of a case: what KubeRay gives the role, and its own."""
    env: dict[str, str] = {**_TABLE["kuberay"][case["role"]], **case.get("env", {})}
    return {name: value for name, value in env.items() if name not in case.get("without", [])}
