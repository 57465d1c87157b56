"""What Debian's indexes say, from indexes made here."""

from __future__ import annotations

import pytest

from tests.surveys.debian import distributions, packages, statements
from tests.surveys.statement import Statement

INDEX = """\
Package: python3-flask-login
Architecture: all
Depends: python3-flask (>= 1.0.4), python3-werkzeug, python3:any
Suggests: python-flask-login-doc

Package: python3-magic
Architecture: all
Depends: python3:any, libmagic1t64 | libmagic1

Package: python3-radix
Architecture: amd64
Depends: libc6 (>= 2.14), python3 (<< 3.14), python3 (>= 3.13~)
Description: a tree
 Depends: nothing on a line that goes on

Package: python3-git
Architecture: all
Depends: git (>= 1:1.7), python3:any

Package: python3-fsspec
Architecture: all
Depends: python3:any
Suggests: git, ffmpeg

Package: python3-tktreectrl
Architecture: all
Depends: python3-tk, python3:any

Package: python3-matplotlib-thing
Architecture: all
Depends: python3-numpy-abi9, python3-tz, python3-unnamed, fonts-dejavu-core, python3:any

Package: python3-numpy
Architecture: amd64
Provides: python3-numpy-abi9
Depends: libblas3 | libblas.so.3, libc6

Package: tool
Architecture: all
Depends: python3:any
"""
NAMES = """\
Flask_Login python3-flask-login
flask python3-flask
Werkzeug python3-werkzeug
python_magic python3-magic
py_radix python3-radix
GitPython python3-git
fsspec python3-fsspec
TkTreectrl python3-tktreectrl
matplotlib.thing python3-matplotlib-thing
numpy python3-numpy
tool tool
argparse python3 (>= 3.2)
"""


@pytest.fixture(name="said")
def _said() -> dict[str, Statement]:
    found = statements("Debian trixie", packages(INDEX), distributions(NAMES), {"git"})
    return {each.name: each for each in found}


def test_python_alone(said: dict[str, Statement]) -> None:
    assert said["flask-login"].verdict == "pure"
    assert said["flask-login"].requires == {"flask", "werkzeug"}


def test_compiled_and_linked_with_libc(said: dict[str, Statement]) -> None:
    assert said["py-radix"].verdict == "self-contained"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("python-magic", "libmagic1t64"),
        ("gitpython", "git"),
        ("fsspec", "git"),
        ("tktreectrl", "python3-tk"),
        ("numpy", "libblas3"),
    ],
)
def test_needs(said: dict[str, Statement], name: str, why: str) -> None:
    assert (said[name].verdict, said[name].why) == ("needs", why)


def test_a_package_that_another_provides_and_one_without_a_name(said: dict[str, Statement]) -> None:
    assert said["matplotlib-thing"].requires == {"numpy", "pytz", "python3-unnamed"}


def test_programs_and_what_isnt_shipped_are_left_out(said: dict[str, Statement]) -> None:
    assert said.keys().isdisjoint({"tool", "flask", "argparse"})
