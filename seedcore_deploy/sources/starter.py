"""The tree that `init` writes: this project's own manifests, kept once, under deploy/."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from seedcore_deploy.errors import CouldNotLook
from seedcore_deploy.sources.settings import SETTINGS_FILE

_PACKAGE = Path(__file__).resolve().parent.parent
_INSTALLED = _PACKAGE / "starter"
_IN_A_CHECKOUT = _PACKAGE.parent
_PARTS = ("deploy/kustomize", "deploy/rbac", SETTINGS_FILE.as_posix())
_KINDS = {".yaml", ".env", ".toml"}
"""Whatever else lies in a checkout (an editor's copies) is not ours to hand on."""

COMPOSE_ENV = PurePosixPath("docker/.env")
SHARED_ENV = PurePosixPath("../deploy/kustomize/base/seedcore.env")


def starter_files() -> tuple[PurePosixPath, ...]:
    """What the tree holds, relative to its root, in order; the link for Compose is the last.

    Raises CouldNotLook when the installation lacks it.
    """
    root = _root()
    found = sorted(path for part in _PARTS for path in _files(root / part))
    return (*(PurePosixPath(path.relative_to(root).as_posix()) for path in found), COMPOSE_ENV)


def starter_content(file: PurePosixPath) -> bytes:
    """What a file of the tree holds; not for COMPOSE_ENV, which is a link to SHARED_ENV."""
    return (_root() / file).read_bytes()


def _files(part: Path) -> Iterator[Path]:
    for path in part.rglob("*") if part.is_dir() else (part,):
        if path.suffix in _KINDS and not path.name.startswith(".") and path.is_file():
            yield path


def _root() -> Path:
    """Where the wheel puts the tree; in an editable checkout, the checkout itself."""
    for root in (_INSTALLED, _IN_A_CHECKOUT):
        if all((root / part).exists() for part in _PARTS):
            return root
    raise CouldNotLook(
        "the manifests that init writes are not installed",
        "install seedcore-deploy again from its wheel",
    )
