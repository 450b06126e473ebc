"""kubectl, with the context and the namespace of the run."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

from rayclientrace.errors import RaceError
from rayclientrace.manifests import Manifest

CALL_S = 60.0
"""Bound of a call that waits for nothing but the API server."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call of kubectl printed, and how it ended; None when its time was over."""

    code: int | None
    out: str
    err: str

    @property
    def trouble(self) -> str:
        """Return why it failed, in one line; empty when it did not."""
        if self.code == 0:
            return ""
        last = self.err.strip().splitlines()[-1:]
        return last[0] if last else f"kubectl ended with {self.code}"


@dataclass(frozen=True, slots=True)
class Kubectl:
    """Calls kubectl; KUBECONFIG and the current context count as they do for kubectl itself."""

    namespace: str
    context: str | None = None

    def ask(self, *arguments: str, stdin: str = "", timeout_s: float = CALL_S) -> Answer:
        """Run it and return how it ended; a missing program is a RaceError."""
        context = ("--context", self.context) if self.context else ()
        command = ("kubectl", *context, "--namespace", self.namespace, *arguments)
        try:
            ended = subprocess.run(
                command, input=stdin, capture_output=True, text=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            return Answer(None, "", f"kubectl {arguments[0]} did not end in {timeout_s:.0f} s")
        except FileNotFoundError:
            raise RaceError(
                "there is no kubectl in PATH",
                mend='PATH="$(dirname "$(scripts/cluster kubectl)"):$PATH"',
            ) from None
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    def must(self, *arguments: str, stdin: str = "", timeout_s: float = CALL_S) -> str:
        """Run it and return what it printed; a failure is a RaceError."""
        answer = self.ask(*arguments, stdin=stdin, timeout_s=timeout_s)
        if answer.trouble:
            raise RaceError(f"kubectl {' '.join(arguments)}: {answer.trouble}")
        return answer.out

    def create(self, manifest: Manifest) -> None:
        """Create one object; one that is there already is a RaceError."""
        self.must("create", "-f", "-", stdin=json.dumps(manifest))

    def ready(self, pod: str, timeout_s: int) -> Answer:
        """Wait by watch until the pod is Ready."""
        return self.ask(
            "wait",
            "--for=condition=Ready",
            f"pod/{pod}",
            f"--timeout={timeout_s}s",
            timeout_s=timeout_s + CALL_S,
        )

    def execute(self, pod: str, *command: str, timeout_s: float = CALL_S) -> Answer:
        """Run a command in the pod."""
        return self.ask("exec", pod, "--", *command, timeout_s=timeout_s)
