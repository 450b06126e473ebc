"""The command line's grammar."""

import pytest

from seedcore_deploy.arguments import VERBS, build_parser, parse
from seedcore_deploy.errors import UsageError
from seedcore_deploy.options import (
    ApplyOptions,
    ClusterOptions,
    EnvOptions,
    ExplainOptions,
    InitOptions,
    LintOptions,
    VerifyOptions,
)


def cluster_of(words: list[str]) -> ClusterOptions:
    options = parse(words)
    assert not isinstance(options, ExplainOptions | InitOptions | LintOptions)
    return options.cluster


@pytest.mark.parametrize(
    "words",
    [
        ["--context", "prod", "verify"],
        ["verify", "--context", "prod"],
        ["--context", "staging", "verify", "--context", "prod"],
    ],
)
def test_context_survives_wherever_it_stands(words: list[str]) -> None:
    assert cluster_of(words).context == "prod"


def test_no_exec_is_off_unless_it_is_asked_for() -> None:
    asked, unasked = parse(["verify", "--no-exec"]), parse(["verify"])

    assert isinstance(asked, VerifyOptions)
    assert isinstance(unasked, VerifyOptions)
    assert (asked.no_exec, unasked.no_exec) == (True, False)


@pytest.mark.parametrize(
    "other", ["--all-pods", "--probe-timeout 5s", "--from seen.json"], ids=lambda words: words
)
def test_no_exec_is_refused_beside_what_needs_or_replaces_a_look(other: str) -> None:
    with pytest.raises(UsageError, match=other.split()[0]):
        parse(["verify", "--no-exec", *other.split()])


def test_every_shared_option_survives_before_the_verb() -> None:
    words = "-n ns --context c --kubeconfig f -k d --overlay o --timeout 9s -v verify".split()

    cluster = cluster_of(words)

    assert (cluster.namespace, cluster.context, cluster.kubeconfig) == ("ns", "c", "f")
    assert (cluster.kustomize, cluster.overlay, cluster.timeout_s) == ("d", "o", 9.0)
    assert cluster.verbose == 1


def test_verify_needs_no_namespace() -> None:
    options = parse(["verify"])

    assert isinstance(options, VerifyOptions)
    assert options.cluster.namespace is None


def test_apply_needs_a_namespace() -> None:
    with pytest.raises(UsageError, match="where"):
        parse(["apply"])


def test_apply_takes_its_namespace_from_either_place() -> None:
    assert cluster_of(["apply", "dev"]).namespace == "dev"
    options = parse(["apply", "-n", "dev"])
    assert isinstance(options, ApplyOptions)
    assert options.cluster.namespace == "dev"


def test_two_different_namespaces_are_refused() -> None:
    with pytest.raises(UsageError, match="two namespaces"):
        parse(["verify", "one", "-n", "two"])


@pytest.mark.parametrize("name", ["", "UPPER", "a_b", "a-", "a/b", "a" * 64, "../x", "a\n"])
def test_what_cannot_be_a_namespace_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be a namespace"):
        parse(["verify", name])


def test_mistyped_verb_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(UsageError) as caught:
        parse(["--context", "apply", "verfiy"])

    assert caught.value.mend == "did you mean `verify`?"


@pytest.mark.parametrize("words", [["verify", "--al"], ["verify", "--outpt", "json"], []])
def test_bad_words_are_our_own_error(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(words)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args([verb, "--help"])

    assert ended.value.code == 0
    assert f"examples:\n  seedcore-deploy {verb}" in capsys.readouterr().out


def test_explain_takes_any_number_of_rules_and_no_cluster() -> None:
    assert parse(["explain"]) == ExplainOptions()
    assert parse(["explain", "SC101", "sc203"]) == ExplainOptions(("SC101", "sc203"))
    with pytest.raises(UsageError):
        parse(["explain", "SC101", "--namespace", "dev"])


def test_env_shows_every_pod_as_a_table_unless_told_otherwise() -> None:
    options = parse(["--context", "prod", "env", "dev"])

    assert options == EnvOptions(ClusterOptions(namespace="dev", context="prod"))
    words = ["env", "--pod", "api-1", "-o", "env", "--all"]
    assert parse(words) == EnvOptions(ClusterOptions(), "env", "api-1", every=True)


@pytest.mark.parametrize("words", [["env", "-o", "junit"], ["env", "--pod"], ["env", "--al"]])
def test_env_refuses_what_it_does_not_know(words: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(words)


def test_init_writes_here_unless_told_where() -> None:
    assert parse(["init"]) == InitOptions(".")
    assert parse(["init", "../new"]) == InitOptions("../new")
    with pytest.raises(UsageError):
        parse(["init", "one", "two"])


def test_lint_takes_any_number_of_paths_and_no_cluster() -> None:
    assert parse(["lint"]) == LintOptions()
    words = ["lint", "a", "b", "-o", "sarif", "--fix", "--dry-run"]
    assert parse(words) == LintOptions(("a", "b"), "sarif", fix=True, dry_run=True)
    for words in (["lint", "--dry-run"], ["lint", "-o", "env"], ["lint", "--namespace", "dev"]):
        with pytest.raises(UsageError):
            parse(words)
