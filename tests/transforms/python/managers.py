"""Projects of uv, Poetry, pipenv and PDM as they lie in a build context, for the tests of the transforms."""

from __future__ import annotations

APP = {"app.py": "import flask\n"}

PROJECT = '[project]\nname = "demo"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = ["flask"]\n'
HATCHLING = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
UV_LOCK = (
    'version = 1\nrequires-python = ">=3.11"\n\n[[package]]\nname = "demo"\nversion = "0.1.0"\n'
    'source = { virtual = "." }\ndependencies = [{ name = "flask" }]\n\n'
    '[package.metadata]\nrequires-dist = [{ name = "flask" }]\n\n'
    '[[package]]\nname = "flask"\nversion = "3.0.3"\nsource = { registry = "https://pypi.org/simple" }\n'
)
UV = {**APP, "pyproject.toml": PROJECT, "uv.lock": UV_LOCK}
UV_PACKAGE = {**APP, "pyproject.toml": PROJECT + HATCHLING, "uv.lock": UV_LOCK.replace("virtual", "editable")}

WORKSPACE = {
    "pyproject.toml": PROJECT.replace('"flask"', '"flask", "common"')
    + '[tool.uv.sources]\ncommon = { workspace = true }\n[tool.uv.workspace]\nmembers = ["libs/*"]\n',
    "uv.lock": UV_LOCK.replace(
        'dependencies = [{ name = "flask" }]', 'dependencies = [{ name = "flask" }, { name = "common" }]', 1
    )
    + '\n[[package]]\nname = "common"\nversion = "1"\nsource = { editable = "libs/common" }\n',
    "app.py": "import flask\nimport common\n",
    "libs/common/pyproject.toml": '[project]\nname = "common"\nversion = "1"\n' + HATCHLING,
    "libs/common/common/__init__.py": "",
}

POETRY_PROJECT = '[tool.poetry]\nname = "demo"\nversion = "0.1.0"\n[tool.poetry.dependencies]\nflask = "*"\n'
POETRY_CORE = '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n'
POETRY_LOCK = (
    '[[package]]\nname = "flask"\nversion = "3.0.3"\ngroups = ["main"]\n'
    'files = [{file = "flask-3.0.3-py3-none-any.whl", hash = "sha256:00"}]\n'
)
POETRY_PACKAGE = {**APP, "pyproject.toml": POETRY_PROJECT + POETRY_CORE, "poetry.lock": POETRY_LOCK}
POETRY = {
    **POETRY_PACKAGE,
    "pyproject.toml": POETRY_PROJECT.replace("[tool.poetry.dep", "package-mode = false\n[tool.poetry.dep"),
}

PIPENV = {
    **APP,
    "Pipfile": '[packages]\nflask = "*"\n[requires]\npython_version = "3.12"\n',
    "Pipfile.lock": '{"default": {"flask": {}}, "develop": {"seldom-seen": {}}}\n',
}
PDM = {
    **APP,
    "pyproject.toml": PROJECT + "[tool.pdm]\ndistribution = false\n",
    "pdm.lock": '[[package]]\nname = "flask"\nversion = "3.0.3"\ngroups = ["default"]\n',
}


def with_package(lock: str, *names: str, wheel: str = "") -> str:
    """A lock file of Poetry with more packages of the main group, each with a wheel of that kind, or without one."""
    for name in names:
        files = f'files = [{{file = "{name}-1.0-{wheel}.whl", hash = "sha256:00"}}]\n' if wheel else ""
        lock += f'\n[[package]]\nname = "{name}"\nversion = "1.0"\ngroups = ["main"]\n{files}'
    return lock
