"""What heals by itself is waited out, whatever happens to the way to the API server."""

from __future__ import annotations

import contextlib
import json
import signal
import ssl
import tempfile
import threading
import time
import urllib.request
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from tests.support import registry
from tests.support.apiproxy import ApiProxy, Request
from tests.support.kubeconfigs import proxied, service_account
from tests.support.quiet import await_idle_cpu
from tests.support.tiny import (
    FIRST,
    HEAD,
    POD,
    SLEEP,
    Run,
    Tiny,
    container,
    on_api,
    on_client,
    on_head,
    shell,
)
from tests.support.tool import Bench

IN_VAIN = "this will not become ready by itself"
DONE_API, DONE_SERVE = "done:    pod/seedcore-api-", "done:    pod/seedcore-serve-"
DONE_HEAD = "done:    pod/seedcore-head-"
AT_ONCE_S = 0.5
BACK_WITHIN_S = 10.0
"""A watch that was ended tries again after at most 5 s (kube/watch.py); then there is a look."""
WATCHED_WITHIN_S = 2.5
"""Behind the proxy a look is slower; without a watch it would come every 5 s only."""

CRASHES_THREE_TIMES = shell(
    "echo x >> /tmp/runs; [ $(wc -l < /tmp/runs) -gt 3 ] || exit 1; exec sleep 1000000"
)
READY_AFTER_20_S = ["sh", "-c", "sleep 20; touch /tmp/ready; exec sleep 1000000"]


def when_told(path: str = "/tmp/ready") -> Mapping[str, Any]:
    """A readiness probe that a test can let pass."""
    return {
        "exec": {"command": ["test", "-f", path]},
        "periodSeconds": 1,
        "timeoutSeconds": 30,
        "failureThreshold": 1,
    }


def env(**reference: Mapping[str, str]) -> Mapping[str, Any]:
    entry = {"name": "SETTING", "valueFrom": reference}
    return {"op": "add", "path": f"{POD}{FIRST}/env", "value": [entry]}


def later(seconds: float, *command: str, tiny: Tiny) -> threading.Timer:
    """Run kubectl after a while."""
    timer = threading.Timer(seconds, tiny.kubectl, command)
    timer.start()
    return timer


@pytest.mark.long
def test_client_that_crashes_while_the_head_comes_up_and_a_registry_that_is_away(
    tiny: Tiny,
) -> None:
    tiny.clear()
    head = on_head(
        container(HEAD, "command", READY_AFTER_20_S), container(HEAD, "readinessProbe", when_told())
    )
    api = on_api(container(POD, "command", CRASHES_THREE_TIMES))
    serve = on_client(
        "serve",
        container(POD, "image", registry.COMES_LATER),
        container(POD, "imagePullPolicy", "Always"),
        container(POD, "command", ["/pause"]),
        {"op": "remove", "path": f"{POD}{FIRST}/readinessProbe"},
        {"op": "remove", "path": f"{POD}{FIRST}/livenessProbe"},
    )

    with tiny.applying(head, api, serve) as run:
        for line in (DONE_HEAD, DONE_API, DONE_SERVE):
            run.await_line(line)
        said = run.interrupt()

    assert "CrashLoopBackOff" in said
    assert "503 Service Unavailable" in said
    assert IN_VAIN not in said
    tiny.clear()


def test_pod_that_finds_no_room_and_a_secret_that_comes_later(tiny: Tiny) -> None:
    """A pod that is in the way, and goes."""
    spread = {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "labelSelector": {"matchLabels": {"app": "in-the-way"}},
                "topologyKey": "kubernetes.io/hostname",
            }
        ]
    }
    blocker = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "in-the-way", "labels": {"app": "in-the-way"}},
        "spec": {
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {"name": "c", "image": "localhost/seedcore-client:0.1.0", "command": list(SLEEP)}
            ],
        },
    }
    tiny.create(blocker)
    tiny.await_ready("app=in-the-way")
    api = on_api(
        {"op": "add", "path": f"{POD}/spec/affinity", "value": {"podAntiAffinity": spread}}
    )
    serve = on_client("serve", env(secretKeyRef={"name": "later", "key": "word"}))

    with tiny.applying(api, serve) as run:
        run.await_line("Unschedulable")
        run.await_line("CreateContainerConfigError")
        time.sleep(10)
        tiny.kubectl("delete", "pod", "in-the-way", "--wait=false")
        tiny.kubectl("create", "secret", "generic", "later", "--from-literal=word=x")
        run.await_line(DONE_API)
        run.await_line(DONE_SERVE)
        said = run.interrupt()

    assert IN_VAIN not in said
    tiny.kubectl("delete", "secret", "later")


