"""What pip brings when it installs a project out of its folder."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.python.built_project import BuiltProject, built_project
from dockerslim.languages.python.setup_script import read_setup_script

HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
SETUPTOOLS = '[build-system]\nrequires = ["setuptools>=64", "wheel"]\nbuild-backend = "setuptools.build_meta"\n'
PROJECT = '[project]\nname = "demo"\nversion = "1"\n'
DEPENDS = 'dependencies = ["Flask[async]>=3", "pywin32; sys_platform == \'win32\'"]\n'
SETUP = "from setuptools import setup, find_packages\n"


def built(files: dict[str, str], folder: str = "", extras: tuple[str, ...] = ()) -> BuiltProject:
    return built_project(BuildContext.in_memory(files), folder, extras)


@pytest.mark.parametrize(
    ("files", "extras", "names"),
    [
        ({"pyproject.toml": HATCH + PROJECT + DEPENDS}, (), ("flask[async]",)),
        ({"pyproject.toml": PROJECT + DEPENDS}, (), ("flask[async]",)),
        ({"pyproject.toml": HATCH + PROJECT}, (), ()),
        (
            {"pyproject.toml": PROJECT + '[project.optional-dependencies]\nprod = ["gunicorn"]\n'},
            ("prod",),
            ("gunicorn",),
        ),
        (
            {
                "pyproject.toml": '[build-system]\nrequires = ["poetry-core"]\n'
                'build-backend = "poetry.core.masonry.api"\n[tool.poetry.dependencies]\npython = "*"\nflask = "*"\n'
            },
            (),
            ("flask",),
        ),
        (
            {
                "pyproject.toml": SETUPTOOLS
                + PROJECT
                + 'dynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["base.txt"] }\n',
                "base.txt": "flask\n",
            },
            (),
            ("flask",),
        ),
        (
            {"pyproject.toml": SETUPTOOLS, "setup.cfg": "[options]\ninstall_requires =\n  flask\n  # no\n"},
            (),
            ("flask",),
        ),
        ({"setup.py": SETUP + "setup(packages=find_packages(), install_requires=['flask'])\n"}, (), ("flask",)),
        ({"setup.py": SETUP + "needs = ['flask']\nsetup(install_requires=needs)\n"}, (), ("flask",)),
        ({"setup.py": SETUP + "setup(extras_require={'prod': ['gunicorn']})\n"}, ("prod",), ("gunicorn",)),
        (
            {"setup.py": SETUP + "with open('README.md') as f:\n    text = f.read()\nsetup(long_description=text)\n"},
            (),
            (),
        ),
        (
            {"setup.py": SETUP + "setup()\n", "setup.cfg": "[options.extras_require]\nprod = gunicorn\n"},
            ("prod",),
            ("gunicorn",),
        ),
    ],
)
def test_what_it_brings(files: dict[str, str], extras: tuple[str, ...], names: tuple[str, ...]) -> None:
    found = built(files, extras=extras)

    assert (found.distributions, found.unknown) == (names, "")


def test_a_folder() -> None:
    assert built({"lib/pyproject.toml": PROJECT + DEPENDS}, "lib").distributions == ("flask[async]",)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "`.` is no project of Python in the build context"),
        ({"pyproject.toml": "["}, "pyproject.toml can't be read"),
        (
            {"pyproject.toml": '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n'},
            "what `maturin` does when it builds is not known",
        ),
        (
            {"pyproject.toml": SETUPTOOLS.replace('"wheel"', '"Cython>=3"') + PROJECT},
            "`Cython` takes part in building it",
        ),
        (
            {"pyproject.toml": HATCH + PROJECT + "[tool.hatch.build.hooks.custom]\npath = 'x'\n"},
            "`tool.hatch.build.hooks` makes files when it is built",
        ),
        (
            {"pyproject.toml": HATCH + PROJECT + "[tool.hatch.build.targets.wheel.shared-data]\nx = 'etc/x'\n"},
            "`tool.hatch.build.targets.wheel.shared-data` installs files outside its packages",
        ),
        ({"setup.py": SETUP + "setup(ext_modules=[])\n"}, "`ext_modules` of setup.py does more than pack the source"),
        ({"setup.py": SETUP + "setup(data_files=[])\n"}, "`data_files` of setup.py does more than pack the source"),
        ({"setup.py": SETUP + "setup(**settings)\n"}, "setup.py computes what it hands to `setup`"),
        ({"setup.py": "import subprocess\nsubprocess.run(['make'])\n"}, "what setup.py does is not known"),
        ({"setup.py": SETUP + "class Build(build_py):\n    pass\nsetup()\n"}, "what setup.py does is not known"),
        ({"setup.py": SETUP + "setup(\n"}, "setup.py can't be read"),
        ({"setup.py": ""}, "what setup.py does is not known"),
        (
            {"setup.py": SETUP + "needs = open('r.txt').read().splitlines()\nsetup(install_requires=needs)\n"},
            "what setup.py depends on is computed",
        ),
        ({"setup.py": SETUP + "setup()\n", "setup.cfg": "x = 1\n"}, "setup.cfg can't be read"),
        (
            {"setup.py": SETUP + "setup()\n", "setup.cfg": "[options]\ninstall_requires = file: r.txt\n"},
            "what setup.cfg depends on is in another file",
        ),
        (
            {
                "pyproject.toml": PROJECT
                + 'dynamic = ["dependencies"]\n[tool.setuptools.dynamic]\ndependencies = { file = ["gone.txt"] }\n'
            },
            "`gone.txt` can't be read",
        ),
    ],
)
def test_what_can_not_be_told(files: dict[str, str], reason: str) -> None:
    assert built(files).unknown == reason


def test_an_extra_that_is_not_there() -> None:
    assert built({"pyproject.toml": PROJECT}, extras=("x",)).unknown == "what the extra `x` brings is not known"


@pytest.mark.parametrize(
    ("files", "links"), [({"pyproject.toml": HATCH + PROJECT}, True), ({"pyproject.toml": PROJECT}, False)]
)
def test_only_a_build_backend_that_is_named_links_by_the_standard(files: dict[str, str], links: bool) -> None:
    assert built(files).links_by_standard is links


@pytest.mark.parametrize(
    ("script", "programs"),
    [
        (SETUP + "setup(entry_points={'console_scripts': ['a = b.c:main', 'x=y:z']})\n", {"a": "b.c:main", "x": "y:z"}),
        (SETUP + "points = {'console_scripts': ('a=b:c',)}\nsetup(entry_points=points)\n", {"a": "b:c"}),
        (SETUP + "setup(entry_points=points())\n", {}),
        (SETUP + "setup(entry_points='[console_scripts]')\n", {}),
        (SETUP + "setup()\n", {}),
    ],
)
def test_the_programs_of_a_setup_script(script: str, programs: dict[str, str]) -> None:
    context = BuildContext.in_memory({"setup.py": script})

    assert read_setup_script(context, "setup.py").console_scripts == programs
