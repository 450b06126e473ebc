"""Debian's Prometheus: promtool, and a server that scrapes what a test serves."""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.inside_pods import eventually
from tests.support.tool import REPOSITORY, Ended

COMPONENT = REPOSITORY / "deploy" / "kustomize" / "components" / "metrics"
PATIENCE_S = 30.0
Targets = Mapping[str, Mapping[str, str]]
"""Labels by address; those that begin with __meta_ are what service discovery would find."""


def program(name: str) -> str:
    """The path of `prometheus` or `promtool`; fetched once."""
    script = str(REPOSITORY / "scripts" / "prometheus")
    folder = subprocess.run([script], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    return str(Path(folder) / name)


def promtool(*words: str) -> Ended:
    """How promtool ended."""
    done = subprocess.run([program("promtool"), *words], capture_output=True, text=True)
    return Ended(done.returncode, done.stdout, done.stderr)


def as_discovered(pod: str, port_name: str = "http", **changes: str) -> dict[str, str]:
    """What Kubernetes discovery says of a client's port; `changes` by the end of the name."""
    found = {
        "namespace": "seedcore-dev",
        "pod_name": pod,
        "pod_container_init": "false",
        "pod_container_port_name": port_name,
        "pod_label_app": "seedcore-api",
        "pod_label_app_kubernetes_io_part_of": "seedcore",
        "pod_annotation_prometheus_io_scrape": "true",
        "pod_annotation_prometheus_io_path": "/metrics",
    }
    return {f"__meta_kubernetes_{key}": text for key, text in {**found, **changes}.items()}


def configuration(targets: Targets) -> dict[str, Any]:
    """The component's own, with these targets for discovery, which Debian's build leaves out."""
    found: dict[str, Any] = yaml.safe_load((COMPONENT / "prometheus.yaml").read_text())
    (job,) = found["scrape_configs"]
    assert job.pop("kubernetes_sd_configs") == [{"role": "pod"}]
    job["static_configs"] = [
        {"targets": [address], "labels": dict(labels)} for address, labels in targets.items()
    ]
    found["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    found["rule_files"] = [str(COMPONENT / "alerts.yaml")]
    return found


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A server that scrapes."""

    url: str

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an instant query: `metric` with the labels, and `value`."""
        found: list[dict[str, Any]] = self._get("query", query=expression)["result"]
        return found

    def value(self, expression: str) -> float | None:
        """The value of the one sample of a query; None where there is none."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def targets(self) -> list[dict[str, Any]]:
        """The targets that are scraped."""
        found: list[dict[str, Any]] = self._get("targets", state="active")["activeTargets"]
        return found

    def _get(self, what: str, **words: str) -> Any:
        url = f"{self.url}/api/v1/{what}?{urllib.parse.urlencode(words)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)["data"]


@contextmanager
def scraping(targets: Targets, folder: Path) -> Iterator[Prometheus]:
    """A Prometheus with the component's configuration that scrapes these targets each second."""
    config = folder / "prometheus.yaml"
    config.write_text(yaml.safe_dump(configuration(targets)))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [
        program("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with subprocess.Popen(command) as server:
        try:
            ready = f"http://{address}/-/ready"
            eventually(lambda: server.poll() is not None or _answers(ready), bool, PATIENCE_S)
            assert server.poll() is None, f"prometheus ended with {server.returncode}"
            yield Prometheus(f"http://{address}")
        finally:
            server.terminate()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except OSError:
        return False
