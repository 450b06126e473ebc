"""A token that is missing or another one: named by names, mended by the head's own entries."""

import json
import shlex

from seedcore_deploy.judge.verdict import judge
from tests.support import snapshots as s
from tests.support.faults.connections import token_wanted

ENV = "/spec/template/spec/containers/0/env"


def test_client_is_given_the_head_s_entries_and_awaited() -> None:
    (finding,) = judge(token_wanted()).findings

    patch, rollout = finding.fix.commands
    assert json.loads(shlex.split(patch)[-1])[1:] == [
        {
            "op": "add",
            "path": ENV,
            "value": [
                {"name": "RAY_AUTH_MODE", "value": "token"},
                {
                    "name": "RAY_AUTH_TOKEN",
                    "valueFrom": {"secretKeyRef": {"name": "seedcore", "key": "auth_token"}},
                },
            ],
        }
    ]
    assert "rollout status deployment/seedcore-api" in rollout
    assert "RAY_AUTH_MODE" in finding.because


def test_another_token_is_told_without_showing_it() -> None:
    broken = s.with_environment(
        token_wanted(), s.API, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="other-secret"
    )

    (finding,) = judge(broken).findings

    assert "is not the head's" in finding.because
    assert "other-secret" not in repr(finding)


def test_client_that_connects_is_no_finding_whatever_its_names_are() -> None:
    fine = s.with_pod(token_wanted(), s.API, probe=s.pod_of(s.healthy(), s.API).probe,
                      process=s.pod_of(s.healthy(), s.API).process)  # fmt: skip

    assert judge(fine).findings == ()


def test_client_that_runs_with_a_former_token_is_restarted() -> None:
    broken = token_wanted()
    entries = tuple(
        each
        for each in s.pod_of(broken, s.HEAD).template.containers[0].env
        if each.name.startswith("RAY_AUTH")
    )
    broken = s.with_client_container(s.without_manifests(broken), "api", env=entries)
    broken = s.with_environment(broken, s.API, RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="former")

    (finding,) = judge(broken).findings

    assert finding.rule == "SC407"
    assert "rollout restart deployment/seedcore-api" in finding.fix.commands[0]
