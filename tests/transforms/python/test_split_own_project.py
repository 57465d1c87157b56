"""Splits of images whose project pip itself installs, out of its folder."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.python.rewriting import Rewritten, rewrite
from tests.transforms.rewriting import rewrite as rewrite_all

PYPROJECT = (
    '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    '[project]\nname = "demo"\nversion = "1"\ndependencies = ["flask"]\n'
    '[project.scripts]\ndemo = "demo.main:main"\n'
)
PROJECT = {"pyproject.toml": PYPROJECT, "demo/__init__.py": "", "demo/main.py": "import flask\ndef main(): ...\n"}
SETUP = "from setuptools import setup\nsetup(packages=['demo'], install_requires=['flask'])\n"
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CMD = 'CMD ["demo"]\n'


def split(text: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("split-stages", text, files or PROJECT, **options)  # type: ignore[arg-type]


def naive(install: str, base: str = "python:3.12", copy: str = "COPY . .\n") -> str:
    return f"FROM {base}\nWORKDIR /app\n{copy}RUN {install}\n{CMD}"


@pytest.mark.parametrize(
    "install", ["pip install .", "pip install --no-cache-dir ./", "pip install /app", "pip install -e ."]
)
def test_the_project_is_built_in_its_stage_and_its_files_are_in_both(install: str) -> None:
    got = split(naive(install))

    assert got.reasons == ()
    assert got.text == (
        f"FROM python:3.12 AS build\nWORKDIR /app\n{VENV}COPY . .\nRUN {install}\n\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )


def test_what_it_depends_on_brings_its_library() -> None:
    files = {**PROJECT, "pyproject.toml": PYPROJECT.replace('"flask"', '"psycopg2"')}

    got = split(naive("pip install .", "python:3.12-bookworm"), files)

    assert "libpq5" in got.text


def test_requirements_and_the_project() -> None:
    files = {**PROJECT, "requirements.txt": "gunicorn\n"}
    text = (
        "FROM python:3.12\nWORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
        f"COPY . .\nRUN pip install .\n{CMD}"
    )

    got = split(text, files)

    assert got.text == (
        f"FROM python:3.12 AS build\nWORKDIR /app\n{VENV}COPY requirements.txt ./\n"
        "RUN pip install -r requirements.txt\nCOPY . .\nRUN pip install .\n\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )


def test_a_setup_script_that_only_describes() -> None:
    files = {"setup.py": SETUP, "demo/__init__.py": "", "demo/__main__.py": "import flask\n"}

    got = split(naive("pip install .").replace(CMD, 'CMD ["python", "-m", "demo"]\n'), files)

    assert got.reasons == ()
    assert "\nFROM python:3.12-slim\n" in got.text


def test_a_program_of_a_setup_script_runs_as_another_user() -> None:
    script = SETUP.replace("'flask']", "'flask'], entry_points={'console_scripts': ['demo=demo.main:main']}")
    files = {"setup.py": script, "demo/__init__.py": "", "demo/main.py": "import flask\ndef main(): ...\n"}

    got = rewrite_all("", naive("pip install ."), files)

    assert "USER 1000:1000\n" + CMD in got.text
    assert got.risks == ()


def test_a_packed_project_runs_on_distroless() -> None:
    text = naive("pip install .", "python:3.13-bookworm").replace(CMD, 'CMD ["python", "-m", "demo.main"]\n')

    assert split(text, options=Options(runtime="distroless")).reasons == ()
    linked = split(text.replace("install .", "install -e ."), options=Options(runtime="distroless"))
    assert linked.reasons == ("the project is installed as a link to its source",)


@pytest.mark.parametrize(
    ("install", "files", "why"),
    [
        ("pip install .[x]", PROJECT, ", and what the extra `x` brings is not known"),
        (
            "pip install .",
            {**PROJECT, "pyproject.toml": PYPROJECT.replace("hatchling.build", "maturin")},
            ", and what `maturin` does when it builds is not known",
        ),
        (
            "pip install -e .",
            {"setup.py": SETUP, "demo/__init__.py": ""},
            ", and the link to it may lie among the source",
        ),
        ("pip install ./other", PROJECT, ""),
        ("pip install ./demo-1.0-py3-none-any.whl", {**PROJECT, "demo-1.0-py3-none-any.whl": ""}, ""),
        ("pip install . -f ./wheels", {**PROJECT, "wheels/x.whl": ""}, ""),
    ],
)
def test_refuses_what_is_not_plainly_built(install: str, files: dict[str, str], why: str) -> None:
    text = naive(install)

    got = split(text, files)

    assert got.text == text
    source = install.split()[-1] if install.split()[-1].startswith((".", "/")) else "."
    source = "." if "-f" in install else source
    assert got.reasons == (f"`{source}` is installed from the source{why}",)


def test_refuses_an_editable_install_of_an_old_python() -> None:
    assert split(naive("pip install -e .", "python:3.6")).reasons == (
        "`.` is installed from the source, and the link to it may lie among the source",
    )


def test_does_nothing_on_a_slim_image_without_a_compiler() -> None:
    text = naive("pip install .", "python:3.12-slim")

    assert split(text).text == text


@pytest.mark.parametrize("folder", ["/tmp/src", "/src"])
@pytest.mark.parametrize("removal", [" && rm -rf {}\n", "\nRUN rm -rf {}\n"])
def test_source_that_is_removed_once_it_is_installed(folder: str, removal: str) -> None:
    install = f"COPY . {folder}\nRUN pip install {folder}{removal.format(folder)}"

    got = split(f"FROM python:3.12\n{install}WORKDIR /data\n{CMD}")

    assert got.reasons == ()
    assert folder in got.text
    assert got.text.split("\n\n")[1] == f"FROM python:3.12-slim\n{CARRIED}WORKDIR /data\n{CMD}"


def test_source_that_is_removed_in_part() -> None:
    got = split(f"FROM python:3.12\nCOPY . /src\nRUN pip install /src && rm -rf /src/demo\nWORKDIR /src\n{CMD}")

    assert "COPY . /src\n" in got.text.split("\n\n")[1]


def test_source_that_another_run_uses_before_it_is_removed() -> None:
    used = f"FROM python:3.12\nCOPY . /src\nRUN cp /src/demo/main.py /srv\nRUN pip install /src{{}}WORKDIR /data\n{CMD}"

    got = split(used.format(" && rm -rf /src\n"))
    assert got.reasons == ("the RUN that installs removes what a COPY brought, and a RUN between may use that",)
    apart = split(used.format("\nRUN rm -rf /src\n"))
    assert "COPY . /src\n" in apart.text.split("\n\n")[1]
    assert "RUN rm -rf /src\n" in apart.text.split("\n\n")[1]
