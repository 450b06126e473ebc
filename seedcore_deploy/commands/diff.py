"""`diff`: what apply would change, and which pods it would restart. Changes nothing."""

from __future__ import annotations

from seedcore_deploy.model.verdict import ExitCode
from seedcore_deploy.options import DiffOptions


def run(options: DiffOptions) -> ExitCode:
    """Show the plan; ends as kubectl diff does: 0 nothing, 1 something. Raises SeedcoreError."""
    raise NotImplementedError
