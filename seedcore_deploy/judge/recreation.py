"""Which RayClusters lose their head by the mere sending of a changed spec."""

from __future__ import annotations

from collections.abc import Iterable

from seedcore_deploy.model.live import SpecChange


def recreated(changes: Iterable[SpecChange]) -> tuple[SpecChange, ...]:
    """Those whose ready head KubeRay would delete, with all workers (upgradeStrategy Recreate).

    A head that is not ready has nothing to lose, and needs no permission.
    """
    return tuple(each for each in changes if each.recreates and each.paths and each.head_ready)
