"""How a part proves that it answers, and does not merely run."""

from __future__ import annotations

import http.client
import ssl
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 2.0
"""Seconds that a part has for one answer."""


@dataclass(frozen=True, slots=True)
class Http:
    """An address that must answer 200 to a GET; with TLS it is verified."""

    url: str
    authority: Path | None = None
    client: Path | None = None
    """A file name without suffix: its .crt and .key identify us."""

    def problem(self) -> str | None:
        """Return what is wrong, or None when the part answers."""
        context: ssl.SSLContext | None = None
        try:
            if self.authority is not None:
                context = ssl.create_default_context(cafile=str(self.authority))
            if context is not None and self.client is not None:
                context.load_cert_chain(f"{self.client}.crt", f"{self.client}.key")
            opener = urllib.request.build_opener(
                urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
            )
            with opener.open(self.url, timeout=TIMEOUT):
                return None
        except urllib.error.HTTPError as refusal:
            with refusal:
                words = refusal.read(300).decode(errors="replace").strip().replace("\n", "; ")
            return f"{self.url} answers {refusal.code}: {words}"
        except (OSError, http.client.HTTPException) as failure:
            return f"{self.url}: {getattr(failure, 'reason', failure)}"


@dataclass(frozen=True, slots=True)
class Command:
    """A program that must end with 0."""

    argv: tuple[str, ...]

    def problem(self) -> str | None:
        """Return what is wrong, or None when the program ends well."""
        try:
            done = subprocess.run(
                self.argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=TIMEOUT,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as failure:
            return f"{self.argv[0]}: {failure}"
        if done.returncode == 0:
            return None
        return f"{self.argv[0]} ended with {done.returncode}: {done.stderr.strip()[-300:]}"


@dataclass(frozen=True, slots=True)
class Ends:
    """The part is a single step: it has answered when it has ended with 0."""

    def problem(self) -> str | None:
        """Return None: how a step ended is for its supervisor to say."""
        return None


Answer = Http | Command | Ends
