"""What `init` writes builds where it is written, and apply finds nothing wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seedcore_deploy.act.starter import write_starter
from tests.kustomize.conftest import DEPLOY, findings, rendered


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_overlay_builds_and_is_without_a_finding(tmp_path: Path, environment: str) -> None:
    write_starter(tmp_path)
    overlay = Path("kustomize", "overlays", environment)

    objects = rendered(tmp_path / "deploy" / overlay)

    assert objects == rendered(DEPLOY / overlay)
    assert findings(objects) == []


def test_the_roles_build(tmp_path: Path) -> None:
    write_starter(tmp_path)

    assert rendered(tmp_path / "deploy" / "rbac") == rendered(DEPLOY / "rbac")
