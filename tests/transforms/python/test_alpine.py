"""Alpine images of Python: what takes the place of development packages, and libraries that a compiler finds."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import Rewritten, rewrite

FILES = {"requirements.txt": "flask\n", "app.py": "import flask\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
CMD = 'CMD ["python", "app.py"]\n'


def split(packages: str, files: dict[str, str]) -> Rewritten:
    return rewrite("python/split-stages", f"FROM python:3.12-alpine3.20\nRUN apk add {packages}\n{INSTALL}{CMD}", files)


@pytest.mark.parametrize(
    ("packages", "left"),
    [
        ("build-base postgresql-dev", "libstdc++ libgcc libpq"),
        ("gcc musl-dev libffi-dev zlib-dev", "libffi zlib"),
        ("gcc gfortran openblas-dev hdf5-dev", "libgfortran openblas hdf5-dev"),
        ("gcc libwebp-dev tiff-dev bash", "libwebp-dev tiff bash"),
    ],
)
def test_libraries_take_the_place_of_what_builds(packages: str, left: str) -> None:
    got = split(packages, FILES)

    assert f"RUN apk add --no-cache {left}\n" in got.runtime


def test_packages_of_one_run_that_takes_them_out_again_gain_nothing_by_a_split() -> None:
    text = (
        "FROM python:3.12-alpine\nWORKDIR /app\nCOPY requirements.txt ./\n"
        "RUN apk add --no-cache --virtual .build-deps gcc musl-dev && pip install --no-cache-dir -r requirements.txt"
        f" && apk del .build-deps\nCOPY . .\n{CMD}"
    )

    got = rewrite("", text, FILES)

    assert got.text.count("FROM ") == 1
    assert "RUN --mount=type=cache,target=/root/.cache/pip \\\n" in got.text
    assert "pip install -r requirements.txt && apk del .build-deps\n" in got.text
    assert "USER 1000:1000\n" in got.text


@pytest.mark.parametrize(
    ("packages", "files", "name"),
    [
        ("build-base zbar", {"requirements.txt": "pyzbar\n", "app.py": "import pyzbar\n"}, "pyzbar"),
        ("gcc geos-dev gdal-dev", {"requirements.txt": "Django==5.0\n", "app.py": "import django\n"}, "django"),
        ("gcc", {**FILES, "app.py": "import ctypes.util\nctypes.util.find_library('sodium')\n"}, "sodium"),
    ],
)
def test_a_library_that_the_compiler_finds(packages: str, files: dict[str, str], name: str) -> None:
    got = split(packages, files)

    compiler = packages.partition(" ")[0]
    assert got.reasons == (f"`{name}` finds its library on Alpine by asking `{compiler}`",)


@pytest.mark.parametrize(
    ("packages", "files"),
    [
        ("gcc", {**FILES, "app.py": "import ctypes\nctypes.CDLL('libc.musl-x86_64.so.1')\n"}),
        ("linux-headers", {"requirements.txt": "pyzbar\n", "app.py": "import pyzbar\n"}),
        ("gcc libpq-dev", {"requirements.txt": "Django==5.0\n", "app.py": "import django\n"}),
    ],
)
def test_a_library_that_no_compiler_is_asked_for(packages: str, files: dict[str, str]) -> None:
    assert split(packages, files).reasons == ()
