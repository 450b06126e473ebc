"""No secret in any output: canaries in every place, every output made, and all of it searched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.canaries import CORE, canary, leading_away, leaks, overlay, patch
from tests.support.inside_pods import eventually, of_app
from tests.support.kubeconfigs import proxied, service_account
from tests.support.tool import REPOSITORY, Bench, Ended

NAMESPACE = "canary"
FORMATS = ("table", "json", "junit")
API = "app=seedcore-api"


@dataclass(frozen=True, slots=True)
class Aviary:
    """The pattern with its canaries, and the tool's words for its overlay."""

    bench: Bench
    words: tuple[str, ...]
    applied: Ended

    def said(self, verb: str, *options: str, codes: tuple[int, ...] = (0, 1, 3)) -> Ended:
        """What the tool says in the namespace; no canary may be in it."""
        ended = self.bench.tool(verb, NAMESPACE, *self.words, *options)
        assert ended.code in codes, str(ended)
        assert_no_leaks(ended)
        return ended


def assert_no_leaks(ended: Ended) -> None:
    assert leaks(ended.out + ended.err) == []


def assert_none_stored(bench: Bench, stored: Path) -> None:
    """Neither in the file, nor in what is said of it."""
    assert leaks(stored.read_text()) == []
    for form in FORMATS:
        ended = bench.tool("verify", "--from", str(stored), "-v", "-o", form)
        assert ended.code in {0, 1, 3}, str(ended)
        assert_no_leaks(ended)


@pytest.fixture(scope="module")
def aviary(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aviary]:
    words = ("-k", str(overlay(NAMESPACE, tmp_path_factory.mktemp("canaries"))))
    applied = bench.tool("apply", NAMESPACE, *words, "--create-namespace", "--timeout", "5m")
    yield Aviary(bench, words, applied)
    bench.kubectl("delete", "namespace", NAMESPACE, "--wait=true")


def test_canaries_are_found_in_every_form() -> None:
    forms = ("{}", "%22{}", "é{}")

    assert all(leaks(form.format(canary("x"))) for form in forms)
    assert leaks("nothing of the kind") == []


def test_canaries_are_in_the_pods(aviary: Aviary) -> None:
    api = of_app(aviary.bench, NAMESPACE, API)

    got = api.python("import json, os; print(json.dumps(dict(os.environ)))")

    for name in ("RAY_AUTH_TOKEN", "RAY_SERVE_URL", "RAY_SERVE_ADDRESS", "RAY_API_SERVER_ADDRESS"):
        assert CORE in got[name], name


def test_apply_says_none(aviary: Aviary) -> None:
    """And what is hidden is no fault: all of it is right."""
    assert aviary.applied.code == 0, str(aviary.applied)
    assert_no_leaks(aviary.applied)


def test_verify_says_stores_and_shows_none(aviary: Aviary, tmp_path: Path) -> None:
    """The address and the token are the application's own; a list of processes is for everybody."""
    stored = tmp_path / "seen.json"
    with of_app(aviary.bench, NAMESPACE, API).watching_for_the_probe() as probing:
        aviary.said("verify", "-v", "--save-snapshot", str(stored))

        seen = probing()

    assert len(seen) >= 2
    assert leaks(repr(seen)) == []
    assert_none_stored(aviary.bench, stored)


def test_pages_of_the_rules_have_none(aviary: Aviary) -> None:
    assert_no_leaks(aviary.bench.tool("explain"))
    assert_no_leaks(aviary.bench.tool("explain", "SC102", "SC401", "SC407", "SC410"))


@pytest.mark.parametrize("form", ["table", "json"])
def test_env_says_none(aviary: Aviary, form: str) -> None:
    assert "RAY_AUTH_TOKEN" in aviary.said("env", "-o", form).out
    assert "DATABASE" in aviary.said("env", "--all", "-o", form).out


def test_lines_for_a_shell_have_none(aviary: Aviary) -> None:
    for app in (API, "app=seedcore-serve"):
        pod = of_app(aviary.bench, NAMESPACE, app).pod
        assert "RAY_ADDRESS=" in aviary.said("env", "--pod", pod, "-o", "env", "--all").out


