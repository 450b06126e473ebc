"""One root cause gives one finding."""

from seedcore_deploy.judge.causes import fold
from seedcore_deploy.judge.claims import Claim, effects
from seedcore_deploy.model.finding import Finding, Fix, Severity, Subject

ORDER = ["SC1", "SC2", "SC3"]


def claim(
    rule: str,
    name: str,
    *,
    about: tuple[str, ...] = (),
    explains: tuple[str, ...] = (),
    symptom: bool = False,
    severity: Severity = Severity.ERROR,
    command: str = "",
) -> Claim:
    fix = Fix("mend", (command,) if command else ())
    subject = Subject("Pod", name)
    finding = Finding(rule, severity, subject, f"{name} is wrong", "e", "a", "b", fix)
    return Claim(finding, effects(about), effects(explains), symptom)


def folded(*claims: Claim) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (f"{each.finding.rule} {each.finding.subject.name}", each.finding.consequences)
        for each in fold(claims, ORDER)
    ]


def test_what_follows_stands_under_its_cause() -> None:
    cause = claim("SC1", "x", explains=("proof",))
    symptom = claim("SC3", "y", about=("proof",))

    assert folded(symptom, cause) == [("SC1 x", ("SC3 pod/y: y is wrong",))]


def test_what_is_only_partly_explained_stays_a_finding() -> None:
    cause = claim("SC1", "x", explains=("one",))
    other = claim("SC2", "y", about=("one", "two"))

    assert [name for name, _ in folded(cause, other)] == ["SC1 x", "SC2 y"]


def test_several_causes_may_explain_one_symptom_together() -> None:
    one = claim("SC1", "x", explains=("one",))
    two = claim("SC2", "y", about=("y",), explains=("two",))
    both = claim("SC3", "z", about=("one", "two"))

    assert [name for name, _ in folded(one, two, both)] == ["SC1 x", "SC2 y"]


def test_causes_are_followed_through_their_consequences() -> None:
    first = claim("SC1", "x", explains=("a",))
    second = claim("SC2", "y", about=("a",), explains=("b",))
    third = claim("SC3", "z", about=("b",))

    (only,) = folded(first, second, third)

    assert len(only[1]) == 2


def test_symptom_explains_no_cause_whatever_its_rules_place() -> None:
    unready = claim("SC1", "x", about=("ready",), explains=("application",), symptom=True)
    cause = claim("SC3", "y", about=("application",), explains=("application", "ready"))

    assert [name for name, _ in folded(unready, cause)] == ["SC3 y"]


def test_same_rule_about_same_subject_is_one_finding_with_all_commands() -> None:
    one = claim("SC1", "x", about=("a",), command="first")
    two = claim("SC1", "x", about=("b",), command="second")

    (only,) = fold((one, two), ORDER)

    assert only.finding.fix.commands == ("first", "second")


def test_hint_explains_nothing() -> None:
    hint = claim("SC1", "x", explains=("a",), severity=Severity.HINT)
    error = claim("SC2", "y", about=("a",))

    assert [name for name, _ in folded(hint, error)] == ["SC1 x", "SC2 y"]


def test_finding_without_effects_is_never_swallowed() -> None:
    cause = claim("SC1", "x", explains=("a",))

    assert len(folded(cause, claim("SC2", "y"))) == 2
