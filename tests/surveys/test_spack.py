"""What Spack's recipes say, from recipes made here."""

from __future__ import annotations

import pytest

from tests.surveys.spack import statement

START = "class PyFoo(PythonPackage):\n    pypi = 'Foo.Bar/Foo.Bar-1.0.tar.gz'\n"


@pytest.mark.parametrize(
    ("lines", "verdict", "requires"),
    [
        ("", "pure", set()),
        ("depends_on('py-setuptools', type='build')", "pure", set()),
        ("depends_on('py-flask@1:', type=('build', 'run'))", "pure", {"flask"}),
        ("with default_args(type=('build', 'run')):\n        depends_on('py-a')", "pure", {"a"}),
        ("depends_on('cxx', type='build')", "self-contained", set()),
        ("depends_on('pil', type=('build', 'run'))", "pure", {"pillow"}),
        ("depends_on('zlib-api')", "pure", set()),
        ("depends_on('libmagic', when='platform=windows')", "pure", set()),
        ("depends_on('cmake', type='build')", "pure", set()),
    ],
)
def test_clean(lines: str, verdict: str, requires: set[str]) -> None:
    said = statement(f"{START}    {lines}\n")

    assert said is not None
    assert said.name == "foo-bar"
    assert said.verdict == verdict
    assert said.requires == requires


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ("depends_on('graphviz')", "graphviz"),
        ("depends_on('git@2:', type='run')", "git"),
        ("depends_on(what)", "what is computed"),
        ("depends_on(f'libmagic@{version}')", "libmagic"),
        ("for each in ('a', 'b'):\n        depends_on('hdf5' + each)", "what is computed"),
        ("with when('+x'):\n        depends_on('gdal')", "gdal"),
    ],
)
def test_needs(lines: str, why: str) -> None:
    said = statement(f"{START}    {lines}\n")

    assert said is not None
    assert (said.verdict, said.why) == ("needs", why)


@pytest.mark.parametrize(
    "recipe", ["", "class (", "class PyFoo(CMakePackage): ...", "class PyFoo(PythonPackage):\n    git = 'x'\n"]
)
def test_nothing_said(recipe: str) -> None:
    assert statement(recipe) is None
