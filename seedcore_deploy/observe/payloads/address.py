"""Which addresses may be tried at all. Runs inside pods: Python 3.8, standard library.

Decided before ray is imported: `local` starts a Ray of its own, a direct address without a Ray
in the pod hangs for up to 820 s, and the rest fails with words that mislead.
"""

from __future__ import annotations

from urllib.parse import urlsplit


def refused(address: str | None, direct: bool) -> tuple[str, str]:
    """Reason and sentence for an address that must not be tried; ("", "") for one that may.

    `direct`: for the head, where no address, `auto` and KubeRay's own are right.
    """
    if address == "local":
        return "address-local", "RAY_ADDRESS is local, which starts a Ray of its own in this pod"
    if direct:
        return "", ""
    if not address:
        state = "is not set" if address is None else "is empty"
        return (
            "address-unset",
            f"RAY_ADDRESS {state}: ray.init() would start a Ray of its own in this pod",
        )
    if address == "auto":
        return "address-invalid", "RAY_ADDRESS is auto, which finds only a Ray in this very pod"
    host, port = endpoint(address)
    if not address.startswith("ray://") or not host:
        return "address-invalid", "RAY_ADDRESS is not of the form ray://HOST:PORT"
    if port is None:
        return "address-invalid", "RAY_ADDRESS has no port; Ray Client listens on 10001"
    return "", ""


def endpoint(address: str) -> tuple[str, int | None]:
    """Host and port of an address with or without a scheme; empty and None where missing."""
    try:
        parts = urlsplit(address if "://" in address else f"//{address}")
        return parts.hostname or "", parts.port
    except ValueError:
        return "", None
