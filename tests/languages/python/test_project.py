"""Which tool installs a project, and what that brings."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.installed import from_requirements, installed_distributions
from dockerslim.languages.python.project import detect


@pytest.mark.parametrize(
    ("files", "manager"),
    [
        ({"requirements.txt": ""}, "pip"),
        ({"setup.py": ""}, "pip"),
        ({"app.py": ""}, "pip"),
        ({"pyproject.toml": "[project]\nname='x'\n"}, "pip"),
        ({"pyproject.toml": "[tool.poetry]\n"}, "poetry"),
        ({"pyproject.toml": "[tool.uv]\n"}, "uv"),
        ({"pyproject.toml": "", "uv.lock": ""}, "uv"),
        ({"pyproject.toml": "", "poetry.lock": ""}, "poetry"),
        ({"pyproject.toml": "", "pdm.lock": ""}, "pdm"),
        ({"Pipfile": ""}, "pipenv"),
        ({"environment.yml": ""}, "conda"),
        ({"environment.yml": "", "requirements.txt": ""}, "pip"),
        ({"pyproject.toml": "[[["}, "pip"),
    ],
)
def test_manager(files: dict[str, str], manager: str) -> None:
    project = detect(BuildContext.in_memory(files))

    assert project is not None
    assert project.manager == manager


def test_nothing_of_python() -> None:
    assert detect(BuildContext.in_memory({"main.go": "", "sub/app.py": ""})) is None


def test_files_of_a_project_in_a_folder() -> None:
    context = BuildContext.in_memory(
        {
            "api/requirements.txt": "",
            "api/requirements-dev.txt": "",
            "api/dev-requirements.txt": "",
            "api/requirements/prod.txt": "",
            "api/notes.txt": "",
            "api/deep/er/requirements.txt": "",
            "api/.python-version": "3.12.4\n",
            "api/setup.cfg": "",
        }
    )

    project = detect(context, "api/")

    assert project is not None
    assert project.requirement_files[0] == "api/requirements.txt"
    assert set(project.requirement_files) == {
        "api/requirements.txt",
        "api/requirements-dev.txt",
        "api/dev-requirements.txt",
        "api/requirements/prod.txt",
    }
    assert (project.python_version, project.setup_files) == ("3.12", ("api/setup.cfg",))


def installed(files: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    context = BuildContext.in_memory(files)
    project = detect(context)
    assert project is not None
    found = installed_distributions(context, project)
    return found.direct, found.indirect, found.is_complete


def test_requirements() -> None:
    assert installed({"requirements.txt": "flask\npsycopg[binary]\n"}) == (("flask", "psycopg[binary]"), (), False)


def test_compiled_requirements_are_complete() -> None:
    context = BuildContext.in_memory({"r.txt": "flask==2\n    # via -r x.in\nwerkzeug==2\n    # via flask\n"})

    found = from_requirements(context, ["r.txt"])

    assert (found.names, found.is_complete) == (("flask", "werkzeug"), True)


def test_poetry_lock_without_development_groups() -> None:
    lock = (
        '[[package]]\nname = "flask"\ngroups = ["main"]\n[[package]]\nname = "Werkzeug"\n'
        '[[package]]\nname = "pytest"\ngroups = ["dev"]\n[[package]]\nname = "black"\ncategory = "dev"\n'
    )
    pyproject = '[tool.poetry.dependencies]\npython = "^3.11"\nflask = {version = "*", extras = ["async"]}\n'

    assert installed({"pyproject.toml": pyproject, "poetry.lock": lock}) == (("flask[async]",), ("werkzeug",), True)


def test_uv_lock_is_walked_from_the_project() -> None:
    lock = """
[[package]]
name = "app"
source = { virtual = "." }
dependencies = [{ name = "fastapi", extra = ["standard"] }, { name = "pywin32", marker = "sys_platform == 'win32'" }]
[package.dev-dependencies]
dev = [{ name = "playwright" }]
[[package]]
name = "fastapi"
dependencies = [{ name = "starlette" }]
[package.optional-dependencies]
standard = [{ name = "uvicorn" }]
all = [{ name = "orjson" }]
[[package]]
name = "starlette"
[[package]]
name = "uvicorn"
[[package]]
name = "playwright"
"""
    pyproject = "[project]\ndependencies = ['fastapi[standard]', \"pywin32; sys_platform == 'win32'\"]\n"

    assert installed({"pyproject.toml": pyproject, "uv.lock": lock}) == (
        ("fastapi[standard]",),
        ("starlette", "uvicorn"),
        True,
    )


def test_pipfile_lock() -> None:
    lock = json.dumps({"default": {"flask": {}, "psycopg": {"extras": ["binary"]}}, "develop": {"pytest": {}}})

    assert installed({"Pipfile": "[packages]\nflask='*'\n", "Pipfile.lock": lock}) == (
        ("flask",),
        ("psycopg[binary]",),
        True,
    )


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock"])
@pytest.mark.parametrize(
    "text", ["[" * 100_000, "package = 1", '{"default": 1}', "[[package]]\nname = 1", "\0", "null"]
)
def test_a_broken_lock_is_no_lock(name: str, text: str) -> None:
    files = {"pyproject.toml": "", name: text} if name != "Pipfile.lock" else {"Pipfile": "", name: text}

    assert installed(files)[0] == ()


@given(st.text(), st.sampled_from(["uv.lock", "poetry.lock", "Pipfile", "pyproject.toml", "requirements.txt"]))
def test_never_raises(text: str, name: str) -> None:
    context = BuildContext.in_memory({name: text.encode("utf-8", "replace"), "app.py": ""})
    project = detect(context)

    assert project is not None
    installed_distributions(context, project)
