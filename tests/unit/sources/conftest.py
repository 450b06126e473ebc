"""The wheel, built once, and unpacked as pip would."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
_MAIN = "import sys; from seedcore_deploy.cli import main; sys.exit(main(sys.argv[1:]))"


@dataclass(frozen=True, slots=True)
class Site:
    """What the wheel puts into site-packages."""

    folder: Path

    def tool(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the tool that the wheel holds, not the checkout's."""
        program = [sys.executable, "-c", _MAIN, *words]
        return subprocess.run(program, cwd=self.folder, capture_output=True, text=True)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    built = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "site")
    return Site(built / "site")
