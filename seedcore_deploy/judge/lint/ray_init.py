"""SC507, SC508: a call of ray.init that does not connect where the environment says."""

from __future__ import annotations

from collections.abc import Iterator

from seedcore_deploy.judge.lint.rule import LintRule, Words, finding
from seedcore_deploy.model.disclosure import without_userinfo
from seedcore_deploy.model.finding import Severity, Subject
from seedcore_deploy.model.lint import LintFacts, SourceFinding
from seedcore_deploy.model.setting import RayInit

_BETTER = (
    "call seedcore.utils.ray_config.init_ray_with_smart_defaults(), or "
    'ray.init(address="auto"), which follows RAY_ADDRESS and fails where there is no Ray'
)


def without_address(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC507: without an address, and without RAY_ADDRESS, Ray starts a private cluster."""
    for call in facts.inits:
        if call.address is None and not (call.in_test and call.starts_own):
            words = Words(
                summary="ray.init() has no address",
                expected='ray.init(address="auto"), or the library',
                actual="no address",
                because="where RAY_ADDRESS is not set it starts a private Ray inside the pod, and "
                "reports success",
                mend=_BETTER,
            )
            yield _claim("SC507", call, words)


def literal_address(facts: LintFacts) -> Iterator[SourceFinding]:
    """SC508: the address stands in the code. `auto` is none, and `local` a Ray of its own."""
    for call in facts.inits:
        if call.address in (None, "", "auto") or (call.in_test and call.address == "local"):
            continue
        words = Words(
            summary="ray.init() has a literal address",
            expected='ray.init(address="auto"), or the library',
            actual=without_userinfo(call.address or ""),
            because="a private Ray, whatever RAY_ADDRESS says"
            if call.address == "local"
            else "it connects there whatever RAY_ADDRESS says, so the code knows where the head is",
            mend=_BETTER,
        )
        yield _claim("SC508", call, words)


def _claim(rule: str, call: RayInit, words: Words) -> SourceFinding:
    on_purpose = call.in_test or call.address == "local"
    severity = Severity.HINT if on_purpose else Severity.ERROR
    subject = Subject("File", call.at.file, "ray.init")
    edits = () if on_purpose else call.edits
    return SourceFinding(finding(rule, subject, words, severity), call.at, (), edits)


RULES = (
    LintRule("SC507", "ray.init() without an address", without_address),
    LintRule("SC508", "ray.init() with a literal address", literal_address),
)
