"""All rules, one row each, from the deepest cause to the last symptom."""

from __future__ import annotations

from seedcore_deploy.judge.rule import Rule
from seedcore_deploy.judge.rules import (
    answers,
    application,
    auto_connect,
    client_settings,
    consistency,
    credential,
    identity,
    image,
    older_pods,
    overlay,
    proof,
    ray_settings,
    references,
    renames,
    shared_settings,
    workloads,
)

_DEPTH = """
SC305 SC205 SC201 SC202 SC106 SC105 SC103 SC104 SC203 SC101 SC109 SC102 SC107 SC108 SC204 SC303
SC304 SC301 SC409 SC302 SC402 SC405 SC408 SC407 SC401 SC403 SC404 SC410 SC110 SC406
""".split()

_FAMILIES = (
    *client_settings.RULES,
    *ray_settings.RULES,
    *shared_settings.RULES,
    *consistency.RULES,
    *references.RULES,
    *renames.RULES,
    *overlay.RULES,
    *workloads.RULES,
    *older_pods.RULES,
    *image.RULES,
    *credential.RULES,
    *proof.RULES,
    *identity.RULES,
    *application.RULES,
    *answers.RULES,
    *auto_connect.RULES,
)

RULES: tuple[Rule, ...] = tuple(sorted(_FAMILIES, key=lambda rule: _DEPTH.index(rule.id)))
