"""What nobody can read inside a pod: then nothing is proven, and nothing is found."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.support.stage import CONTAINER, Stage

from .declaration import WAITED, Family, Fault
from .healthy import ENV_FROM, IMAGE, SLEEP, SMALL
from .variants import API, add, variant

FAMILY = Family.UNREADABLE

_WIPED = """\
import ctypes
import uvicorn
with open("/proc/self/stat") as stat:
    start, end = map(int, stat.read().rpartition(")")[2].split()[47:49])
ctypes.memset(start, 0, end - start)
uvicorn.run("seedcore_api:app", host="0.0.0.0", port=8080, access_log=False)
"""
"""A program that wipes what it was started with, as setproctitle does to make room for a title.

Fields 50 and 51 of stat are where the environment lies.
"""


@contextlib.contextmanager
def _no_python(stage: Stage) -> Iterator[None]:
    """A further client whose image has no Python on its path."""
    container = {
        "name": "batch",
        "image": IMAGE,
        "command": SLEEP,
        "envFrom": ENV_FROM,
        "env": [{"name": "PATH", "value": "/nowhere"}],
        "resources": SMALL,
    }
    labels = {"app": "batch"}
    stage.create(
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "batch"},
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {
                    "metadata": {"labels": labels},
                    "spec": {
                        "enableServiceLinks": False,
                        "terminationGracePeriodSeconds": 1,
                        "containers": [container],
                    },
                },
            },
        }
    )
    stage.kubectl("rollout", "status", "deployment/batch", "--timeout=120s")
    yield
    stage.kubectl("delete", "deployment", "batch", "--cascade=foreground", "--wait=true")


FAULTS = (
    Fault(
        "The API wiped the environment that it was started with",
        FAMILY,
        variant({API: [add(f"{CONTAINER}/command", ["python", "-c", _WIPED])]}),
        unread="environ",
        options=WAITED,
    ),
    Fault(
        "A client's container has no Python",
        FAMILY,
        _no_python,
        unread="python3",
        ci=True,
    ),
)