@pytest.mark.long
def test_quota_that_is_lifted_and_a_webhook_that_comes_up(tiny: Tiny) -> None:
    tiny.create(
        {
            "apiVersion": "v1",
            "kind": "ResourceQuota",
            "metadata": {"name": "no-pods"},
            "spec": {"hard": {"pods": "0"}},
        }
    )
    tiny.kubectl("wait", "resourcequota/no-pods", "--for=jsonpath={.status.used.pods}")

    with tiny.applying(on_api(container(POD, "stdin", True))) as run:
        tiny.kubectl(
            *("wait", "deployment/seedcore-api", "--for=condition=ReplicaFailure"),
            "--timeout=60s",
        )
        with _webhook_without_a_server(tiny):
            tiny.kubectl("delete", "resourcequota", "no-pods")
            time.sleep(10)
        run.await_line(DONE_API)
        said = run.interrupt()

    assert IN_VAIN not in said


@contextlib.contextmanager
def _webhook_without_a_server(tiny: Tiny) -> Iterator[None]:
    name = f"nobody-{tiny.namespace}"
    here = {"matchLabels": {"kubernetes.io/metadata.name": tiny.namespace}}
    tiny.create(
        {
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "ValidatingWebhookConfiguration",
            "metadata": {"name": name},
            "webhooks": [
                {
                    "name": "nobody.example.org",
                    "sideEffects": "None",
                    "admissionReviewVersions": ["v1"],
                    "clientConfig": {"url": "https://127.0.0.1:1/"},
                    "namespaceSelector": here,
                    "rules": [
                        {
                            "apiGroups": [""],
                            "apiVersions": ["v1"],
                            "operations": ["CREATE"],
                            "resources": ["pods"],
                        }
                    ],
                }
            ],
        }
    )
    yield
    tiny.bench.kubectl("delete", "validatingwebhookconfiguration", name)


EXPIRED = json.dumps(
    {
        "type": "ERROR",
        "object": {
            "kind": "Status",
            "status": "Failure",
            "reason": "Expired",
            "message": "too old resource version",
            "code": 410,
        },
    }
)


class ReadyTimes:
    """A watcher of the test's own: when the newest API pod's readiness changed, as it came."""

    def __init__(self, tiny: Tiny, pod: str) -> None:
        self.seen: list[tuple[bool, float]] = []
        self._news = threading.Condition()
        (cluster,) = yaml.safe_load(tiny.bench.kubeconfig.read_text())["clusters"]
        (user,) = yaml.safe_load(tiny.bench.kubeconfig.read_text())["users"]
        ca = b64decode(cluster["cluster"]["certificate-authority-data"]).decode()
        tls = ssl.create_default_context(cadata=ca)
        headers = {}
        if "token" in user["user"]:
            headers["Authorization"] = f"Bearer {user['user']['token']}"
        else:
            _load_key(tls, user["user"])
        query = f"watch=true&fieldSelector=metadata.name%3D{pod}"
        url = f"{cluster['cluster']['server']}/api/v1/namespaces/{tiny.namespace}/pods?{query}"
        request = urllib.request.Request(url, headers=headers)
        self._stream = urllib.request.urlopen(request, context=tls, timeout=600)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            now, event = time.time(), json.loads(line)
            states = event["object"].get("status", {}).get("conditions", ())
            ready = any(each["type"] == "Ready" and each["status"] == "True" for each in states)
            with self._news:
                if not self.seen or self.seen[-1][0] != ready:
                    self.seen.append((ready, now))
                    self._news.notify_all()

    def await_change(self, ready: bool, after: float) -> float:
        """When the pod became ready, or unready, after a moment."""
        deadline = time.monotonic() + 60
        with self._news:
            while True:
                for state, moment in self.seen:
                    if state is ready and moment >= after:
                        return moment
                assert time.monotonic() < deadline, "the pod's readiness did not change"
                self._news.wait(1.0)


def _load_key(tls: ssl.SSLContext, user: Mapping[str, str]) -> None:
    with tempfile.NamedTemporaryFile("wb") as file:
        for name in ("client-certificate-data", "client-key-data"):
            file.write(b64decode(user[name]) + b"\n")
        file.flush()
        tls.load_cert_chain(file.name)


