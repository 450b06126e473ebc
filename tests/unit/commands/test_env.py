"""Which pod `env` is about."""

import pytest

from seedcore_deploy.commands.env import _chosen
from seedcore_deploy.errors import UsageError
from seedcore_deploy.options import ClusterOptions, EnvOptions
from tests.support import snapshots as s

PODS = (s.client_pod(s.API, "api", s.API_IP), s.client_pod(s.SERVE, "serve", s.SERVE_IP))


def options(output: str = "table", pod: str | None = None) -> EnvOptions:
    return EnvOptions(ClusterOptions(), output, pod)


def test_all_pods_unless_one_is_named() -> None:
    assert _chosen(PODS, options()) == ""
    assert _chosen(PODS, options(pod=s.API)) == s.API


def test_a_pod_can_be_named_as_kubectl_prints_it() -> None:
    assert _chosen(PODS, options(pod=f"pod/{s.API}")) == s.API


def test_unknown_pod_is_answered_with_the_one_that_was_meant_and_those_there_are() -> None:
    with pytest.raises(UsageError, match="no pod") as caught:
        _chosen(PODS, options(pod=s.API[:-1]))

    assert caught.value.mend == f"did you mean {s.API}? the pods there are: {s.API}, {s.SERVE}"


@pytest.mark.parametrize("name", ["", "zzz"])
def test_unknown_pod_that_resembles_none_is_answered_with_those_there_are(name: str) -> None:
    with pytest.raises(UsageError) as caught:
        _chosen(PODS, options(pod=name))

    assert caught.value.mend.startswith("the pods there are: ")


def test_lines_for_a_shell_need_exactly_one_pod() -> None:
    assert _chosen(PODS[:1], options("env")) == s.API
    for pods in ((), PODS):
        with pytest.raises(UsageError, match="one pod"):
            _chosen(pods, options("env"))
