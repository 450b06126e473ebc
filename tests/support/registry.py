"""A registry inside the node that finds, refuses, or keeps silent, by the image's name.

It runs as a pod in the node's network: images of localhost:PORT are pulled from there, without
TLS (containerd does so for localhost). It needs nothing but Python; this file is its program.
"""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import json
import platform
import tarfile
import time
from pathlib import Path
from typing import Any

PORT = 5055
NOT_FOUND = f"localhost:{PORT}/missing:1"
NOT_ALLOWED = f"localhost:{PORT}/private:1"
COMES_LATER = f"localhost:{PORT}/later:1"
"""Answers 503 to the first requests for it; then it is there, and sleeps for ever."""
REFUSALS = 2

_PAUSE = {
    "x86_64": bytes.fromhex("b8220000000f05ebf7"),  # mov eax, 34 (pause); syscall; jmp back
    "aarch64": bytes.fromhex(  # ppoll(0, 0, 0, 0), for ever
        "000080d2010080d2020080d2030080d2280980d2010000d4faffff17"
    ),
}
_MACHINE = {"x86_64": 62, "aarch64": 183}
_DOCKER = "application/vnd.docker."


def program() -> str:
    """The text of this module, for the pod."""
    return Path(__file__).read_text(encoding="utf-8")


def pod(namespace: str, image: str) -> dict[str, Any]:
    """The pod that runs it."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "registry", "namespace": namespace, "labels": {"app": "registry"}},
        "spec": {
            "hostNetwork": True,
            "terminationGracePeriodSeconds": 0,
            "containers": [
                {
                    "name": "registry",
                    "image": image,
                    "command": ["python", "-c", program()],
                    "readinessProbe": {
                        "tcpSocket": {"host": "127.0.0.1", "port": PORT},
                        "periodSeconds": 1,
                    },
                }
            ],
        },
    }


def _elf() -> bytes:
    """The smallest program that does nothing and does not end."""
    code = _PAUSE[platform.machine()]
    base, offset = 0x400000, 64 + 56

    def little(value: int, size: int) -> bytes:
        return value.to_bytes(size, "little")

    header = b"\x7fELF\x02\x01\x01" + bytes(9)
    header += little(2, 2) + little(_MACHINE[platform.machine()], 2) + little(1, 4)
    header += little(base + offset, 8) + little(64, 8) + little(0, 8) + little(0, 4)
    header += little(64, 2) + little(56, 2) + little(1, 2) + bytes(6)
    size = offset + len(code)
    segment = little(1, 4) + little(5, 4) + little(0, 8) + little(base, 8) * 2
    segment += little(size, 8) * 2 + little(0x1000, 8)
    return header + segment + code


def _layer() -> bytes:
    """An archive with the program as /pause."""
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w") as archive:
        entry, elf = tarfile.TarInfo("pause"), _elf()
        entry.size, entry.mode = len(elf), 0o755
        archive.addfile(entry, io.BytesIO(elf))
    return text.getvalue()


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _image() -> tuple[bytes, dict[str, bytes]]:
    """The manifest, and the blobs that it names, by digest."""
    layer = _layer()
    packed = gzip.compress(layer, mtime=0)
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
    config = json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Cmd": ["/pause"]},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    ).encode()
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": f"{_DOCKER}distribution.manifest.v2+json",
            "config": {
                "mediaType": f"{_DOCKER}container.image.v1+json",
                "size": len(config),
                "digest": _digest(config),
            },
            "layers": [
                {
                    "mediaType": f"{_DOCKER}image.rootfs.diff.tar.gzip",
                    "size": len(packed),
                    "digest": _digest(packed),
                }
            ],
        }
    ).encode()
    return manifest, {_digest(config): config, _digest(packed): packed}


class Registry(http.server.BaseHTTPRequestHandler):
    """The part of the registry's API that a pull needs."""

    protocol_version = "HTTP/1.1"
    manifest, blobs = _image()
    refused = 0

    def do_HEAD(self) -> None:
        """As for GET, without the body."""
        self._answer()

    def do_GET(self) -> None:
        """Manifests by tag or digest, and blobs."""
        self._answer()

    def _answer(self) -> None:
        _, _, name, what, reference, *_ = [*self.path.split("/"), "", "", "", ""]
        if name == "private":
            self._send(401, b"{}", "application/json")
        elif name == "silent":
            time.sleep(3600)
        elif name != "later":
            self._send(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}', "application/json")
        elif what == "blobs" and reference in self.blobs:
            self._send(200, self.blobs[reference], "application/octet-stream")
        elif type(self).refused < REFUSALS:
            type(self).refused += 1
            self._send(503, b"", "text/plain")
        else:
            self._send(200, self.manifest, f"{_DOCKER}distribution.manifest.v2+json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Docker-Content-Digest", _digest(body))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Registry).serve_forever()
