"""What a client lacks is told where it is missing: the key, the reference, or the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from seedcore_deploy.judge.verdict import judge
from seedcore_deploy.model.look import Seen
from seedcore_deploy.model.snapshot import EnvEntry, EnvFromEntry, EnvSource, Snapshot
from tests.support import snapshots as s
from tests.support.snapshots import API, healthy

SETTINGS = "seedcore-client-env"
FORGOTTEN = "RAY_SERVE_ADDRESS"


def key(name: str) -> EnvEntry:
    return EnvEntry(name, EnvSource.CONFIGMAP_KEY, None, SETTINGS, name)


def api_takes(env: Sequence[EnvEntry], *more: EnvFromEntry) -> Snapshot:
    """The API lacks one of the client settings, by its live template and by the overlay's."""
    shared = EnvFromEntry("seedcore-env")
    changed = s.with_client_container(healthy(), "api", env=tuple(env), env_from=(shared, *more))
    snapshot = s.with_environment(changed, API, **{FORGOTTEN: None})
    assert isinstance(snapshot.workloads, Seen)
    planned = replace(s.manifests(), workloads=snapshot.workloads.value)
    return replace(snapshot, manifests=Seen(planned))


@pytest.mark.parametrize("more", [(), (EnvFromEntry(SETTINGS, prefix="APP_"),)])
def test_setting_that_the_template_leaves_out_is_set_there(more: tuple[EnvFromEntry, ...]) -> None:
    rest = [key(name) for name in s.CLIENT if name.startswith("RAY_") and name != FORGOTTEN]

    (found,) = judge(api_takes(rest, *more)).findings

    assert (found.rule, str(found.subject)) == ("SC101", f"deployment/seedcore-api {FORGOTTEN}")
    assert "has no key" not in found.because
    assert "does not take" in found.because
    assert f"{FORGOTTEN}={s.CLIENT[FORGOTTEN]}" in found.fix.commands[0]
