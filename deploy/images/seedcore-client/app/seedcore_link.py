"""The connection to Ray of a long-running service: made in the background, and kept."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable

from fastapi import FastAPI, Response

from seedcore.utils.ray_config import (
    RayConfigError,
    RayConnection,
    check_connection,
    ensure_connected,
    is_connected,
)

LOG = logging.getLogger("seedcore")
CHECK_S = 3.0  # bounds one question to the cluster; /readyz must answer well within 5 s
PAUSE_S = 2.0


class Link:
    """Keeps this process connected to Ray. The service lives on while Ray is not there.

    *on_connect* runs after every new connection. With SEEDCORE_RECONNECT=0 a dead
    connection stays dead, as in services that connect once: for tests of the tools.
    """

    def __init__(self, on_connect: Callable[[], None] = lambda: None) -> None:
        self._on_connect = on_connect
        self._reconnect = os.environ.get("SEEDCORE_RECONNECT", "1") != "0"
        self._stop = threading.Event()
        self._connection: RayConnection | None = None
        self._problem = "not connected yet"

    def start(self) -> None:
        """Connect in the background, until stop()."""
        threading.Thread(target=self._keep, name="seedcore-link", daemon=True).start()

    def stop(self) -> None:
        """Make no further attempt."""
        self._stop.set()

    def problem(self) -> str:
        """Return why Ray cannot be used now, or nothing; asks the cluster, in CHECK_S."""
        if self._problem:
            return self._problem
        try:
            check_connection(timeout=CHECK_S)
        except RayConfigError as error:
            return str(error)
        return ""

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                self._step()
            except Exception as error:  # whatever it is, the next round tries again
                if str(error) != self._problem:
                    LOG.warning("Ray: %s", error)
                self._problem = str(error) or type(error).__name__
            self._stop.wait(PAUSE_S)

    def _step(self) -> None:
        if self._connection is not None:
            # One slow answer must not cost the connection: it is replaced after two.
            if is_connected(timeout=CHECK_S) or is_connected(timeout=CHECK_S):
                if self._problem:
                    self._on_connect()
                    self._problem = ""
                return
            if not self._reconnect:
                raise ConnectionError("the connection is dead, and SEEDCORE_RECONNECT=0")
        self._problem = self._problem or "connecting again"
        self._connection = ensure_connected(check_timeout=CHECK_S)
        self._on_connect()
        self._problem = ""
        LOG.info("connected to Ray session %s", self._connection.session)


def add_health(app: FastAPI, problem: Callable[[], str]) -> None:
    """Give *app* /healthz (the process answers) and /readyz (nothing is the matter now)."""

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "alive"}

    @app.get("/readyz")
    def readyz(response: Response) -> dict[str, str]:
        reason = problem()
        if not reason:
            return {"status": "ready"}
        response.status_code = 503
        return {"status": "not ready", "reason": reason}


def add_metrics(app: FastAPI) -> None:
    """Give *app* /metrics for Prometheus, where prometheus-client is installed."""
    try:
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
    except ImportError:
        return

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def set_up_logging() -> None:
    """Log to stderr at SEEDCORE_LOG_LEVEL."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    LOG.setLevel(os.environ.get("SEEDCORE_LOG_LEVEL", "INFO"))
