"""What is left alone, what is refused and with which reason, and what is no reason to."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Options
from dockerslim.context.compose import Mount
from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.python.rewriting import rewrite
from tests.transforms.python.splitting import APP, CMD, INSTALL, apt, in_app, split, with_requirements


def test_a_program_that_compose_runs() -> None:
    service = ServiceUse("compose.yml", "web", 1, Path(), healthcheck="curl -f http://localhost")

    got = split("FROM python:3.12\n" + INSTALL + CMD, usage=Usage(services=(service,)))

    assert apt("curl") in got.text


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


def test_refuses_a_base_whose_tag_is_not_known() -> None:
    before = "ARG VERSION\nFROM python:$VERSION\n" + INSTALL + CMD

    got = split(before)

    assert got.text == before
    assert got.reasons == ("which image of Python `python:$VERSION` is can't be told",)


@pytest.mark.parametrize("base", ["$BASE", "$BASE/python:3.12", "example/python:$VERSION", "debian:$VERSION"])
def test_says_nothing_of_a_base_that_may_be_anything(base: str) -> None:
    got = split(f"ARG VERSION\nARG BASE\nFROM {base}\n{INSTALL}{CMD}")

    assert got.reasons == ()


def test_refuses_a_link_to_a_program_of_a_distribution() -> None:
    link = "RUN ln -s /usr/local/bin/flask /usr/bin/serve\n"
    text = f'FROM python:3.12\n{INSTALL}{link}CMD ["/usr/bin/serve"]\n'

    got = split(text)

    assert got.text == text
    assert got.reasons == ("this names `/usr/local/bin/flask`, which lies outside a virtual environment",)
