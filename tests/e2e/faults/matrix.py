"""All faults, one row each: those that leave the Ray cluster alone first."""

from __future__ import annotations

from . import client_settings
from .declaration import Cost, Fault

_FAMILIES = (*client_settings.FAULTS,)

FAULTS: tuple[Fault, ...] = tuple(sorted(_FAMILIES, key=lambda fault: list(Cost).index(fault.cost)))
