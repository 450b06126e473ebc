"""Runs the tool and kubectl as a person would, against the test cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jsonschema

REPOSITORY = Path(__file__).resolve().parents[2]
SCHEMA = REPOSITORY / "docs" / "schema" / "verify-v1.json"
LONGEST_RUN_S = 600.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended and what it said."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n-- stdout\n{self.out}\n-- stderr\n{self.err}"


@dataclass(frozen=True, slots=True)
class Report:
    """What `verify -o json` or `apply -o json` said, once it is valid against the schema."""

    ended: Ended
    json: Mapping[str, Any]

    @property
    def code(self) -> int:
        """The exit code."""
        return self.ended.code

    @property
    def rules(self) -> list[str]:
        """The ids of the rules that found an error, sorted; hints are left out."""
        errors = (each for each in self.json["findings"] if each["severity"] == "error")
        return sorted(each["rule"] for each in errors)

    def finding(self, rule: str) -> Mapping[str, Any]:
        """The one finding of a rule."""
        (found,) = (each for each in self.json["findings"] if each["rule"] == rule)
        return found  # type: ignore[no-any-return]

    @property
    def commands(self) -> list[str]:
        """The commands of every finding's mend, in order, each once."""
        every = (line for each in self.json["findings"] for line in each["fix"]["commands"])
        return list(dict.fromkeys(every))

    def __str__(self) -> str:
        said = {name: each for name, each in self.json.items() if name != "pods"}
        return f"exit {self.code}\n{json.dumps(said, indent=1)}\n{self.ended.err}"


@dataclass(frozen=True, slots=True)
class Bench:
    """A shell on the test cluster: kubectl, the tool, and their environment."""

    kubeconfig: Path
    kubectl_folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = REPOSITORY

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every program: both programs on PATH, and the cluster."""
        folders = [str(Path(sys.executable).parent), str(self.kubectl_folder)]
        path = os.pathsep.join([*folders, os.environ["PATH"]])
        return {**os.environ, "PATH": path, "KUBECONFIG": str(self.kubeconfig), **self.extra}

    def as_user(self, kubeconfig: Path) -> Bench:
        """The same bench with another kubeconfig."""
        return replace(self, kubeconfig=kubeconfig)

    def run(self, *words: str, stdin: str = "", cwd: Path | None = None) -> Ended:
        """Run a program to its end."""
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            text=True,
            cwd=cwd or self.cwd,
            env=self.environment,
            timeout=LONGEST_RUN_S,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """A program that runs beside the test; it is ended with the block.

        SIGINT reaches it though a shell in the background may have had it ignored.
        """
        own = ("env", "--default-signal=INT", *words)
        pipe = subprocess.PIPE
        with subprocess.Popen(
            own,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            cwd=REPOSITORY,
            env=self.environment,
            start_new_session=True,
        ) as program:
            try:
                yield program
            finally:
                program.kill()

    def shell(self, command: str) -> Ended:
        """Run one line as a person would paste it."""
        return self.run("sh", "-c", command)

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Run kubectl; fails the test when kubectl fails."""
        ended = self.run("kubectl", *words, stdin=stdin)
        assert ended.code == 0, f"kubectl {' '.join(words)}: {ended}"
        return ended.out

    def get(self, *words: str) -> Any:
        """`kubectl get -o json`, read."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def tool(self, *words: str, cwd: Path | None = None) -> Ended:
        """Run seedcore-deploy."""
        return self.run("seedcore-deploy", *words, cwd=cwd)

    def report(self, *words: str) -> Report:
        """Run seedcore-deploy with `-o json`; what it says must be valid against the schema."""
        ended = self.tool(*words, "-o", "json")
        assert ended.out, f"no report: {ended}"
        said = json.loads(ended.out)
        jsonschema.validate(said, json.loads(SCHEMA.read_text()))
        assert said["exit_code"] == ended.code
        return Report(ended, said)

    def mend(self, report: Report) -> None:
        """Run the mend's commands just as they are printed."""
        assert report.commands, f"nothing to run: {report}"
        for command in report.commands:
            ended = self.shell(command)
            assert ended.code == 0, f"{command}: {ended}"
