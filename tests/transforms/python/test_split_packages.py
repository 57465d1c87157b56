"""The packages of the operating system that the runtime stage gets, and those that it does not."""

from __future__ import annotations

import pytest

from tests.transforms.python.splitting import (
    APP,
    BUILD,
    CARRIED,
    CMD,
    INSTALL,
    VENV,
    apt,
    in_app,
    split,
    with_requirements,
)


@pytest.mark.parametrize(
    ("requirements", "base", "packages"),
    [
        ("psycopg2\n", "python:3.12", ("libpq5",)),
        ("psycopg2-binary\nnumpy\n", "python:3.12", ()),
        ("mysqlclient\n", "python:3.12-bookworm", ("libmariadb3",)),
        ("opencv-python\n", "python:3.12-trixie", ("libgl1", "libglib2.0-0t64")),
        ("gitpython\n", "python:3.12", ("git",)),
    ],
)
def test_libraries_that_no_apt_line_gives_away(requirements: str, base: str, packages: tuple[str, ...]) -> None:
    got = split(f"FROM {base}\n{INSTALL}{CMD}", with_requirements(requirements))

    runtime = got.text.partition("\n\n")[2]
    assert (apt(*packages) if packages else "COPY --from") + ("COPY --from" if packages else "") in runtime
    assert ("apt-get" in runtime) == bool(packages)


