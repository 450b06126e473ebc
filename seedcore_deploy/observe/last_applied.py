"""What `kubectl apply` sent last, as it stands in the annotation that kubectl keeps of it."""

from __future__ import annotations

import json
from typing import Any

from seedcore_deploy.model.live import OWN_NUMBERS
from seedcore_deploy.observe.containers import Json

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def last_applied(document: Json) -> Json | None:
    """The document that was sent last; None where nothing readable is known of it."""
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    try:
        found = json.loads(annotations.get(LAST_APPLIED) or "null")
    except ValueError:
        return None  # not kubectl's
    return found if isinstance(found, dict) else None


def overlays_own(applied: Json) -> Json:
    """What the overlay itself said where a live number was sent in its place.

    Raises TypeError or ValueError for an annotation that is not ours.
    """
    annotations = (applied.get("metadata") or {}).get("annotations") or {}
    own: Any = json.loads(annotations.get(OWN_NUMBERS) or "{}")
    if not isinstance(own, dict):
        raise TypeError(f"{OWN_NUMBERS} is no JSON object")
    return own
