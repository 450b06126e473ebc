"""What an error says of the request, and how it is to be mended."""

import json

import pytest

from seedcore_deploy.kube import errors


def call(path: str, method: str = "GET") -> errors.Call:
    return errors.Call(method, path, context="dev", server="https://api:6443")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("GET", "/api/v1/namespaces/ns/pods", "list pods in namespace ns"),
        ("GET", "/api/v1/namespaces/ns/pods/a", "get pods a in namespace ns"),
        ("GET", "/api/v1/namespaces/ns/pods/a/exec", "get pods/exec a in namespace ns"),
        ("GET", "/api/v1/namespaces/ns", "get namespaces ns"),
        ("PATCH", "/apis/apps/v1/namespaces/ns/deployments/d", "patch deployments.apps d in"),
        ("GET", "/apis/ray.io/v1/namespaces/ns/rayclusters", "list rayclusters.ray.io in"),
        ("GET", "/version", "get /version"),
    ],
)
def test_a_call_is_named_as_a_person_would(method: str, path: str, said: str) -> None:
    assert str(call(path, method)).startswith(said)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (500, errors.ApiError),
    ],
)
def test_the_status_decides_the_class(status: int, kind: type[errors.ApiError]) -> None:
    body = json.dumps({"kind": "Status", "reason": "Why", "message": "because"}).encode()

    error = errors.from_answer(call("/api/v1/namespaces/ns/pods"), status, body)

    assert type(error) is kind
    assert "because" in error.what
    assert "https://api:6443" in error.what
    assert error.reason == "Why"
    assert error.mend


@pytest.mark.parametrize(
    ("method", "role"), [("GET", "seedcore-verifier"), ("PATCH", "seedcore-deployer")]
)
def test_forbidden_names_the_role_that_grants_it(method: str, role: str) -> None:
    error = errors.from_answer(call("/api/v1/namespaces/ns/pods/a", method), 403, b"")

    assert role in error.mend


def test_an_answer_that_is_no_status_is_quoted() -> None:
    error = errors.from_answer(call("/api/v1/pods"), 502, b"<html>\n bad   gateway</html>")

    assert "<html> bad gateway</html>" in error.what
    assert error.heals


def test_silence_names_server_and_context() -> None:
    error = errors.unreachable(call("/api/v1/pods"), OSError("no\nroute"), heals=False)

    assert "https://api:6443 (context dev): no route" in error.what
    assert "dev is the right context" in error.mend


def test_a_certificate_that_does_not_match_is_mended_in_the_kubeconfig() -> None:
    fault = OSError("CERTIFICATE_VERIFY_FAILED: certificate verify failed")

    assert "certificate-authority" in errors.unreachable(call("/x"), fault, heals=False).mend
