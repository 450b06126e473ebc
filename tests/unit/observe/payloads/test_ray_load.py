"""What runs on Ray, by the dashboard's own answers: shaped as Ray 2.60.0 gives them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from seedcore_deploy.observe.payloads import ray_load
from seedcore_deploy.observe.payloads.bounds import Budget

SESSION = (
    "/usr/bin/python3 -m ray.util.client.server --address=10.244.0.10:6379 --host=127.0.0.1 "
    "--port=23000 --mode=specific-server"
)
PROBE = 'python3 -c "import json,sys;exec(1)" seedcore-probe'
CONTROLLER = {"name": "SERVE_CONTROLLER_ACTOR", "ray_namespace": "serve", "is_detached": True}


def job(**facts: Any) -> dict[str, Any]:
    return {
        "job_id": "05000000",
        "submission_id": None,
        "entrypoint": "python train.py",
        "type": "DRIVER",
        "status": "RUNNING",
        **facts,
    }


def actor(**facts: Any) -> dict[str, Any]:
    plain = {"actor_id": "a" * 32, "class_name": "Counter", "name": "counter"}
    return {**plain, "ray_namespace": "team", "state": "ALIVE", "is_detached": True, **facts}


class Dashboard:
    """A dashboard's state, and what it was asked."""

    def __init__(self, **state: Any) -> None:
        self.jobs: list[dict[str, Any]] = state.get("jobs", [])
        self.actors: list[dict[str, Any]] = state.get("actors", [])
        self.applications: dict[str, Any] = state.get("applications", {})
        self.more: dict[str, Any] = state.get("more", {})
        self.status: int = state.get("status", 200)
        self.token: str = state.get("token", "")
        self.asked: list[str] = []

    def answer(self, path: str, authorization: str) -> tuple[int, Any]:
        parts, query = urlsplit(path), parse_qs(urlsplit(path).query)
        self.asked.append(parts.path)
        if self.token and authorization != f"Bearer {self.token}":
            return 401, "who are you?"
        if self.status != 200:
            return self.status, "oh"
        if parts.path == "/api/serve/applications/":
            return 200, {"applications": self.applications, "proxies": {}}
        rows = {"/api/v0/jobs": self.jobs, "/api/v0/actors": self.actors}[parts.path]
        asked = list(
            zip(
                query["filter_keys"],
                query["filter_predicates"],
                query["filter_values"],
                strict=True,
            )
        )
        found = [
            row
            for row in rows
            if all((row[key] == value) is (how == "=") for key, how, value in asked)
        ]
        counts = {"total": len(rows), "num_after_truncation": len(rows)}
        result = {"result": found, "num_filtered": len(found), **counts, **self.more}
        return 200, {"result": True, "msg": "", "data": {"result": result}}


