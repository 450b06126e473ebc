"""What a pod's spec gives its variables is hidden where the pod's words quote it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seedcore_deploy.model.disclosure import without_secrets
from seedcore_deploy.observe.own_literals import hidden_literals

HEADERS = json.dumps({"Authorization": "Bearer can&ary", "more": ["other-canary", 7]})


def pod(**variables: str) -> dict[str, Any]:
    env = [{"name": name, "value": value} for name, value in variables.items()]
    return {"spec": {"containers": [{"name": "c", "env": env}]}}


@pytest.mark.parametrize(
    "line",
    [
        "the login with can&ary was refused",
        "headers Bearer can&ary were refused",
        'headers {"a": "other-canary"} were refused',
        f"headers {HEADERS} were refused",
    ],
)
def test_values_of_the_spec_are_hidden_in_its_words(line: str) -> None:
    own = hidden_literals(pod(TOKEN="can&ary", RAY_JOB_HEADERS=HEADERS))

    shown = without_secrets(line, own)

    assert "canary" not in shown
    assert "can&ary" not in shown
    assert "***" in shown
    assert shown.endswith("refused")


def test_userinfo_and_query_of_an_address_are_hidden_alone_too() -> None:
    own = hidden_literals(pod(RAY_SERVE_URL="http://canary-1@h:8000/?canary-2"))

    assert without_secrets("canary-1 and canary-2 at h:8000", own) == "*** and *** at h:8000"


def test_lines_of_a_key_are_hidden_one_by_one() -> None:
    own = hidden_literals(pod(KEY="-----BEGIN KEY-----\ncanary4711\n"))

    assert without_secrets("canary4711", own) == "***"


def test_value_that_holds_another_one_is_hidden_whole() -> None:
    own = hidden_literals(pod(A="canary", B="canary-4711"))

    assert without_secrets("at canary-4711", own) == "at ***"


def test_values_that_may_be_shown_or_are_short_stay() -> None:
    own = hidden_literals(pod(RAY_ADDRESS="ray://head:10001", DEBUG="true", EMPTY=""))

    assert without_secrets("ray://head:10001 is true", own) == "ray://head:10001 is true"


def test_variables_of_init_containers_and_those_without_a_value_are_read() -> None:
    key = {"name": "A", "valueFrom": {"secretKeyRef": {"name": "vault", "key": "a"}}}
    init = {"name": "i", "env": [{"name": "B", "value": "canary"}, key]}

    assert hidden_literals({"spec": {"initContainers": [init]}}) == {"canary"}
    assert hidden_literals({}) == frozenset()