@pytest.mark.parametrize(
    ("run", "packages", "lean"),
    [
        ("RUN apt-get update && apt-get install -y gcc libpq-dev", ("libpq5",), True),
        ("RUN apt-get update && apt-get install -y --no-install-recommends gcc ffmpeg", ("ffmpeg",), True),
        ("RUN apt-get update && apt-get install -y gcc ffmpeg", ("ffmpeg",), False),
        ("RUN apt-get update\nRUN apt-get install -y build-essential libxml2-dev", ("libxml2",), True),
        (
            "RUN apt-get update && apt-get install -y netcat-traditional gcc python3-dev musl-dev",
            ("netcat-traditional",),
            False,
        ),
    ],
)
def test_build_packages_leave_their_libraries(run: str, packages: tuple[str, ...], lean: bool) -> None:
    got = split(f"FROM python:3.12-slim-bookworm\n{run}\n{INSTALL}{CMD}")

    assert got.text == (
        f"FROM python:3.12-slim-bookworm AS build\n{run}\n{BUILD}\nFROM python:3.12-slim-bookworm\n"
        f"{apt(*packages, lean=lean)}WORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )


def test_compilers_alone_leave_nothing() -> None:
    got = split("FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc\n" + INSTALL + CMD)

    assert "apt-get" not in got.text.partition("\n\n")[2]


def test_openmp_comes_with_the_compiler() -> None:
    run = "RUN apt-get update && apt-get install -y gcc\n"

    got = split("FROM python:3.12-slim\n" + run + INSTALL + CMD, with_requirements("lightgbm\n"))

    assert apt("libgomp1") in got.text


def test_alpine() -> None:
    got = split("FROM python:3.12-alpine3.20\nRUN apk add --no-cache build-base postgresql-dev\n" + INSTALL + CMD)

    assert got.text == (
        "FROM python:3.12-alpine3.20 AS build\nRUN apk add --no-cache build-base postgresql-dev\n" + BUILD + "\n"
        "FROM python:3.12-alpine3.20\nRUN apk add --no-cache libstdc++ libgcc libpq\nWORKDIR /app\n"
        + CARRIED
        + "COPY . .\n"
        + CMD
    )


def test_packages_for_running_move_as_they_stand() -> None:
    run = "# draws the maps\nRUN apt-get update && apt-get install -y graphviz && rm -rf /var/lib/apt/lists/*\n"

    got = split("FROM python:3.12\n" + run + INSTALL + CMD)

    assert got.text == (
        "FROM python:3.12 AS build\n"
        + BUILD
        + "\nFROM python:3.12-slim\n"
        + run
        + "WORKDIR /app\n"
        + CARRIED
        + "COPY . .\n"
        + CMD
    )


def test_packages_and_python_packages_in_one_run() -> None:
    run = "RUN apt-get update && apt-get install -y gcc libpq-dev && pip install psycopg2\n"

    got = split("FROM python:3.12-slim\n" + run + "COPY . /app\n" + CMD)

    assert got.text == (
        "FROM python:3.12-slim AS build\n"
        + VENV
        + run
        + "\nFROM python:3.12-slim\n"
        + apt("libpq5")
        + CARRIED
        + "COPY . /app\n"
        + CMD
    )


@pytest.mark.parametrize(
    ("more", "files", "package"),
    [
        ("HEALTHCHECK CMD curl -f http://localhost/ || exit 1\n", {}, "curl"),
        ("", {"app.py": "import subprocess\nsubprocess.run(['git', 'log'])\n"}, "git"),
        ("", {"app.py": "import os\nos.system('convert a b')\n"}, "imagemagick"),
        ("", {"app.py": "import mimetypes\n"}, "media-types"),
        ("", {"app.py": "import flask\napp = flask.Flask(__name__)\n", "static/a.woff2": ""}, "media-types"),
        (
            'ENTRYPOINT ["./start.sh"]\n',
            {"start.sh": '#!/bin/sh\nwhile ! wget -q db; do sleep 1; done\nexec "$@"\n'},
            "wget",
        ),
    ],
)
def test_programs_of_the_full_image_come_back(more: str, files: dict[str, str], package: str) -> None:
    got = split("FROM python:3.12\n" + INSTALL + more + CMD, {**APP, **files})

    assert apt(package) in got.text
    assert got.reasons == ()


def test_the_package_of_media_types_on_an_older_release() -> None:
    own = "RUN apt-get update && apt-get install -y ffmpeg\n"  # from a server that the author has found

    got = split(f"FROM python:3.8-buster\n{own}{INSTALL}{CMD}", {**APP, "app.py": "import mimetypes\n"})

    assert apt("mime-support") in got.text


def test_a_slim_image_never_had_media_types() -> None:
    text = "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc libpq-dev\n" + INSTALL + CMD

    got = split(text, {"requirements.txt": "psycopg2\n", "app.py": "import mimetypes\n"})

    assert "libpq5" in got.text
    assert "media-types" not in got.text


def test_git_goes_where_nothing_runs_it() -> None:
    run = "RUN apt-get update && apt-get install -y git\n"

    got = split("FROM python:3.12-slim\n" + run + INSTALL + CMD)

    assert "git" not in got.text.partition("\n\n")[2]


@pytest.mark.parametrize(
    "files",
    [
        with_requirements("gitpython\n"),
        {**APP, "app.py": "import os\nos.system('git log')\n"},
        {**APP, "app.py": "import subprocess\nsubprocess.run(command)\n"},
    ],
)
def test_git_stays_where_something_may_run_it(files: dict[str, str]) -> None:
    before = "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y git\n" + INSTALL + CMD

    got = split(before, files)

    assert got.text == before
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("base", "files", "reason"),
    [
        (
            "python:3.12",
            with_requirements("seldom-seen\nnever-seen\n"),
            "which libraries `never-seen`, `seldom-seen` need of the full image is not known",
        ),
        (
            "python:3.12",
            with_requirements("opencv-python\n"),
            "which packages `opencv-python` needs depends on the release",
        ),
        (
            "python:3.12",
            with_requirements("playwright\n"),
            "`playwright` can't be moved to a slim image: "
            "browsers are downloaded at build time and need many libraries",
        ),
        ("python:2.7", APP, "Python 2 has no `venv` module"),
        ("python:2", APP, "Python 2 has no `venv` module"),
        ("python:3.3", APP, "the `venv` module of Python 3.3 installs no pip"),
        (
            "python:3.7.2",
            {**APP, "app.py": "import mimetypes\n"},
            "`mime-support` would have to be installed, and the packages of stretch are no longer served",
        ),
        ("python:3.14-rc", APP, "no slim image is known for `python:3.14-rc`"),
        (
            "python:3.12",
            {**APP, "app.py": "import subprocess\nsubprocess.run(command)\n"},
            "the program runs another one that is computed (app.py:2)",
        ),
        (
            "python:3.12",
            {**APP, "app.py": "import subprocess\nsubprocess.run(['gcc', 'x.c'])\n"},
            "the program runs `gcc`, which is for building",
        ),
    ],
)
def test_refuses_what_the_full_image_may_hold(base: str, files: dict[str, str], reason: str) -> None:
    before = f"FROM {base}\n{INSTALL}{CMD}"

    got = split(before, files)

    assert got.text == before
    assert got.reasons == (reason,)