def test_an_exec_that_breaks_says_none(aviary: Aviary, tmp_path: Path) -> None:
    aviary.bench.kubectl(
        "apply", "-n", NAMESPACE, "-f", str(REPOSITORY / "deploy/rbac/verifier.yaml")
    )
    verifier = service_account(aviary.bench, NAMESPACE, "seedcore-verifier", tmp_path)
    with proxied(aviary.bench, verifier, tmp_path) as (through, proxy):
        proxy.fault(lambda request: "/exec?" in request.path, cut_after=900)

        ended = through.tool("verify", NAMESPACE, *aviary.words, "-v", "-o", "json")

    assert ended.code in {1, 3}, str(ended)
    assert_no_leaks(ended)


def test_stale_pods_and_a_refused_object_say_none(aviary: Aviary, tmp_path: Path) -> None:
    """A Deployment that the API server refuses: kubectl quotes what it was given."""
    name = {
        "op": "add",
        "path": "/spec/template/spec/containers/0/env/-",
        "value": {"value": canary("nameless")},
    }
    refused = overlay(NAMESPACE, tmp_path, patch("Deployment", "seedcore-api", [name]))

    ended = aviary.bench.tool("apply", NAMESPACE, "-k", str(refused), "--timeout", "1m")

    assert ended.code not in {0, 70}, str(ended)
    assert_no_leaks(ended)
    # The overlay now departs from what runs, and what differs is named.
    assert_no_leaks(aviary.bench.tool("verify", NAMESPACE, "-k", str(refused), "-v"))


@pytest.mark.long  # half a minute
def test_hosts_that_a_secret_names_are_said_nowhere(aviary: Aviary, tmp_path: Path) -> None:
    """Names that do not resolve, and both are asked: by the proof, and for an answer."""
    bench, stored = aviary.bench, tmp_path / "seen.json"
    away = overlay(NAMESPACE, tmp_path, *leading_away())
    bench.kubectl("apply", "-k", str(away))
    bench.kubectl("-n", NAMESPACE, "rollout", "status", "deployment/seedcore-api", "--timeout=120s")
    eventually(lambda: _runs_with(bench, "app=seedcore-serve", "RAY_ADDRESS"), bool, 60)

    ended = bench.tool("verify", NAMESPACE, "-k", str(away), "-v", "--save-snapshot", str(stored))

    assert ended.code in {1, 3}, str(ended)
    assert "does not resolve" in ended.out
    assert_no_leaks(ended)
    assert_none_stored(bench, stored)


def _runs_with(bench: Bench, selector: str, name: str) -> bool:
    """Whether a pod runs whose own spec sets the variable."""
    return any(
        any(each["name"] == name for each in pod["spec"]["containers"][0].get("env") or ())
        and any("running" in each["state"] for each in pod["status"].get("containerStatuses") or ())
        for pod in bench.get("-n", NAMESPACE, "pods", "-l", selector)["items"]
    )


def test_last_words_of_a_crashing_container_have_none(aviary: Aviary, tmp_path: Path) -> None:
    """What the pod's own spec tells to be secret is hidden, also where the log only quotes it."""
    words = (
        'echo "the login with $RAY_AUTH_TOKEN was refused";'
        'echo "redis://user:$REDIS_PASSWORD@host is away";'
        'echo "headers $RAY_JOB_HEADERS were refused";'
        'echo "$DATABASE is away" | tee /dev/termination-log; sleep 1; exit 1'
    )
    crash = {
        "op": "replace",
        "path": "/spec/template/spec/containers/0/command",
        "value": ["sh", "-c", words],
    }
    crashing = overlay(NAMESPACE, tmp_path, patch("Deployment", "seedcore-api", [crash]))

    ended = aviary.bench.tool("apply", NAMESPACE, "-k", str(crashing), "--timeout", "20s")

    assert ended.code not in {0, 70}, str(ended)
    assert "log: the login with *** was refused" in ended.err, str(ended)
    assert "exit code 1: *** is away" in ended.err, str(ended)
    assert_no_leaks(ended)
