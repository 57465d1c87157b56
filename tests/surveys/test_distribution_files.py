"""What a wheel, a source archive and a checkout say, each made here."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.surveys.distribution_files import statement
from tests.surveys.statement import Statement
from tests.surveys.test_elf import shared_object

METADATA = "Metadata-Version: 2.1\nName: foo\nRequires-Dist: click\nRequires-Dist: x; extra == 'y'\n"


def wheel(folder: Path, files: Mapping[str, bytes]) -> Statement | None:
    path = folder / "foo.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("foo-1.dist-info/METADATA", METADATA)
        for name, data in files.items():
            archive.writestr(name, data)
    return statement("Foo", path)


def sources(folder: Path, files: Mapping[str, str]) -> Statement | None:
    path = folder / "foo.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(f"foo-1/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return statement("Foo", path)


def test_a_wheel_of_python(tmp_path: Path) -> None:
    said = wheel(tmp_path, {"foo/__init__.py": b"x = 1", "foo/tests/test_x.py": b"import os\nos.system('git')"})

    assert said == Statement("foo", "its files", "pure", frozenset({"click"}))


def test_a_wheel_that_brings_its_libraries(tmp_path: Path) -> None:
    files = {
        "foo/_c.so": shared_object(("libbar-1234.so.5", "libstdc++.so.6", "libm.so.6", "ld-linux-x86-64.so.2")),
        "foo.libs/libbar-1234.so.5": shared_object(("libz.so.1",), "libbar-1234.so.5"),
    }
    said = wheel(tmp_path, files)

    assert said is not None
    assert said.verdict == "self-contained"


def test_a_wheel_that_needs_a_library(tmp_path: Path) -> None:
    said = wheel(tmp_path, {"cv2.so": shared_object(("libGL.so.1", "libglib-2.0.so.0", "libc.so.6"))})

    assert said is not None
    assert (said.verdict, said.why) == ("needs", "links libGL.so.1, links libglib-2.0.so.0")


def test_sources_of_python(tmp_path: Path) -> None:
    setup = "from setuptools import setup\nimport subprocess\nsubprocess.call(['git'])\nsetup(install_requires=['a>1'])"
    said = sources(tmp_path, {"setup.py": setup, "foo.py": "x = 1"})

    assert said == Statement("foo", "its files", "pure", frozenset({"a"}))


@pytest.mark.parametrize(
    ("setup", "verdict"),
    [
        ("setup(install_requires=[], ext_modules=[Extension('c', ['c.c'])])", "self-contained"),
        ("setup(install_requires=[], ext_modules=[Extension('c', ['c.c'], libraries=[])])", "self-contained"),
        (
            "setup(install_requires=[], ext_modules=[Extension('c', ['c.c'], extra_link_args=['-lm'])])",
            "self-contained",
        ),
        ("setup(install_requires=[], ext_modules=[Extension('c', ['c.c'], libraries=['ev'])])", "needs"),
        ("setup(install_requires=[], ext_modules=[Extension('c', ['c.c'], extra_link_args=['-lev'])])", "needs"),
        ("setup(install_requires=[], x=run('pkg-config'))", "needs"),
        ("setup(install_requires=read())", "needs"),
        ("setup(**settings)", "needs"),
    ],
)
def test_compiled_sources(tmp_path: Path, setup: str, verdict: str) -> None:
    said = sources(tmp_path, {"setup.py": setup, "c.c": "int x;", "foo.py": ""})

    assert said is not None
    assert said.verdict == verdict


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject.toml", "[project]\nname = 'foo'\ndependencies = ['A', \"b; sys_platform == 'win32'\"]"),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\npython = '^3'\na = '*'\nc = { version = '1', optional = true }",
        ),
        ("setup.cfg", "[options]\ninstall_requires =\n    a>=1\n"),
        ("setup.py", "wanted = ['a']\nsetup(install_requires=wanted)"),
    ],
)
def test_a_checkout(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "foo.py").write_text("x = 1")

    assert statement("foo", tmp_path) == Statement("foo", "its files", "pure", frozenset({"a"}))


def test_what_cant_be_read(tmp_path: Path) -> None:
    (tmp_path / "foo.whl").write_bytes(b"no archive")

    assert statement("foo", tmp_path / "foo.whl") is None
    assert statement("foo", tmp_path / "missing.tar.gz") is None