def test_refuses_a_package_whose_library_differs_between_releases() -> None:
    before = "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y libssl-dev\n" + INSTALL + CMD

    got = split(before)

    assert got.reasons == ("what `libssl-dev` leaves for the run time is not known on this release",)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('ctypes.CDLL("libmagic.so.1")', "`libmagic.so.1`, which the slim image does not have"),
        ('ctypes.util.find_library("pq")', "`pq`, which the slim image does not have"),
        ('ctypes.CDLL("libssl.so")', "`libssl.so`, which the slim image does not have"),
        ('ctypes.CDLL("/usr/lib/x86_64-linux-gnu/libxml2.so.2")', "`/usr/lib/x86_64-linux-gnu/libxml2.so.2`, which"),
        ("ctypes.CDLL(name)", "a shared library that is computed (app.py:2)"),
    ],
)
def test_refuses_a_library_that_slim_lacks(line: str, shown: str) -> None:
    got = split(f"FROM python:3.12\n{INSTALL}{CMD}", in_app(**{"app.py": f"import ctypes, ctypes.util\n{line}\n"}))

    assert len(got.reasons) == 1
    assert got.reasons[0].startswith("the program loads " + shown)


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ('ctypes.CDLL("libc.so.6")', ""),
        ("ctypes.CDLL(None)", ""),
        ('ctypes.CDLL(ctypes.util.find_library("crypto"))', ""),
        ('ctypes.CDLL("./native.so")', ""),
        ('ctypes.CDLL("user32.dll")', ""),
        ('ctypes.CDLL("libmagic.so.1")', "RUN apt-get update && apt-get install -y libmagic1\n"),
        ('ctypes.CDLL("libpq.so.5")', "RUN apt-get update && apt-get install -y libpq-dev\n"),
    ],
)
def test_libraries_that_are_there(line: str, head: str) -> None:
    files = in_app(**{"app.py": f"import ctypes, ctypes.util\n{line}\n"})

    assert split(f"FROM python:3.12-bookworm\n{head}{INSTALL}{CMD}", files).reasons == ()


def test_a_library_is_no_matter_on_the_same_image() -> None:
    text = f"FROM python:3.12-slim-bookworm\nRUN apt-get update && apt-get install -y gcc libfoo1\n{INSTALL}{CMD}"

    got = split(text, in_app(**{"app.py": 'import ctypes\nctypes.CDLL("libbar.so.1")\n'}))

    assert got.reasons == ()
    assert got.text != text


@pytest.mark.parametrize(
    ("run", "is_kept"),
    [("apt-get update", False), ("apt-get update && apt-get upgrade -y", True)],
)
def test_lists_of_packages_stay_behind_and_upgrades_do_not(run: str, is_kept: bool) -> None:
    got = split(f"FROM python:3.12\nRUN {run}\n{INSTALL}{CMD}")

    assert (f"RUN {run}" in got.text.split("\n\nFROM ")[1]) == is_kept


@pytest.mark.parametrize(
    ("files", "runtime"),
    [
        (
            with_requirements("psycopg2\n"),
            "RUN apt-get update && apt-get upgrade -y && apt-get install -y --no-install-recommends \\\n    libpq5 \\\n"
            "    && rm -rf /var/lib/apt/lists/*\n",
        ),
        (APP, "RUN apt-get update && apt-get upgrade -y && rm -rf /var/lib/apt/lists/*\n"),
    ],
)
def test_an_upgrade_of_the_base_is_made_in_the_runtime_stage_too(files: dict[str, str], runtime: str) -> None:
    package = "libpq-dev" if "psycopg2" in files["requirements.txt"] else "build-essential"
    system = f"RUN apt-get update && apt-get -y upgrade && apt-get install -y --no-install-recommends gcc {package}\n"

    got = split(f"FROM python:3.12-slim-bookworm\n{system}{INSTALL}{CMD}", files)

    assert got.text == (
        f"FROM python:3.12-slim-bookworm AS build\n{system}{BUILD}\nFROM python:3.12-slim-bookworm\n{runtime}"
        f"WORKDIR /app\n{CARRIED}COPY . .\n{CMD}"
    )
