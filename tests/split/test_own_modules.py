"""The program of an image is found among the modules of the project that the image installs."""

from __future__ import annotations

import pytest

from tests.split.test_running_python import BESIDE, WRITES, running, written
from tests.transforms.rewriting import rewrite

HATCH = (
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.12"\ndependencies = []\n'
    '[project.scripts]\nshop = "shop.main:main"\n'
)
SETUPTOOLS = HATCH.replace("hatchling.build", "setuptools.build_meta").replace("hatchling", "setuptools")
LOCK = (
    'version = 1\nrequires-python = ">=3.12"\n[[package]]\nname = "shop"\nversion = "1"\nsource = { editable = "." }\n'
)
PACKAGE = {"src/shop/__init__.py": "", "src/shop/main.py": BESIDE, "src/shop/cwd.py": WRITES}
PROJECT = {"pyproject.toml": HATCH, "uv.lock": LOCK, **PACKAGE}
PACKAGES = "/usr/local/lib/python3.12/site-packages/shop"


def installed(install: str, command: str, folder: str = "/app") -> str:
    return f"FROM python:3.12\nWORKDIR {folder}\nCOPY . .\n{install}CMD {command}\n"


@pytest.mark.parametrize(
    ("install", "path"),
    [
        ("RUN pip install .\n", f"{PACKAGES}/state.db"),
        ("RUN pip install -e .\n", "/app/src/shop/state.db"),
        ("RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nRUN pip install .\n", None),
        ("RUN pip install uv && uv sync --frozen\n", "/app/src/shop/state.db"),
        (
            "RUN pip install uv && uv sync --frozen --no-editable\n",
            "/app/.venv/lib/python3.12/site-packages/shop/state.db",
        ),
    ],
)
@pytest.mark.parametrize("command", ["uvicorn shop.main:app", "gunicorn shop.main:app", "python -m shop.main", "shop"])
def test_a_module_below_src(install: str, path: str | None, command: str) -> None:
    expected = path or "/opt/venv/lib/python3.12/site-packages/shop/state.db"

    assert written(installed(install, command), PROJECT) == (expected,)


@pytest.mark.parametrize(
    "settings",
    [
        '[tool.setuptools.packages.find]\nwhere = ["lib"]\n',
        '[tool.setuptools.package-dir]\n"" = "lib"\n',
    ],
)
def test_a_folder_that_the_manifest_names(settings: str) -> None:
    files = {"pyproject.toml": SETUPTOOLS + settings, "lib/shop/__init__.py": "", "lib/shop/main.py": WRITES}

    assert written(installed("RUN pip install .\n", "python -m shop.main"), files) == ("/app/log.txt",)


def test_what_the_working_folder_has_comes_first() -> None:
    files = {"pyproject.toml": HATCH, "shop/__init__.py": "", "shop/main.py": BESIDE}
    text = installed("RUN pip install .\n", "{}")

    assert written(text.format("python -m shop.main"), files) == ("/app/shop/state.db",)
    assert written(text.format("shop"), files) == (f"{PACKAGES}/state.db",)


def test_a_package_whose_source_is_not_there_any_more() -> None:
    text = "FROM python:3.12\nCOPY . /src\nRUN pip install /src && rm -rf /src\nWORKDIR /data\nCMD shop\n"
    files = {"pyproject.toml": HATCH, "shop/__init__.py": "", "shop/main.py": WRITES}

    assert written(text, files) == ("/data/log.txt",)


def test_an_environment_that_is_copied_from_another_stage() -> None:
    text = (
        "FROM python:3.12 AS build\nRUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nWORKDIR /src\n"
        "COPY . .\nRUN pip install .\n\nFROM python:3.12-slim\nCOPY --from=build /opt/venv /opt/venv\n"
        "ENV PATH=/opt/venv/bin:$PATH\nWORKDIR /data\nCMD python -m shop.cwd\n"
    )

    assert written(text, PROJECT) == ("/data/log.txt",)
    found = running(text.replace("COPY --from=build /opt/venv /opt/venv\n", ""), PROJECT)
    assert found is not None
    assert found.unknown


@pytest.mark.parametrize(
    "install",
    ["", "RUN pip install --target /lib .\n", "RUN pip install uv && uv sync --frozen --no-install-project\n"],
)
def test_not_where_the_project_is_not_installed(install: str) -> None:
    found = running(installed(install, "python -m shop.main"), PROJECT)

    assert found is not None
    assert found.unknown == ("what `python` writes is not known: `shop.main` is not known",)


def test_such_a_program_runs_as_another_user() -> None:
    files = {**PROJECT, "src/shop/main.py": "def main(): ...\n"}

    got = rewrite("", installed("RUN pip install .\n", '["uvicorn", "shop.main:app"]'), files)

    assert 'USER 1000:1000\nCMD ["uvicorn", "shop.main:app"]\n' in got.text
    assert got.risks == ()
