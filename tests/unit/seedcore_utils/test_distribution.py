"""How the library reaches an application: its wheel alone, beside a package, or as one file."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "src" / "seedcore" / "utils" / "ray_config.py"
CHECK = ("-m", "seedcore.utils.ray_config", "check")
BOTH = "import seedcore.api, seedcore.utils.ray_config as r; print(seedcore.api.OWN, r.ray_role())"
ENVIRONMENT = {
    "RAY_ADDRESS": "ray://seedcore-head-svc:10001",
    "RAY_NAMESPACE": "seedcore-dev",
    "RAY_SERVE_ADDRESS": "http://seedcore-head-svc:8000",
    "RAY_DASHBOARD_ADDRESS": "http://seedcore-head-svc:8265",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT / "src", check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def site(tmp_path: Path, wheel: Path) -> Path:
    """A folder of packages with what the wheel has, as pip puts it there."""
    folder = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def application(folder: Path, *packages: str) -> Path:
    """An application with a ``seedcore`` package of its own, and an __init__.py in *packages*."""
    (folder / "seedcore" / "utils").mkdir(parents=True, exist_ok=True)
    for package in packages:
        (folder / package / "__init__.py").write_text("")
    (folder / "seedcore" / "api.py").write_text("OWN = 'application'\n")
    return folder


def python(
    path: list[Path], *words: str, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a Python that knows these folders and the standard library, and nothing else."""
    command = [sys.executable, "-S", *words]
    env = {**ENVIRONMENT, "PYTHONPATH": ":".join(map(str, path))}
    return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True)


def test_wheel_has_the_one_file_and_no_package_of_its_own(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == {"seedcore/utils/ray_config.py", "seedcore/utils/py.typed"}


def test_wheel_needs_nothing(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith("METADATA"))
        lines = archive.read(name).decode().splitlines()
    needed = [line for line in lines if line.startswith("Requires-Dist")]
    assert all("extra ==" in line for line in needed)
    assert len(needed) == 2


def test_wheel_alone_works(site: Path) -> None:
    done = python([site], *CHECK)
    assert (done.returncode, done.stdout[:5]) == (0, "hint "), done.stderr
    assert "RIGHT (not connected): client" in done.stdout


@pytest.mark.parametrize("packages", [("seedcore",), ("seedcore", "seedcore/utils"), ()])
def test_wheel_stands_in_one_folder_with_an_application_of_the_same_name(
    site: Path, packages: tuple[str, ...]
) -> None:
    application(site, *packages)
    done = python([site], "-c", BOTH)
    assert done.stdout == "application client\n", done.stderr
    assert python([site], *CHECK).returncode == 0


def test_application_on_its_own_path_hides_the_wheel_and_takes_the_file_instead(
    site: Path, tmp_path: Path
) -> None:
    # given an application that is not installed beside it
    own = application(tmp_path / "app", "seedcore")
    hidden = python([own, site], "-c", BOTH)
    assert "No module named 'seedcore.utils.ray_config'" in hidden.stderr
    # when
    shutil.copy(FILE, own / "seedcore" / "utils")
    # then
    done = python([own, site], "-c", BOTH)
    assert done.stdout == "application client\n", done.stderr
    assert python([own, site], *CHECK).returncode == 0


def test_one_file_works_under_any_name_and_as_a_script(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    shutil.copy(FILE, tmp_path / "team" / "ray_settings.py")
    as_module = python([tmp_path], "-m", "team.ray_settings", "check")
    as_script = python([], str(tmp_path / "team" / "ray_settings.py"), "check")
    assert (as_module.returncode, as_script.returncode) == (0, 0), as_module.stderr
    assert as_module.stdout == as_script.stdout