class Watched:
    """An apply that waits for the API's pod, whose readiness the test decides."""

    def __init__(self, tiny: Tiny, run: Run) -> None:
        self.tiny, self.run = tiny, run
        line = next(line for _, line in run.said if "waiting: pod/seedcore-api-" in line)
        self.pod = line.split()[1].removeprefix("pod/").rstrip(":")
        self.times = ReadyTimes(tiny, self.pod)

    def make(self, *, ready: bool) -> float:
        """When the test's own watcher saw the change."""
        before = time.time()
        change = ("touch",) if ready else ("rm", "-f")
        self.tiny.kubectl("exec", self.pod, "--", *change, "/tmp/ready")
        return self.times.await_change(ready, before)

    def seen_late_by(self, since: float = 0.0) -> float:
        """How much later the tool says that the pod is ready than the test's own watcher.

        Counted from `since`, where nobody could see it before; else on a node that is not busy
        with other tests' pods.
        """
        if not since:
            await_idle_cpu()
        moment = self.make(ready=True)
        told = self.run.await_line(f"done:    pod/{self.pod}", since=moment - 1)
        self.make(ready=False)
        self.run.await_line(f"waiting: pod/{self.pod}", since=told)
        return told - max(moment, since)


@contextlib.contextmanager
def watching(tiny: Tiny, bench: Bench) -> Iterator[Watched]:
    """Serve never becomes ready, so that apply goes on waiting."""
    api = on_api(container(POD, "readinessProbe", when_told()))
    serve = on_client("serve", container(POD, "readinessProbe", when_told()))
    with tiny.applying(api, serve, bench=bench, timeout="10m") as run:
        run.await_line("waiting: pod/seedcore-api-")
        tiny.await_ready("ray.io/node-type=head")
        tiny.await_running("app=seedcore-api")
        yield Watched(tiny, run)
        said = run.interrupt()
    assert IN_VAIN not in said


@pytest.fixture
def direct(tiny: Tiny) -> Iterator[Watched]:
    """An apply that talks to the API server itself; one at a time runs in a namespace."""
    with watching(tiny, tiny.bench) as found:
        yield found


@pytest.fixture(scope="module")
def behind_proxy(
    tiny: Tiny, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Watched, ApiProxy]]:
    """An apply whose way to the API server the test can spoil; each look is slower there."""
    folder = tmp_path_factory.mktemp("proxy")
    tiny.clear()
    tiny.grant_deployer()
    user = service_account(tiny.bench, tiny.namespace, "seedcore-deployer", folder)
    with proxied(tiny.bench, user, folder) as (bench, proxy), watching(tiny, bench) as found:
        yield found, proxy


def is_watch(request: Request) -> bool:
    return "watch=true" in request.path


def test_readiness_is_seen_at_once(direct: Watched) -> None:
    assert direct.seen_late_by() <= AT_ONCE_S
    assert direct.seen_late_by() <= AT_ONCE_S


@pytest.mark.parametrize("seconds", [10, pytest.param(90, marks=pytest.mark.long)])
def test_readiness_is_seen_after_the_tool_was_stopped(direct: Watched, seconds: int) -> None:
    direct.run.program.send_signal(signal.SIGSTOP)
    moment = direct.make(ready=True)
    time.sleep(seconds)
    going_on = time.time()
    direct.run.program.send_signal(signal.SIGCONT)

    told = direct.run.await_line(f"done:    pod/{direct.pod}", since=moment)

    assert told - going_on <= 2 * AT_ONCE_S
    direct.make(ready=False)
    direct.run.await_line(f"waiting: pod/{direct.pod}", since=told)
    assert direct.seen_late_by() <= AT_ONCE_S


def test_readiness_is_seen_after_the_watches_have_expired(
    behind_proxy: tuple[Watched, ApiProxy],
) -> None:
    watched, proxy = behind_proxy
    expired = proxy.fault(is_watch, says=EXPIRED, times=8)
    proxy.cut(is_watch)

    assert watched.seen_late_by() <= BACK_WITHIN_S

    assert expired.seen > 0
    assert watched.seen_late_by() <= WATCHED_WITHIN_S


def test_readiness_is_seen_after_the_api_server_was_away(
    behind_proxy: tuple[Watched, ApiProxy],
) -> None:
    watched, proxy = behind_proxy
    proxy.away(8.0)
    back = time.time() + 8.0

    assert watched.seen_late_by(since=back) <= BACK_WITHIN_S

    assert watched.seen_late_by() <= WATCHED_WITHIN_S


def test_readiness_is_seen_while_the_api_server_is_overloaded(
    behind_proxy: tuple[Watched, ApiProxy],
) -> None:
    watched, proxy = behind_proxy
    refused = proxy.fault(lambda request: "/pods" in request.path, status=429, times=4)
    proxy.cut(is_watch)

    # Each of them asks for a second of patience, and for more each time.
    assert watched.seen_late_by() <= 2 * BACK_WITHIN_S

    assert refused.seen > 0
    assert watched.seen_late_by() <= WATCHED_WITHIN_S
