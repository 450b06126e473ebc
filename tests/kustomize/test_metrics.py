"""Scrape configuration and alert rules, held against the real Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import yaml

from tests.support.inside_pods import eventually
from tests.support.prometheus import COMPONENT, as_discovered, configuration, promtool, scraping

RULES_TEST = Path(__file__).parent / "alerts_test.yaml"
METRICS = b"""\
# TYPE seedcore_ray_connected gauge
seedcore_ray_connected 1.0
"""


def test_alerts_fire_when_they_must_and_not_otherwise() -> None:
    ended = promtool("test", "rules", str(RULES_TEST))
    assert ended.code == 0, str(ended)


def test_every_alert_is_tested() -> None:
    rules = yaml.safe_load((COMPONENT / "alerts.yaml").read_text())["groups"][0]["rules"]
    fired = {
        check["alertname"]
        for test in yaml.safe_load(RULES_TEST.read_text())["tests"]
        for check in test["alert_rule_test"]
        if check.get("exp_alerts")
    }
    assert fired == {rule["alert"] for rule in rules}


def test_alerts_and_configuration_are_well_formed(tmp_path: Path) -> None:
    rules = promtool("check", "rules", "--lint=all", "--lint-fatal", str(COMPONENT / "alerts.yaml"))
    assert rules.code == 0, str(rules)
    file = tmp_path / "prometheus.yaml"
    file.write_text(yaml.safe_dump(configuration({})))
    config = promtool("check", "config", str(file))
    assert config.code == 0, str(config)


@contextmanager
def serving_metrics() -> Iterator[str]:
    """An address that serves METRICS at /metrics."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/metrics" else 404)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(METRICS)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


def test_only_clients_that_ask_for_it_are_scraped_under_their_names(tmp_path: Path) -> None:
    # given
    with serving_metrics() as address:
        port = address.partition(":")[2]
        targets = {
            address: as_discovered("api-1"),
            f"127.0.0.2:{port}": as_discovered("api-2", port_name="debug"),
            f"127.0.0.3:{port}": as_discovered("other", pod_annotation_prometheus_io_scrape=""),
            f"127.0.0.4:{port}": as_discovered("foreign", pod_label_app_kubernetes_io_part_of="x"),
            f"127.0.0.5:{port}": as_discovered("api-5", pod_container_init="true"),
        }
        # when
        with scraping(targets, tmp_path) as prometheus:
            (sample,) = eventually(
                lambda: prometheus.query("seedcore_ray_connected"), bool, within_s=30
            )
            # then
            assert len(prometheus.targets()) == 1
    labels = sample["metric"]
    assert (labels["namespace"], labels["pod"], labels["app"]) == (
        "seedcore-dev",
        "api-1",
        "seedcore-api",
    )
    assert sample["value"][1] == "1"
