"""What the API's image lacks, or has in another version than the head's.

No image is built: the command puts a module in front of the real ones before it starts the API.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable

from tests.support.stage import CONTAINER, UVICORN, Stage

from .declaration import Expected, Family, Fault

API = "deployment/seedcore-api"
FAMILY = Family.IMAGE
NO_RAY = "raise ModuleNotFoundError(\"No module named 'ray'\", name='ray')"
NO_GRPC = "raise ModuleNotFoundError(\"No module named 'grpc'\", name='grpc')"
# What Ray compares with the head's, and refuses: `Version mismatch`.
OTHER_RAY = "import ray; ray.__version__ = '2.59.0'"
OTHER_PYTHON = """\
import platform, ray._private.utils as utils
platform.python_version = lambda: '3.10.14'
utils.compute_version_info = lambda: (utils.ray.__version__, '3.10.14')
"""
# An API that is ready whatever its image has: it answers everything.
READY = """\
import http.server
class Anything(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(('', 8080), Anything).serve_forever()
"""


def _with(file: str, content: str, program: str = UVICORN) -> Callable[[Stage], None]:
    """The program starts with a module in front of the image's own."""
    path = f"/tmp/first/{file}"
    line = (
        f"mkdir -p {path.rpartition('/')[0]} && printf %s {shlex.quote(content)} > {path} && "
        f"PYTHONPATH=/tmp/first:/app exec {program}"
    )

    def make(stage: Stage) -> None:
        command = ["sh", "-c", line]
        change = {"op": "replace", "path": f"{CONTAINER}/command", "value": command}
        stage.replace_template("api", change)
        if program != UVICORN:
            stage.rolled_out("api")

    return make


FAULTS = (
    Fault(
        "The API's Python has no ray, and the API is ready all the same",
        FAMILY,
        _with("ray/__init__.py", NO_RAY, f"python -c {shlex.quote(READY)}"),
        (Expected("SC408", API, "no ray"),),
    ),
    Fault(
        "The API has ray without ray[client]",
        FAMILY,
        _with("grpc/__init__.py", NO_GRPC),
        (Expected("SC408", API, "ray[client]"),),
    ),
    Fault(
        "The API has another version of Ray than the head",
        FAMILY,
        _with("sitecustomize.py", OTHER_RAY),
        (Expected("SC405", f"{API} version", "same Ray"),),
        ci=True,
    ),
    Fault(
        "The API has another minor version of Python than the head",
        FAMILY,
        _with("sitecustomize.py", OTHER_PYTHON),
        (Expected("SC405", f"{API} version", "minor version of Python"),),
    ),
)
