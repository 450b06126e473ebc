"""A namespace of the test cluster, and kubectl in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.tool import Bench


@dataclass(frozen=True, slots=True)
class Namespaced:
    """A namespace, and the programs that reach it."""

    bench: Bench
    namespace: str

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Run kubectl in the namespace; fails the test when kubectl fails."""
        return self.bench.kubectl("-n", self.namespace, *words, stdin=stdin)

    def get(self, *words: str) -> Any:
        """`kubectl get -o json`, read."""
        return json.loads(self.kubectl("get", *words, "-o", "json"))

    def create(self, document: Mapping[str, Any]) -> None:
        """Apply an object."""
        self.kubectl("apply", "-f", "-", stdin=json.dumps(document))