@contextmanager
def _served(dashboard: Dashboard) -> Iterator[tuple[str, int]]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = dashboard.answer(self.path, self.headers.get("Authorization", ""))
            self.send_response(status)
            self.end_headers()
            self.wfile.write((body if isinstance(body, str) else json.dumps(body)).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield "127.0.0.1", server.server_port
    finally:
        server.shutdown()
        server.server_close()


def load(monkeypatch: pytest.MonkeyPatch, dashboard: Dashboard, **variables: str) -> dict[str, Any]:
    with _served(dashboard) as address:
        monkeypatch.setattr(ray_load, "_DASHBOARD", address)
        return ray_load.load({"HOME": "/nonexistent", **variables}, Budget(5))


def test_an_idle_ray_has_nothing_to_lose_and_serve_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The question alone would make the dashboard connect to Ray."""
    dashboard = Dashboard()

    assert load(monkeypatch, dashboard) == {"jobs": [], "actors": [], "applications": []}
    assert "/api/serve/applications/" not in dashboard.asked


def test_jobs_that_are_not_over_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [
        job(submission_id="nightly", type="SUBMISSION"),
        job(submission_id="waiting", type="SUBMISSION", status="PENDING", job_id=None),
        job(job_id="07000000"),
        *(
            job(submission_id=status, status=status)
            for status in ("SUCCEEDED", "FAILED", "STOPPED")
        ),
    ]

    assert load(monkeypatch, Dashboard(jobs=jobs))["jobs"] == [
        {"name": "nightly", "status": "RUNNING"},
        {"name": "waiting", "status": "PENDING"},
        {"name": "07000000", "status": "RUNNING"},
    ]


@pytest.mark.parametrize("entrypoint", [SESSION, PROBE])
def test_sessions_of_clients_and_probes_are_no_jobs(
    monkeypatch: pytest.MonkeyPatch, entrypoint: str
) -> None:
    assert load(monkeypatch, Dashboard(jobs=[job(entrypoint=entrypoint)]))["jobs"] == []


@pytest.mark.parametrize("entrypoint", ["", 'echo "', "python -m ray.util.client.server_test"])
def test_a_driver_of_any_other_command_is_a_job(
    monkeypatch: pytest.MonkeyPatch, entrypoint: str
) -> None:
    assert load(monkeypatch, Dashboard(jobs=[job(entrypoint=entrypoint)]))["jobs"]


def test_a_submitted_job_is_one_whatever_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = [job(entrypoint=SESSION, submission_id="odd")]

    assert load(monkeypatch, Dashboard(jobs=jobs))["jobs"] == [{"name": "odd", "status": "RUNNING"}]


def test_detached_actors_of_applications_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    actors = [
        actor(),
        actor(name="", class_name="Cache"),
        actor(name="slow", state="PENDING_CREATION"),
        actor(name="of-a-driver", is_detached=False),
        actor(name="gone", state="DEAD"),
        actor(name="made-by-a-replica", ray_namespace="serve"),
    ]

    told = load(monkeypatch, Dashboard(actors=actors))["actors"]

    assert [each["name"] for each in told] == [
        "counter",
        "Cache aaaaaaaa",
        "made-by-a-replica",
        "slow",
    ]


@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        ("serve", "SERVE_PROXY_ACTOR-1"),
        ("serve", "SERVE_REPLICA::app#Greeter#x"),
        ("serve::app::dep", "LlmPrefixTreeActor"),
        ("SUPERVISOR_ACTOR_RAY_NAMESPACE", "_ray_internal_job_actor_x"),
        ("_dataset_stats_actor", "datasets_stats_actor"),
        ("_ray_internal_dashboard", "x"),
    ],
)
def test_actors_of_serve_and_of_ray_itself_are_not_told(
    monkeypatch: pytest.MonkeyPatch, namespace: str, name: str
) -> None:
    actors = [actor(name=name, ray_namespace=namespace)]

    assert load(monkeypatch, Dashboard(actors=actors))["actors"] == []


def test_serve_applications_are_told_with_their_status(monkeypatch: pytest.MonkeyPatch) -> None:
    applications = {"seedcore": {"status": "RUNNING"}, "shop": {"status": "DEPLOYING"}}
    dashboard = Dashboard(actors=[actor(**CONTROLLER)], applications=applications)

    told = load(monkeypatch, dashboard)

    assert told["applications"] == [
        {"name": "seedcore", "status": "RUNNING"},
        {"name": "shop", "status": "DEPLOYING"},
    ]
    assert told["actors"] == []


def test_token_is_sent_where_ray_wants_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("t0ken\n")

    load(monkeypatch, Dashboard(token="t0ken"), RAY_AUTH_MODE="token", RAY_AUTH_TOKEN="t0ken")
    load(
        monkeypatch, Dashboard(token="t0ken"), RAY_AUTH_MODE="token", RAY_AUTH_TOKEN_PATH=str(file)
    )
    with pytest.raises(ray_load.Unasked, match="wants a token"):
        load(monkeypatch, Dashboard(token="t0ken"), RAY_AUTH_TOKEN="t0ken")


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"status": 500}, "HTTP status 500"),
        ({"more": {"total": 20000}}, "only a part"),
        ({"more": {"num_filtered": 12000}}, "only a part"),
        ({"more": {"partial_failure_warning": "a node is away"}}, "only a part"),
        ({"more": {"result": None}}, "another shape"),
        ({"actors": [CONTROLLER | {"state": "ALIVE"}], "applications": []}, "another shape"),
    ],
)
def test_half_an_answer_is_none(
    monkeypatch: pytest.MonkeyPatch, state: dict[str, Any], why: str
) -> None:
    with pytest.raises(ray_load.Unasked, match=why):
        load(monkeypatch, Dashboard(**state))


def test_silence_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_load, "_DASHBOARD", ("127.0.0.1", 1))

    with pytest.raises(ray_load.Unasked, match="does not answer"):
        ray_load.load({}, Budget(1))
    with pytest.raises(ray_load.Unasked, match="too slow"):
        ray_load.load({}, Budget(0))
