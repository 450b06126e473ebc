from __future__ import annotations

import json
from pathlib import Path

import pytest

from seedcore_deploy.kubectl_errors import (
    Failed,
    RenderFailed,
    command_error,
    render_error,
    said,
)
from seedcore_deploy.model.finding import Subject
from seedcore_deploy.model.verdict import ExitCode


def test_log_decoration_and_quoting_are_taken_off() -> None:
    quoted = 'E1123 06:32:47.977093   32414 run.go:72] "command failed" err="no \\"x\\" here"'
    block = 'E1123 06:36:04.050341    4005 run.go:72] "command failed" err=<\n\tone\n\ttwo\n >\n'

    assert said(quoted) == 'no "x" here'
    assert said(block) == "one two"
    assert said("Warning: old\nerror: stat x: no such file\n") == "stat x: no such file"


@pytest.mark.parametrize(
    ("stderr", "code", "hint"),
    [
        (
            (
                'the namespace from the provided object "a" does not match the namespace "b". You '
                "must pass '--namespace=a' to perform this operation."
            ),
            ExitCode.USAGE,
            "apply a",
        ),
        ('error: context "nix" does not exist', ExitCode.USAGE, "--context"),
        ('Error from server (Forbidden): x is forbidden: User "u"', 3, "deploy/rbac"),
        ("error: You must be logged in to the server (Unauthorized)", 3, "log in"),
        ("The connection to the server 127.0.0.1:1 was refused", 3, "way to the cluster"),
        ('Error from server (NotFound): namespaces "n" not found', 3, "--create-namespace"),
        ('no matches for kind "RayCluster" in version "ray.io/v1"', 3, "KubeRay"),
        ('The Deployment "a" is invalid: spec.selector: field is immutable', 1, "manifests"),
        ("admission webhook x denied the request: no", ExitCode.FINDINGS, "policy"),
        ("", ExitCode.INCONCLUSIVE, "mend"),
    ],
)
def test_each_failure_has_its_exit_code_and_mend(stderr: str, code: int, hint: str) -> None:
    error = command_error(Failed("apply", 1, stderr))

    assert error.exit_code == code
    assert hint in error.mend
    assert "\n" not in error.what


REFUSED_PATCH = """error when applying patch:
{"data":{"RAY_AUTH_TOKEN":"canary-4711"},"metadata":{"annotations":{\
"example.com/token":"canary-4712",\
"kubectl.kubernetes.io/last-applied-configuration":"{\\"data\\":{\\"X\\":\\"canary-4713\\"}}\\n"}}}
to:
Resource: "/v1, Resource=configmaps", GroupVersionKind: "/v1, Kind=ConfigMap"
Name: "seedcore-env", Namespace: "seedcore-dev"
for: "STDIN": """
FORBIDDEN = 'configmaps "seedcore-env" is forbidden: User "u" cannot patch resource "configmaps"'


@pytest.mark.parametrize(
    "stderr",
    [
        f"Error from server (Forbidden): {REFUSED_PATCH}{FORBIDDEN}\n" * 2,
        f"Error from server (Forbidden): {REFUSED_PATCH.partition('to:')[0]}",
        f'E1123 06:32:47.9 1 run.go:72] "failed" err={json.dumps(REFUSED_PATCH + FORBIDDEN)}',
        (
            'The Job "j" is invalid: spec.template: Invalid value: '
            'core.PodTemplateSpec{Env:{core.EnvVar{Name:"X", Value:"canary-4711"}}}: immutable'
        ),
        'Error from server (BadRequest): url "https://user:canary-4711@host" refused',
        "Error from server: admission said: RAY_AUTH_TOKEN=canary-4711 is weak",
    ],
)
def test_what_was_to_be_applied_is_not_quoted(stderr: str) -> None:
    error = command_error(Failed("apply", 1, stderr))

    assert "canary" not in error.what


def test_a_refused_patch_still_says_why() -> None:
    error = command_error(
        Failed("apply", 1, f"Error from server (Forbidden): {REFUSED_PATCH}{FORBIDDEN}\n")
    )

    assert error.what.endswith(f"Error from server (Forbidden): {FORBIDDEN}")
    assert "deploy/rbac" in error.mend


@pytest.mark.parametrize(
    ("stderr", "subject"),
    [
        (
            (
                'err="merging from generator &{0xc0009badd0 <nil>}: id resid.ResId{Gvk:resid.Gvk{'
                'Group:\\"\\", Version:\\"v1\\", Kind:\\"ConfigMap\\", isClusterScoped:false}, '
                'Name:\\"seedcore-env\\", Namespace:\\"\\"} exists; '
                'behavior must be merge or replace"'
            ),
            Subject("ConfigMap", "seedcore-env"),
        ),
        (
            (
                "err=\"accumulating resources: accumulation err='merging resources from 'b.yaml': "
                "may "
                "not add resource with an already registered id: "
                "Deployment.v1.apps/seedcore-api.[noNs]': must build at directory: '/b.yaml'\""
            ),
            Subject("Deployment", "seedcore-api"),
        ),
    ],
    ids=["generator", "file"],
)
def test_what_is_defined_twice_is_told_by_kind_and_name(stderr: str, subject: Subject) -> None:
    line = f'E1126 06:30:20.756646   15673 run.go:72] "command failed" {stderr}'

    error = render_error(Path("overlay"), Failed("render", 1, line))

    assert isinstance(error, RenderFailed)
    assert error.twice == subject
    assert f"{subject} is defined twice" in error.what
