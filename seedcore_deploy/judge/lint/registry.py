"""All rules of lint beyond those that verify has, one row each."""

from __future__ import annotations

from seedcore_deploy.judge.lint import (
    builds,
    hosts,
    leftovers,
    namespaces,
    ray_init,
    undefined,
    unreadable,
)
from seedcore_deploy.judge.lint.rule import LintRule

LINT_RULES: tuple[LintRule, ...] = tuple(
    sorted(
        (
            *undefined.RULES,
            *hosts.RULES,
            *builds.RULES,
            *namespaces.RULES,
            *leftovers.RULES,
            *ray_init.RULES,
            *unreadable.RULES,
        ),
        key=lambda rule: rule.id,
    )
)
