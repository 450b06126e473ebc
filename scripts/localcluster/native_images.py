"""stub"""
from __future__ import annotations
from collections.abc import Sequence
from pathlib import Path
from localcluster.processes import Identity

def load(first: Identity, images: Sequence[str], dockerfile: Path | None) -> None:
    raise NotImplementedError
