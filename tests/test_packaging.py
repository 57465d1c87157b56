"""What is built holds all that is needed, and finds it wherever it lies."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from dockerslim.engine.registry import load
from dockerslim.locate import catalogue_folder

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "fixtures" / "go" / "static-http"

PROGRAM = """
import sys
checkout, packages = sys.argv[1:3]
sys.path = [path for path in sys.path if path != checkout]
sys.argv[:3] = ["dockerslim"]
import dockerslim
assert dockerslim.__file__.startswith(packages), dockerslim.__file__
from dockerslim.cli import main
main()
"""

pytest.importorskip("hatchling")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("built")
    for target in ("wheel", "sdist"):
        subprocess.run(
            [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)],
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
    return folder


def catalogue_files() -> set[str]:
    """Transforms and templates, as in `transforms/go/split_stages.py`."""
    folders = [catalogue_folder("transforms"), catalogue_folder("templates")]
    paths = {path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    return {path.relative_to(ROOT).as_posix() for path in paths}


def data_files() -> set[str]:
    """Tables that the package reads."""
    paths = (path for kind in ("*.toml", "*.txt") for path in (ROOT / "dockerslim").rglob(kind))
    return {path.relative_to(ROOT).as_posix() for path in paths}


def test_wheel_holds_the_catalogue_inside_the_package(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {f"dockerslim/{name}" for name in catalogue_files()} <= names
    assert data_files() <= names
    assert "dockerslim/py.typed" in names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"dockerslim"}


def test_source_distribution_holds_it_beside_the_package(built: Path) -> None:
    [archive] = built.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = {name.partition("/")[2] for name in tar.getnames()}

    assert catalogue_files() <= names
    assert data_files() <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "Makefile", "fixtures/go/static-http/before.Dockerfile"} <= names
    assert "tests/test_packaging.py" in names


def test_the_wheel_works_where_the_checkout_is_not(built: Path, tmp_path: Path) -> None:
    [wheel] = built.glob("*.whl")
    venv.create(tmp_path / "venv", with_pip=False, symlinks=os.name != "nt")
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    packages = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
    )
    zipfile.ZipFile(wheel).extractall(packages)
    # The dependencies are those of this environment; a .pth would run its editable installs, so only the path is given.
    dependencies = os.pathsep.join(p for p in [*site.getsitepackages(), *sys.path] if p.endswith("site-packages"))
    project = tmp_path / "project"
    project.mkdir()
    (project / "Dockerfile").write_bytes((FIXTURE / "before.Dockerfile").read_bytes())
    environment = {**os.environ, "PYTHONPATH": dependencies}

    def run(*arguments: str) -> str:
        command = [str(python), "-P", "-c", PROGRAM, str(ROOT), str(packages), *arguments]
        done = subprocess.run(command, cwd=project, env=environment, check=True, capture_output=True, text=True)
        return str(done.stdout)

    assert [line.split()[0] for line in run("list").splitlines()] == [transform.name for transform in load()]
    context = str(FIXTURE / "context")
    assert "+FROM gcr.io/distroless/static" in run("fix", "--context", context), "the templates are not found"
    assert run("--version").startswith("dockerslim ")


def test_a_checkout_works_from_another_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "dockerslim", "list"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert len(done.stdout.splitlines()) == len(load())
