"""Metrics of real connections: scraped by a real Prometheus, through a head that is replaced."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.cluster_connection import HEADER, forwarded, last_said, said_in
from tests.support.inside_pods import eventually
from tests.support.prometheus import as_discovered, scraping
from tests.support.stage import HEAD, Stage
from tests.support.tool import Ended

NOTICED_S = 15.0
BACK_S = 300
CONNECTS = "seedcore_ray_connect_total"
LOST = 'seedcore_ray_connection_lost_total{role="client"}'
_SCRAPE = """
import urllib.request
with urllib.request.urlopen("http://127.0.0.1:8080/metrics", timeout=10) as answer:
    say(answer.read().decode())
"""
# What /readyz says, at each change, until it is 200 again: [seconds since the epoch, status].
_WATCH_READINESS = f"""
import time, urllib.error, urllib.request

def status():
    try:
        with urllib.request.urlopen("http://127.0.0.1:8080/readyz", timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code

seen, ends = [], time.time() + {BACK_S}
while time.time() < ends and [each[1] for each in seen] != [200, 503, 200]:
    now = status()
    if not seen or seen[-1][1] != now:
        seen.append([time.time(), now])
        print("seen", now, flush=True)
    time.sleep(0.25)
say(seen)
"""


def metrics_in(stage: Stage, pod: str) -> dict[str, float]:
    """The samples of the library by series, as the API in a pod tells them."""
    text: str = said_in(stage, pod, _SCRAPE)
    found = re.findall(r"^(seedcore_\S+) (\S+)$", text, re.MULTILINE)
    return {series: float(value) for series, value in found}


def counted(samples: dict[str, float], outcome: str) -> float:
    return sum(
        value
        for series, value in samples.items()
        if series.startswith(CONNECTS) and f'outcome="{outcome}"' in series
    )


def containers(pod: Any) -> list[tuple[str, int]]:
    return [
        (each["containerID"], each["restartCount"]) for each in pod["status"]["containerStatuses"]
    ]


def test_prometheus_scrapes_the_api_and_serve(stage: Stage, tmp_path: Path) -> None:
    api, serve = (stage.client(app)["metadata"]["name"] for app in ("api", "serve"))
    bench, namespace = stage.bench, stage.namespace
    with (
        forwarded(bench, namespace, api, 8080) as of_api,
        forwarded(bench, namespace, serve, 8081) as of_serve,
    ):
        targets = {
            of_api: as_discovered(api, namespace=namespace),
            of_serve: as_discovered(serve, namespace=namespace, pod_label_app="seedcore-serve"),
        }
        with scraping(targets, tmp_path) as prometheus:
            connected = eventually(
                lambda: prometheus.query("seedcore_ray_connected == 1"),
                lambda found: len(found) == 2,
                within_s=60,
            )
            connects = prometheus.query(f'sum by (pod) ({CONNECTS}{{outcome="success"}})')
            alerts = prometheus.query('ALERTS{alertstate="firing"}')

    assert {each["metric"]["pod"] for each in connected} == {api, serve}
    assert {each["metric"]["app"] for each in connected} == {"seedcore-api", "seedcore-serve"}
    assert all(float(each["value"][1]) >= 1 for each in connects)
    assert len(connects) == 2
    assert alerts == []


def test_verify_writes_the_same_family_and_counts_on(stage: Stage, tmp_path: Path) -> None:
    path = tmp_path / "seedcore.prom"

    first = stage.verify("--metrics-file", str(path))
    once = path.read_text()
    second = stage.verify("--metrics-file", str(path))
    twice = path.read_text()

    assert (first.code, second.code) == (0, 0), str(second)
    series = re.search(
        rf'^({CONNECTS}{{.*role="client",outcome="success".*}}) (\d+)$', once, re.MULTILINE
    )
    assert series is not None, once
    assert f"{series[1]} {int(series[2]) * 2}\n" in twice
    assert re.search(r"^seedcore_verify_exit_code{.*} 0$", twice, re.MULTILINE)
    assert twice.count("seedcore_ray_connected{") == len(second.json["pods"])


@pytest.mark.long  # 2 to 3 minutes: a head that is replaced
def test_head_that_is_replaced_shows_in_readiness_and_counters_without_a_restart(
    stage: Stage,
) -> None:
    api = stage.client("api")
    name = api["metadata"]["name"]
    before = metrics_in(stage, name)
    program = ("python", "-c", HEADER + _WATCH_READINESS)

    words = ("kubectl", "-n", stage.namespace, "exec", name, "--", *program)
    with stage.bench.started(*words) as watcher:
        assert watcher.stdout is not None
        assert watcher.stdout.readline() == "seen 200\n"
        stage.kubectl("delete", "pod", "-l", HEAD, "--wait=true")
        gone = time.time()
        out, err = watcher.communicate(timeout=BACK_S + 60)
    seen = last_said(Ended(watcher.returncode, out, err))
    after = metrics_in(stage, name)
    stage.await_head()
    stage.rolled_out("api", "serve")

    assert [status for _, status in seen] == [200, 503, 200], seen
    assert seen[1][0] - gone < NOTICED_S
    assert containers(stage.client("api")) == containers(api)
    assert after[LOST] == before[LOST] + 1
    assert counted(after, "success") > counted(before, "success")
    assert after["seedcore_ray_connected"] == 1
    last = "seedcore_ray_last_success_timestamp_seconds"
    assert after[last] > seen[1][0]
