"""Which overlay a namespace means."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seedcore_deploy.errors import UsageError
from seedcore_deploy.sources.kustomization import (
    builds_on,
    kustomization_file,
    namespace_of,
    setting_of,
)
from seedcore_deploy.sources.settings import KUSTOMIZE_FOLDER, Settings


@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay: where it lies, how it is shown, and why it is the one.

    `base` is the base that belongs to it, None when there is none beside it or it is the base;
    `builds_on_base` tells whether the overlay takes that base in itself.
    """

    directory: Path
    name: str
    reason: str
    base: Path | None = None
    builds_on_base: bool = False


def find_overlay(
    namespace: str, settings: Settings, *, overlay: str | None = None, kustomize: str | None = None
) -> Overlay:
    """The overlay to apply to the namespace: -k, --overlay, ray-contract.toml, or the only match.

    Raises UsageError that lists the choices where there is not exactly one, and where the overlay
    belongs to another namespace.
    """
    if overlay is not None and kustomize is not None:
        raise UsageError("--overlay and --kustomize were both given", "give one of them")
    if kustomize is not None:
        directory, reason = _directory(kustomize), "named with --kustomize"
    elif overlay is not None:
        directory, reason = _named(overlay, settings), "named with --overlay"
    else:
        directory, reason = _meant(namespace, settings)
    _refuse_other_namespace(directory, namespace, settings)
    base = _base_of(directory)
    contained = base is not None and builds_on(directory, base)
    return Overlay(directory, shown(directory), reason, base, contained)


def default_namespace(settings: Settings) -> tuple[str, str] | None:
    """The dev overlay's namespace and where that stands; None when there is no such overlay."""
    dev = overlays_of(settings).get("dev")
    if dev is None:
        return None
    for name, pin in settings.namespaces.items():
        if pin.overlay is not None and pin.overlay.resolve() == dev.resolve():
            return name, f"{shown(settings.path or dev)} gives it the dev overlay"
    own = namespace_of(dev)
    if own:
        return own, f"the namespace of {shown(dev)}"
    ray = _ray_namespace(dev, settings)
    return (ray, f"RAY_NAMESPACE of {shown(dev)}") if ray else None


def base_applied_before(directory: Path) -> Path | None:
    """The base beside an overlay that does not build on it, so that `apply` takes two steps.

    Raises UsageError for a kustomization that cannot be read.
    """
    base = _base_of(directory) if directory.resolve().parent.name == "overlays" else None
    return None if base is None or builds_on(directory, base) else base


def overlays_of(settings: Settings) -> Mapping[str, Path]:
    """The overlays under deploy/kustomize/overlays, by name."""
    if settings.root is None:
        return {}
    folder = settings.root / KUSTOMIZE_FOLDER / "overlays"
    if not folder.is_dir():
        return {}
    return {path.name: path for path in sorted(folder.iterdir()) if kustomization_file(path)}


def shown(path: Path) -> str:
    """A path as a person would type it from here."""
    relative = Path(os.path.relpath(path))
    return str(path if relative.parts[:3] == ("..", "..", "..") else relative)


def _directory(text: str) -> Path:
    directory = Path(text)
    if not directory.is_dir():
        raise UsageError(f"there is no directory {text}", "check the path after -k")
    if kustomization_file(directory) is None:
        raise UsageError(f"{text} has no kustomization.yaml", "check the path after -k")
    return directory


def _named(name: str, settings: Settings) -> Path:
    there_are = overlays_of(settings)
    if name in there_are:
        return there_are[name]
    near = difflib.get_close_matches(name, there_are, n=1)
    raise UsageError(
        f"there is no overlay {name!r}; {_choices(settings)}",
        f"did you mean --overlay {near[0]}?" if near else "choose one of them, or use -k DIR",
    )


def _meant(namespace: str, settings: Settings) -> tuple[Path, str]:
    pin = settings.namespaces.get(namespace)
    if pin is not None and pin.overlay is not None:
        return pin.overlay, f"{shown(settings.path or pin.overlay)} names it for {namespace}"
    unreadable: list[str] = []
    own: dict[Path, str] = {}
    for directory in overlays_of(settings).values():
        try:
            own[directory] = namespace_of(directory)
        except UsageError as fault:
            unreadable.append(fault.what)
    matches = [directory for directory, found in own.items() if found == namespace]
    reason = f"its namespace is {namespace}"
    if not matches:
        free = [directory for directory, found in own.items() if not found]
        matches = [each for each in free if _ray_namespace(each, settings) == namespace]
        reason = f"its RAY_NAMESPACE is {namespace}"
    if len(matches) == 1:
        return matches[0], reason
    many = f"{len(matches)} overlays are" if matches else "no overlay is"
    broken = "".join(f"; unreadable: {why}" for why in unreadable)
    raise UsageError(
        f"{many} for namespace {namespace}; {_choices(settings)}{broken}",
        "choose with --overlay NAME or -k DIR, or pin it in deploy/ray-contract.toml",
    )


def _refuse_other_namespace(directory: Path, namespace: str, settings: Settings) -> None:
    own = namespace_of(directory)
    if own and own != namespace:
        raise UsageError(
            f"overlay {shown(directory)} is for namespace {own}, not for {namespace}",
            f"say `seedcore-deploy apply {own}`, or choose another overlay with --overlay",
        )
    pinned = [
        name
        for name, pin in settings.namespaces.items()
        if pin.overlay is not None and pin.overlay.resolve() == directory.resolve()
    ]
    if pinned and namespace not in pinned and not own:
        raise UsageError(
            f"{shown(settings.path or directory)} pins overlay {shown(directory)} to namespace "
            f"{', '.join(pinned)}, not to {namespace}",
            f"say `seedcore-deploy apply {pinned[0]}`, or choose another overlay with --overlay",
        )


def _ray_namespace(directory: Path, settings: Settings) -> str:
    return setting_of(directory, settings.contract.client_configmap, "RAY_NAMESPACE")


def _base_of(directory: Path) -> Path | None:
    """`../../base` beside the overlays, as the layout has it."""
    base = directory.resolve().parent.parent / "base"
    if kustomization_file(base) is None or base == directory.resolve():
        return None
    return base


def _choices(settings: Settings) -> str:
    lines = []
    for name, directory in overlays_of(settings).items():
        try:
            namespace = namespace_of(directory) or _ray_namespace(directory, settings)
        except UsageError:
            namespace = "unreadable"
        lines.append(f"{name} ({namespace or 'no namespace'})")
    if not lines:
        return f"there is no {KUSTOMIZE_FOLDER / 'overlays'} here or above with an overlay in it"
    return f"overlays there are: {', '.join(lines)}"
