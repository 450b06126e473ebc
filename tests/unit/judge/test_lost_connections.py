"""What fails for a variable stands under the finding about it, and not beside it."""

from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvFromEntry, Snapshot
from tests.support import snapshots as s


def failing_for(reason: str, *names: str) -> Snapshot:
    broken = s.healthy()
    for name in names:
        broken = s.with_pod(broken, name, probe=s.failed(reason))
    return broken


def with_entry(snapshot: Snapshot, variable: str) -> Snapshot:
    """The API's template was given a variable by hand, and rolled out."""
    own = s.pod_of(snapshot, s.API).template.containers[0].env
    changed = s.with_client_container(snapshot, "api", env=(*own, s.literal(variable, "1")))
    return s.with_environment(changed, s.API, **{variable: "1"})


@pytest.mark.parametrize("variable", ["RAY_USE_TLS", "RAY_TLS_CA_CERT"])
def test_variable_of_tls_that_was_added_by_hand_is_why_it_fails_for_tls(variable: str) -> None:
    (finding,) = judge(with_entry(failing_for("tls", s.API), variable)).findings

    assert (finding.rule, finding.subject.detail) == ("SC204", variable)
    assert any(each.startswith("SC401") for each in finding.consequences)


@pytest.mark.parametrize(
    ("reason", "variable"), [("refused", "RAY_USE_TLS"), ("tls", "RAY_ENABLE_AUTO_CONNECT")]
)
def test_what_has_to_do_with_something_else_stands_beside_it(reason: str, variable: str) -> None:
    findings = judge(with_entry(failing_for(reason, s.API), variable)).findings

    assert {each.rule for each in findings} == {"SC204", "SC401"}


def test_another_configmap_that_is_read_and_changes_nothing_explains_no_failure() -> None:
    """The API reads one ConfigMap more than the overlay says; its proof fails for its image."""
    more = EnvFromEntry("seedcore-extra")
    sources = s.client_template("api").containers[0].env_from
    changed = s.with_client_container(s.healthy(), "api", env_from=(*sources, more))
    assert isinstance(changed.configmaps, Seen)
    extra = s.configmap("seedcore-extra", {"LOG_LEVEL": "info"})
    changed = replace(changed, configmaps=Seen((*changed.configmaps.value, extra)))
    broken = s.with_pod(changed, s.API, probe=s.failed("no-client-extra"))

    assert {each.rule for each in judge(broken).findings} == {"SC204", "SC408"}


def test_head_that_is_older_than_its_tls_settings_is_why_clients_fail() -> None:
    broken = s.without_manifests(failing_for("tls", s.API, s.SERVE))
    broken = s.with_key(broken, "seedcore-env", RAY_USE_TLS="1")
    for name in (s.API, s.SERVE):
        broken = s.with_environment(broken, name, RAY_USE_TLS="1")

    head, worker = judge(broken).findings

    assert (head.rule, head.subject.name) == ("SC303", s.HEAD)
    assert any(each.startswith("SC401") for each in head.consequences)
    assert (worker.rule, worker.subject.name) == ("SC303", s.WORKER)


def test_clients_that_fail_alike_are_all_named() -> None:
    (finding,) = judge(s.without_manifests(failing_for("tls", s.API, s.SERVE))).findings

    assert f"give pod/{s.API}, pod/{s.SERVE} the head's RAY_USE_TLS" in finding.fix.text


def test_client_alone_is_given_what_the_head_has() -> None:
    (finding,) = judge(s.without_manifests(failing_for("tls", s.API))).findings

    assert finding.rule == "SC401"
    assert "the head's RAY_USE_TLS, with the certificate files of RAY_TLS_*" in finding.fix.text
    assert not finding.fix.commands
