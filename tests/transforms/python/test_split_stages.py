"""Packages from a build stage, the program in an image without its build."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Options
from dockerslim.context.compose import Mount
from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.python.rewriting import Rewritten, rewrite

APP = {"requirements.txt": "Flask==3.0.3\n", "app.py": "import flask\n"}
INSTALL = "WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n"
CMD = 'CMD ["python", "app.py"]\n'
VENV = "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
CARRIED = "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
BUILD = "WORKDIR /app\n" + VENV + "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"


def split(text: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("split-stages", text, APP if files is None else files, **options)  # type: ignore[arg-type]


def apt(*names: str, lean: bool = True) -> str:
    flag = " --no-install-recommends" if lean else ""
    install = f"RUN apt-get update && apt-get install -y{flag} \\\n    {' '.join(names)} \\\n"
    return install + "    && rm -rf /var/lib/apt/lists/*\n"


def with_requirements(text: str, **files: str) -> dict[str, str]:
    return {**APP, "requirements.txt": text, **{name.replace("__", "/"): body for name, body in files.items()}}


@pytest.mark.parametrize(
    ("base", "twin"),
    [
        ("python:3.12", "python:3.12-slim"),
        ("python:3.11-bookworm", "python:3.11-slim-bookworm"),
        ("python", "python:slim"),
        ("python:3.11.4-bullseye", "python:3.11.4-slim-bullseye"),
        ("docker.io/library/python:3.12", "docker.io/library/python:3.12-slim"),
        (f"python:3.12@sha256:{'0' * 64}", "python:3.12-slim"),
    ],
)
def test_runs_on_the_slim_twin(base: str, twin: str) -> None:
    got = split(f"FROM {base}\n{INSTALL}EXPOSE 8000\n{CMD}")

    assert got.text == (
        f"FROM {base} AS build\n{BUILD}\nFROM {twin}\nWORKDIR /app\n{CARRIED}COPY . .\nEXPOSE 8000\n{CMD}"
    )


@pytest.mark.parametrize(
    ("head", "build", "runtime"),
    [
        (
            "ARG V=3.12\nFROM python:${V}\n",
            "ARG V=3.12\nFROM python:${V} AS build\n",
            "FROM python:${V}-slim\n",
        ),
        (
            "ARG V=3.12\nFROM python:$V-bookworm\n",
            "ARG V=3.12\nFROM python:$V-bookworm AS build\n",
            "FROM python:$V-slim-bookworm\n",
        ),
        (
            "FROM --platform=linux/amd64 python:3.12\n",
            "FROM --platform=linux/amd64 python:3.12 AS build\n",
            "FROM --platform=linux/amd64 python:3.12-slim\n",
        ),
        ("FROM python:3.12 AS web\n", "FROM python:3.12 AS build\n", "FROM python:3.12-slim AS web\n"),
    ],
)
def test_from_is_written_as_the_author_wrote_it(head: str, build: str, runtime: str) -> None:
    got = split(head + INSTALL + CMD)

    assert got.text == f"{build}{BUILD}\n{runtime}WORKDIR /app\n{CARRIED}COPY . .\n{CMD}"


def test_what_builds_stays_and_what_runs_moves() -> None:
    got = split(
        "FROM python:3.12\n"
        "ENV PYTHONUNBUFFERED=1\nENV PIP_NO_CACHE_DIR=1\nARG VERSION=1\n"
        "RUN useradd --uid 1000 app\n"
        + INSTALL
        + "ENV APP_VERSION=$VERSION\nRUN python manage.py collectstatic --noinput\nRUN chmod +x app.py\n"
        'LABEL a=b\nVOLUME /data\nHEALTHCHECK CMD ["python", "check.py"]\nSTOPSIGNAL SIGINT\nUSER app\n' + CMD
    )

    assert got.text == (
        "FROM python:3.12 AS build\nENV PYTHONUNBUFFERED=1\nENV PIP_NO_CACHE_DIR=1\nARG VERSION=1\n" + BUILD + "\n"
        "FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1\nARG VERSION=1\nRUN useradd --uid 1000 app\nWORKDIR /app\n"
        + CARRIED
        + "COPY . .\nENV APP_VERSION=$VERSION\nRUN python manage.py collectstatic --noinput\nRUN chmod +x app.py\n"
        'LABEL a=b\nVOLUME /data\nHEALTHCHECK CMD ["python", "check.py"]\nSTOPSIGNAL SIGINT\nUSER app\n' + CMD
    )


def test_comments_go_with_what_moves() -> None:
    got = split(
        "# the base\nFROM python:3.12\n\n# where it lives\nWORKDIR /app\n\n# what it needs\nCOPY requirements.txt .\n"
        "RUN pip install \\\n    # pinned\n    -r requirements.txt\n\n# the program\nCOPY . .\n\n# start\n"
        + CMD
        + "# end\n"
    )

    assert got.text == (
        "# the base\nFROM python:3.12 AS build\n\n# where it lives\nWORKDIR /app\n\n" + VENV + "\n"
        "# what it needs\nCOPY requirements.txt .\nRUN pip install \\\n    # pinned\n    -r requirements.txt\n\n"
        "FROM python:3.12-slim\nWORKDIR /app\n" + CARRIED + "\n# the program\nCOPY . .\n\n# start\n" + CMD + "# end\n"
    )


def test_crlf_lower_case_and_no_newline_at_the_end() -> None:
    text = "from python:3.12\ncopy requirements.txt .\nrun pip install -r requirements.txt\ncopy . .\ncmd python app.py"

    got = split(text.replace("\n", "\r\n"))

    assert got.text.replace("\r\n", "\n") == (
        "from python:3.12 as build\nrun python -m venv /opt/venv\nenv PATH=/opt/venv/bin:$PATH\n"
        "copy requirements.txt .\nrun pip install -r requirements.txt\n\nfrom python:3.12-slim\n"
        "copy --from=build /opt/venv /opt/venv\nenv PATH=/opt/venv/bin:$PATH\ncopy . .\ncmd python app.py"
    )
    assert "\n" not in got.text.replace("\r\n", "")


def test_a_source_that_comes_before_the_install_is_in_both_stages() -> None:
    got = split("FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n" + CMD)

    assert got.text == (
        "FROM python:3.12 AS build\nWORKDIR /app\nCOPY . .\n" + VENV + "RUN pip install -r requirements.txt\n\n"
        "FROM python:3.12-slim\nWORKDIR /app\n" + CARRIED + "COPY . .\n" + CMD
    )


def test_keeps_the_environment_that_the_author_made() -> None:
    own = "RUN python -m venv /venv\nENV PATH=/venv/bin:$PATH\n"

    got = split("FROM python:3.12\n" + own + INSTALL + CMD)

    assert got.text == (
        "FROM python:3.12 AS build\n" + own + INSTALL.removesuffix("COPY . .\n") + "\nFROM python:3.12-slim\n"
        "COPY --from=build /venv /venv\nENV PATH=/venv/bin:$PATH\nWORKDIR /app\nCOPY . .\n" + CMD
    )


# --- system packages


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


def test_a_program_that_compose_runs() -> None:
    service = ServiceUse("compose.yml", "web", 1, Path(), healthcheck="curl -f http://localhost")

    got = split("FROM python:3.12\n" + INSTALL + CMD, usage=Usage(services=(service,)))

    assert apt("curl") in got.text


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


def test_the_environment_takes_a_folder_that_is_free() -> None:
    files = {**APP, "deploy/opt/venv/x": ""}

    got = split("FROM python:3.12\nCOPY deploy/ /\n" + INSTALL + CMD, files)

    assert "COPY --from=build /venv /venv\nENV PATH=/venv/bin:$PATH\n" in got.text


# --- left alone


@pytest.mark.parametrize(
    "text",
    [
        "FROM python:3.12-slim\n" + INSTALL + CMD,
        "FROM python:3.12-alpine\n" + INSTALL + CMD,
        "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y curl\n" + INSTALL + CMD,
        "FROM python:3.12-alpine\nRUN apk add -t deps gcc && pip install flask && apk del deps\nCOPY . .\n" + CMD,
        "FROM python:3.12-slim\nRUN apt-get install -y gcc && pip install flask && apt-get purge -y gcc\n" + CMD,
        "FROM python:3.12\nCOPY . .\n" + CMD,
        "FROM python:3.12 AS a\n" + INSTALL + "\nFROM python:3.12\nCOPY --from=a / /\n" + CMD,
        "FROM debian:bookworm\nRUN apt-get install -y python3-pip && pip install flask\n" + CMD,
        "FROM registry.example.com/python:3.12\n" + INSTALL + CMD,
        "FROM continuumio/miniconda3\n" + INSTALL + CMD,
    ],
)
def test_leaves_alone(text: str) -> None:
    got = split(text)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (INSTALL, "what the image runs is not said"),
        (INSTALL + 'CMD ["python", "manage.py", "runserver"]', "`manage.py runserver` is a development server"),
        (INSTALL + 'CMD ["uvicorn", "app:app", "--reload"]', "`--reload` is a development server"),
        (INSTALL + 'CMD ["jupyter", "lab"]', "`jupyter` is for work on the code"),
        (INSTALL + "CMD python app.py & wait", "the command is more than plain commands"),
        (INSTALL + 'SHELL ["bash", "-c"]\n' + CMD, "the stage has SHELL instructions"),
        (INSTALL + "ONBUILD COPY . .\n" + CMD, "the stage has ONBUILD instructions"),
        (INSTALL + "COPY missing .\n" + CMD, "the build context has no `missing`"),
        (INSTALL + "ADD https://example.com/x ./\n" + CMD, "what this copies can't be told"),
        (INSTALL + "ADD https://example.com/x.git /x\n" + CMD, "what this copies can't be told"),
        (INSTALL + "RUN make assets\n" + CMD, "what `make assets` does for the image is not known"),
        (INSTALL + "RUN ./build.sh\n" + CMD, "what `./build.sh` does for the image is not known"),
        (INSTALL + "RUN python setup.py build_ext\n" + CMD, "what `python setup.py` does for the image is not known"),
        (INSTALL + "RUN curl -o /x https://example.com\n" + CMD, "what `curl -o` does for the image is not known"),
        (
            INSTALL + "RUN if true; then echo; fi\n" + CMD,
            "what the RUN does is not known: it is more than plain commands",
        ),
        (
            INSTALL + "RUN playwright install\n" + CMD,
            "`playwright install` downloads into the home folder what needs libraries of the system",
        ),
        (
            "RUN cd /tmp && pip install flask && mkdir /data\n" + CMD,
            "packages are installed in one RUN with `mkdir /data`",
        ),
        ("RUN pip install --user flask\n" + CMD, "`--user` installs packages outside the interpreter's own folder"),
        (
            "RUN pip install --target /x flask\n" + CMD,
            "`--target` installs packages outside the interpreter's own folder",
        ),
        ("RUN sudo pip install flask\n" + CMD, "`sudo` runs a command as another user"),
        ("RUN /usr/local/bin/pip install flask\n" + CMD, "`/usr/local/bin/pip` installs past a virtual environment"),
        (
            "COPY . .\nRUN pip install -e .\n" + CMD,
            "`.` is installed from the source, and what setup.py does is not known",
        ),
        ("COPY . .\nRUN pip install -r other.txt\n" + CMD, "`other.txt` is not copied from the build context"),
        (
            "RUN pip install pipx && pipx install httpie\n" + CMD,
            "`pipx` installs packages in its own way, and only pip's are carried over",
        ),
        ("RUN uv sync\n" + CMD, "`pyproject.toml` is not copied from the build context"),
        (
            "RUN apt-get update && apt-get install -y supervisor\n" + INSTALL + CMD,
            "`supervisor` starts programs with an environment of its own",
        ),
        (
            "RUN apt-get update && apt-get install -y python3-numpy\n" + INSTALL + CMD,
            "`python3-numpy` is for the distribution's own Python, which a virtual environment does not see",
        ),
        ("USER app\n" + INSTALL + CMD, "the packages are installed as `app`"),
        ("ENV PYTHONHOME=/usr/local\n" + INSTALL + CMD, "`PYTHONHOME` leads past a virtual environment"),
        (
            INSTALL + 'CMD ["/usr/local/bin/gunicorn", "app:app"]',
            "the command names `/usr/local/bin/gunicorn`, which lies outside a virtual environment",
        ),
        (
            "RUN python -m venv .venv && .venv/bin/pip install flask\n" + INSTALL + CMD,
            "which virtual environment the packages are installed in can't be told",
        ),
        (
            INSTALL + "COPY app.py /usr/local/lib/python3.12/site-packages/\n" + CMD,
            "this names `/usr/local/lib/python3.12`, which lies outside a virtual environment",
        ),
        (
            INSTALL + "RUN sed -i s/a/b/ /usr/local/bin/pip3\n" + CMD,
            "this names `/usr/local/bin/pip3`, which lies outside a virtual environment",
        ),
        (INSTALL + 'CMD ["./install.sh"]', "packages are installed when the container starts"),
        (
            INSTALL + 'CMD ["python", "plugins.py"]',
            "the program installs packages or their data when it runs (plugins.py:2)",
        ),
        (
            "RUN pip install -r vcs.txt\nCOPY . .\n" + CMD,
            "`vcs.txt` is not copied from the build context",
        ),
        (
            "COPY . .\nRUN pip install -r vcs.txt\n" + CMD,
            "`-e git+https://example.com/x.git` is cloned beside the source",
        ),
        (INSTALL + "RUN adduser app\n" + CMD, "Debian 13's slim image has no `adduser`"),
        (INSTALL + 'CMD ["./missing.sh"]', "what `./missing.sh` does when the container starts is not known"),
    ],
)
def test_refuses_on_the_full_image(text: str, reason: str) -> None:
    before = f"FROM python:3.12\n{text.rstrip()}\n"

    more = {
        "manage.py": "",
        "setup.py": "",
        "install.sh": "#!/bin/sh\npip install -r requirements.txt\npython app.py\n",
        "vcs.txt": "-e git+https://example.com/x.git\n",
    }
    if "plugins.py" in text:
        more["plugins.py"] = "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])\n"

    got = split(before, {**APP, **more})

    assert got.text == before
    assert got.reasons == (reason,)


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


def mounted(source: str, target: str = "/app", **said: object) -> Usage:
    service = ServiceUse("compose.yml", "web", 1, Path(), volumes=(Mount(source, target, "bind", 3),), **said)  # type: ignore[arg-type]
    return Usage(services=(service,))


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (mounted("./other"), "`compose.yml` mounts `./other` over the work folder in service `web`"),
        (mounted(".", "/"), "`compose.yml` mounts `.` over the work folder in service `web`"),
        (
            mounted(".", command="sh -c 'pip install -e . && flask run'"),
            "`compose.yml` mounts `.` over the work folder in service `web`",
        ),
    ],
)
def test_refuses_a_mount_over_the_work_folder(usage: Usage, reason: str) -> None:
    got = split("FROM python:3.12\n" + INSTALL + CMD, usage=usage)

    assert got.reasons == (reason,)


@pytest.mark.parametrize("command", [None, "uvicorn app:app --reload", ("python", "app.py")])
def test_a_mount_of_the_source_over_itself_hides_nothing_of_an_environment_beside_it(command: object) -> None:
    got = split("FROM python:3.12\n" + INSTALL + CMD, usage=mounted(".", command=command))

    assert got.reasons == ()
    assert "\nFROM python:3.12-slim\n" in got.text


def test_refuses_a_mount_of_the_source_over_the_environment() -> None:
    text = (
        "FROM python:3.12\nWORKDIR /app\nRUN python -m venv /app/.venv\nENV PATH=/app/.venv/bin:$PATH\n"
        "RUN pip install flask\nCOPY . .\n" + CMD
    )

    got = split(text, usage=mounted("."))

    assert got.text == text
    assert got.reasons == ("`compose.yml` mounts `.` over `/app/.venv`, where the packages are installed",)


def test_refuses_a_dev_container() -> None:
    usage = Usage(devcontainer=Evidence(".devcontainer/devcontainer.json", 2, "devcontainer"))

    got = split("FROM python:3.12\n" + INSTALL + CMD, usage=usage)

    assert got.reasons == ("a dev container uses this file",)


@pytest.mark.parametrize(
    ("users", "copy", "in_build"),
    [
        ("RUN useradd -m app\n", "--chown=app:app ", True),
        ("RUN groupadd web\nRUN useradd -g web app\n", "--chown=app ", True),
        ("RUN addgroup web && adduser --ingroup web app\n", "--chown=:web ", True),
        ("ARG NAME=app\nRUN useradd $NAME\n", "--chown=${NAME} ", True),
        ("RUN useradd -u 1000 -d /app app\n", "--chown=1000:1000 ", False),
        ("RUN useradd -m app\n", "", False),
    ],
)
def test_users_are_made_in_each_stage_that_names_them(users: str, copy: str, in_build: bool) -> None:
    text = f"FROM python:3.12-bookworm\nWORKDIR /app\n{users}COPY {copy}requirements.txt ./\n"

    got = split(f"{text}RUN pip install -r requirements.txt\nCOPY {copy}. .\n{CMD}")

    build, _, runtime = got.text.partition("\n\nFROM ")
    lines = [line for line in users.splitlines() if line.startswith("RUN")]
    assert got.reasons == ()
    assert all(line in runtime for line in lines)
    assert all((line in build) is in_build for line in lines)


def in_app(**files: str) -> dict[str, str]:
    return {**APP, **{name.replace("__", "/"): text for name, text in files.items()}}


OUTSIDE = "which lies outside a virtual environment"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"app.py": 'import subprocess\nsubprocess.run(["/usr/local/bin/python", "-V"])'}, "app.py:2 names"),
        ({"app.py": 'import os\nos.execv("/usr/bin/python3", ["python3"])'}, "app.py:2 names `/usr/bin/python3`"),
        ({"app.py": 'm.set_executable("/usr/local/bin/python3.12")'}, "app.py:1 names `/usr/local/bin/python3.12`"),
        (
            {"app.py": 'import subprocess\nsubprocess.run(["/usr/local/bin/flask", "db"])'},
            "the program names `/usr/local/bin/flask`",
        ),
        (
            {"app.py": 'import os\nos.system("./job")', "job": "#!/usr/local/bin/python\n"},
            "`./job` names `/usr/local/bin/python`",
        ),
        ({"Makefile": "run:\n\t/usr/local/bin/python app.py\n"}, "`Makefile` names `/usr/local/bin/python`"),
        ({"jobs.cron": "* * * * * /usr/local/bin/python /app/job.py\n"}, "`jobs.cron` names"),
        ({"super.conf": "command=/usr/local/bin/gunicorn app:app\n"}, "`super.conf` names `/usr/local/bin/gunicorn`"),
        ({"bin/start": "#!/bin/sh\n/usr/bin/python3 app.py\n"}, "`bin/start` names `/usr/bin/python3`"),
    ],
)
def test_refuses_the_interpreters_own_path(files: dict[str, str], reason: str) -> None:
    got = split(f"FROM python:3.12\n{INSTALL}{CMD}", {**APP, **files})

    assert len(got.reasons) == 1
    assert got.reasons[0].startswith(reason)
    assert got.reasons[0].endswith(OUTSIDE)


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": "#!/usr/local/bin/python\n# not /usr/local/bin/python\nimport flask\n"},
        {"app.py": '"""Start it with /usr/local/bin/python."""\n'},
        {"app.py": 'import sys, subprocess\nsubprocess.run([sys.executable, "x.py"])\n'},
        {"app.py": 'DRIVER = "/usr/local/bin/chromedriver"\n'},
        {".vscode/settings.json": '{"python.pythonPath": "/usr/local/bin/python"}'},
        {"crons/job.py": "#!/usr/local/bin/python\n"},
    ],
)
def test_other_paths_are_no_obstacle(files: dict[str, str]) -> None:
    assert split(f"FROM python:3.12\n{INSTALL}{CMD}", {**APP, **files}).reasons == ()


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


def test_an_assignment_alone_is_no_program() -> None:
    text = (
        "FROM python:3.12-bookworm\nWORKDIR /app\nCOPY . .\nRUN deps='gcc' && apt-get install $deps && unknown-tool\n"
        'RUN pip install flask\nCMD ["python", "app.py"]\n'
    )

    assert rewrite("split-stages", text, {"app.py": "import flask\n"}).text == text


@pytest.mark.parametrize(
    "files",
    [
        with_requirements("never-seen\n"),
        {**APP, "app.py": "import subprocess\nsubprocess.run(command)\n"},
        in_app(**{"app.py": "import ctypes\nctypes.CDLL(name)\n"}),
    ],
)
def test_what_is_only_not_known_is_no_refusal_where_it_is_tried(files: dict[str, str]) -> None:
    got = split(f"FROM python:3.12\n{INSTALL}{CMD}", files, options=Options(will_be_tried=True))
    assert got.reasons == ()
    assert "\nFROM python:3.12-slim\n" in got.text


@pytest.mark.parametrize(
    ("run", "is_kept"),
    [("apt-get update", False), ("apt-get update && apt-get upgrade -y", True)],
)
def test_lists_of_packages_stay_behind_and_upgrades_do_not(run: str, is_kept: bool) -> None:
    got = split(f"FROM python:3.12\nRUN {run}\n{INSTALL}{CMD}")

    assert (f"RUN {run}" in got.text.split("\n\nFROM ")[1]) == is_kept


TINI = "ADD https://example.com/v0.19.0/tini /tini\nRUN chmod +x /tini\n"


def test_a_program_that_is_fetched_goes_to_the_stage_that_runs_it() -> None:
    got = split("FROM python:3.12\n" + TINI + INSTALL + 'ENTRYPOINT ["/tini", "--"]\n' + CMD)

    assert got.text == (
        f"FROM python:3.12 AS build\n{BUILD}\nFROM python:3.12-slim\n{TINI}WORKDIR /app\n{CARRIED}COPY . .\n"
        'ENTRYPOINT ["/tini", "--"]\n' + CMD
    )


def test_a_file_that_is_fetched_for_the_install_is_in_both_stages() -> None:
    fetched = "ADD https://example.com/pip.tar /opt/pip.tar\nRUN tar -xf /opt/pip.tar -C /etc\n"

    got = split("FROM python:3.12\n" + fetched + INSTALL + CMD)

    assert got.text.count(fetched) == 2


def test_refuses_a_base_whose_tag_is_not_known() -> None:
    before = "ARG VERSION\nFROM python:$VERSION\n" + INSTALL + CMD

    got = split(before)

    assert got.text == before
    assert got.reasons == ("which image of Python `python:$VERSION` is can't be told",)


@pytest.mark.parametrize("base", ["$BASE", "$BASE/python:3.12", "example/python:$VERSION", "debian:$VERSION"])
def test_says_nothing_of_a_base_that_may_be_anything(base: str) -> None:
    got = split(f"ARG VERSION\nARG BASE\nFROM {base}\n{INSTALL}{CMD}")

    assert got.reasons == ()


@pytest.mark.parametrize("base", ["python:2.7", "python:2-slim"])
def test_an_environment_of_the_authors_serves_python_2_too(base: str) -> None:
    text = (
        f"FROM {base}\nRUN apt-get update && apt-get install -y gcc\nRUN virtualenv /venv\nENV PATH=/venv/bin:$PATH\n"
        f"WORKDIR /app\nRUN pip install flask\nCOPY . .\n{CMD}"
    )

    got = split(text)

    assert got.reasons == ()
    assert "COPY --from=build /venv /venv\n" in got.text


def test_refuses_a_link_to_a_program_of_a_distribution() -> None:
    link = "RUN ln -s /usr/local/bin/flask /usr/bin/serve\n"
    text = f'FROM python:3.12\n{INSTALL}{link}CMD ["/usr/bin/serve"]\n'

    got = split(text)

    assert got.text == text
    assert got.reasons == ("this names `/usr/local/bin/flask`, which lies outside a virtual environment",)


@pytest.mark.parametrize(
    "link",
    [
        "COPY start.sh /usr/local/bin/start.sh\nRUN ln -s /usr/local/bin/start.sh /start\n",
        "RUN touch /usr/local/bin/x && ln -s /usr/local/bin/x /x\n",
    ],
)
def test_a_link_to_a_file_of_the_authors_is_made_where_it_runs(link: str) -> None:
    got = split("FROM python:3.12\n" + INSTALL + link + CMD, {**APP, "start.sh": "#!/bin/sh\npython app.py\n"})

    assert got.reasons == ()
    assert link in got.text.rpartition("FROM ")[2]


@pytest.mark.parametrize("options", ["", "-f "])
def test_what_the_install_has_read_is_removed_where_it_was(options: str) -> None:
    removal = f"RUN rm {options}requirements.txt\n"

    got = split("FROM python:3.12\n" + INSTALL.replace("COPY . .\n", removal + "COPY app.py ./\n") + CMD)

    assert got.text == (
        f"FROM python:3.12 AS build\n{BUILD}{removal}\n"
        f"FROM python:3.12-slim\nWORKDIR /app\n{CARRIED}COPY app.py ./\n{CMD}"
    )


def test_a_comment_of_the_author_begins_a_paragraph_below_what_is_new() -> None:
    install = "COPY requirements.txt ./\nRUN pip install -r requirements.txt\n"
    text = f"FROM python:3.12\n{install}\n# the source\nENV A=1\nCOPY . .\n{CMD}"

    got = split(text)

    assert got.text.endswith(f"FROM python:3.12-slim\n{CARRIED}\n# the source\nENV A=1\nCOPY . .\n{CMD}")


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
