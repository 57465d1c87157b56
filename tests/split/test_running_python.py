"""What the program of a Python image writes, and what it needs to be root for."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.python.running import read
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of

WRITES = "open('log.txt', 'w')\n"
BESIDE = "from pathlib import Path\n(Path(__file__).parent / 'state.db').write_text('x')\n"


def running(text: str, files: dict[str, str]) -> RunningProgram | None:
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(files), Usage.none(), Catalogue.load())
    start = start_of(case, case.stage)
    assert start is not None
    return read(case, case.stage, start)


def written(text: str, files: dict[str, str]) -> tuple[str, ...]:
    found = running(text, files)
    assert found is not None
    assert found.unknown == ()
    return found.written


@pytest.mark.parametrize(
    ("text", "files", "paths"),
    [
        ("WORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": "x = 1\n"}, ()),
        ("WORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": WRITES}, ("/app/log.txt",)),
        ("COPY . /srv\nWORKDIR /tmp\nCMD python /srv/app.py", {"app.py": WRITES}, ("/tmp/log.txt",)),
        ("COPY . /srv\nWORKDIR /tmp\nCMD python /srv/app.py", {"app.py": BESIDE}, ("/srv/state.db",)),
        ("WORKDIR /app\nCOPY src/ ./web/\nCMD python web/app.py", {"src/app.py": BESIDE}, ("/app/web/state.db",)),
        ('ENTRYPOINT ["python"]\nCOPY . /\nCMD ["app.py"]', {"app.py": BESIDE}, ("/state.db",)),
        ("WORKDIR /app\nCOPY . .\nCMD exec gunicorn -b :$PORT web.app:app", {"web/app.py": WRITES}, ("/app/log.txt",)),
        (
            "WORKDIR /app\nCOPY . .\nCMD python -m web",
            {"web/__main__.py": WRITES, "web/__init__.py": ""},
            ("/app/log.txt",),
        ),
        (
            "WORKDIR /app\nCOPY . .\nCMD celery -A tasks beat",
            {"tasks.py": "x = 1\n"},
            ("/app/celerybeat-schedule", "/app/celerybeat.pid"),
        ),
        (
            'WORKDIR /app\nCOPY . .\nENTRYPOINT ["./start.sh"]\nCMD ["python", "app.py"]',
            {"app.py": WRITES, "start.sh": '#!/bin/sh\nset -e\necho starts\nexec "$@"\n'},
            ("/app/log.txt",),
        ),
        (
            'WORKDIR /app\nCOPY . .\nENTRYPOINT ["sh", "./start.sh"]\nCMD ["python", "app.py"]',
            {"app.py": "x = 1\n", "start.sh": 'if true; then\n  python setup_db.py\nfi\n"$@"\n', "setup_db.py": WRITES},
            ("/app/log.txt",),
        ),
    ],
)
def test_written_paths_are_those_of_the_image(text: str, files: dict[str, str], paths: tuple[str, ...]) -> None:
    assert written(f"FROM python:3.12\n{text}\n", files) == paths


def test_follows_files_through_stages() -> None:
    text = (
        "FROM python:3.12 AS build\nWORKDIR /src\nCOPY . .\n\n"
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY --from=build /src /app\nCMD python app.py\n"
    )

    assert written(text, {"app.py": BESIDE}) == ("/app/state.db",)


@pytest.mark.parametrize(
    ("text", "files", "unknown"),
    [
        ("CMD python app.py", {}, "what `python` writes is not known: `app.py` is not in the context"),
        ("COPY . .\nCMD scrapyd", {}, "what `scrapyd` writes is not known"),
        ("COPY . .\nCMD ./run.sh", {}, "what `./run.sh` does is not known"),
        (
            "COPY . .\nCMD uv run app.py",
            {"app.py": ""},
            "`uv run` changes the project's environment when it starts",
        ),
        ("COPY . .\nCMD uv run --no-sync app.py", {"app.py": ""}, None),
        (
            "COPY . .\nCMD python app.py",
            {"app.py": "open(name, 'w')\n"},
            "a path that the program writes is computed (app.py:1)",
        ),
        (
            "COPY web .\nCMD python app.py",
            {"web/app.py": "open(name, 'w')\n"},
            "a path that the program writes is computed (web/app.py:1)",
        ),
        (
            "COPY . .\nCMD python app.py",
            {"app.py": "import os\nos.system('git log')\n"},
            "the program runs `git`, and what that writes is not known",
        ),
        (
            "COPY . .\nCMD python app.py",
            {"app.py": "import subprocess\nsubprocess.run(x)\n"},
            "the program runs another one that is computed (app.py:2)",
        ),
    ],
)
def test_what_is_not_known_is_said(text: str, files: dict[str, str], unknown: str | None) -> None:
    found = running(f"FROM python:3.12\n{text}\n", files)

    assert found is not None
    assert found.unknown[:1] == ((unknown,) if unknown else ())


def test_packages_that_are_installed_at_run_time_are_not_known() -> None:
    source = "import subprocess, sys\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'x'])\n"

    found = running("FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": source})

    assert found is not None
    assert found.unknown[0].startswith("the program installs packages or their data when it runs (app.py:2")


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("python manage.py runserver", "manage.py runserver"),
        ("uvicorn app:app --reload", "--reload"),
        ("flask run --debug", "flask run --debug"),
        ("gunicorn app:app", ""),
    ],
)
def test_development_tools(command: str, tool: str) -> None:
    found = running(f"FROM python:3.12\nCOPY . .\nCMD {command}\n", {"manage.py": "", "app.py": ""})

    assert found is not None
    assert found.development_tool == tool


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (
            "RUN pip install --user flask\nCMD python app.py",
            "the packages are installed below /root, which only root can read",
        ),
        ("CMD poetry run python app.py", "`poetry` keeps its environment below /root, which only root can read"),
        ("ENV POETRY_VIRTUALENVS_IN_PROJECT=1\nCMD poetry run python app.py", ""),
        ("RUN poetry config virtualenvs.create false\nCMD poetry run python app.py", ""),
        ("RUN pip install flask\nCMD python app.py", ""),
    ],
)
def test_what_only_root_can_read(text: str, needed: str) -> None:
    found = running(f"FROM python:3.12\nCOPY . .\n{text}\n", {"app.py": ""})

    assert found is not None
    assert found.needs_root == needed


def test_data_that_was_downloaded_by_root() -> None:
    runs = "RUN python -m nltk.downloader punkt\nRUN playwright install\n"
    text = f"FROM python:3.12\nCOPY . .\n{runs}CMD python app.py\n"
    found = running(text, {"app.py": ""})

    assert found is not None
    assert [str(evidence) for evidence in found.reads_home] == ["Dockerfile:4"]
    assert [download.variables for download in found.downloads] == [(("NLTK_DATA", "/opt/nltk_data"),)]


@pytest.mark.parametrize("text", ["FROM debian\nCMD nginx\n", "FROM golang:1.23\nCOPY . .\nCMD ./app\n"])
def test_other_programs_are_not_ours(text: str) -> None:
    assert running(text, {"main.go": ""}) is None


HOME = "import os\nopen(os.path.expanduser('~/x'), 'w')\n"


@pytest.mark.parametrize(
    ("text", "files", "paths"),
    [
        ("WORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": HOME}, ()),
        ("ENV HOME=/app\nWORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": HOME}, ("/app/", "/app/x")),
        ("ENV HOME /data/\nWORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": ""}, ("/data/",)),
        ("ENV XDG_CACHE_HOME=/c\nWORKDIR /app\nCOPY . .\nCMD python app.py", {"app.py": ""}, ("/c/",)),
        (
            "WORKDIR /app\nCOPY . .\nCMD gunicorn app:app",
            {"app.py": "", "gunicorn.conf.py": 'errorlog = "e.log"\npidfile = "/run/g.pid"\n'},
            ("/app/e.log", "/run/g.pid"),
        ),
        (
            "WORKDIR /app\nCOPY . .\nCMD gunicorn -c conf/g.py app:app",
            {"app.py": "", "conf/g.py": 'errorlog = "/var/log/e.log"\n', "gunicorn.conf.py": 'errorlog = "e.log"\n'},
            ("/var/log/e.log",),
        ),
        (
            "WORKDIR /app\nCOPY . .\nCMD python app.py",
            {
                "app.py": 'import logging.config\nlogging.config.fileConfig("l.ini")\n',
                "l.ini": "[handler_a]\nclass=FileHandler\nargs=('logs/a.log',)\n",
            },
            ("/app/logs/a.log",),
        ),
    ],
)
def test_files_named_by_settings(text: str, files: dict[str, str], paths: tuple[str, ...]) -> None:
    assert written(f"FROM python:3.12\n{text}\n", files) == paths


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("gunicorn --user www-data app:app", {}),
        ("gunicorn app:app", {"gunicorn.conf.py": 'user = "www-data"\n'}),
        ("uwsgi --ini site.ini", {"site.ini": "[uwsgi]\nwsgi-file = app.py\nuid = 1\n"}),
    ],
)
def test_a_server_that_leaves_root_needs_it(command: str, files: dict[str, str]) -> None:
    found = running(f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nCMD {command}\n", {"app.py": "", **files})

    assert found is not None
    assert "needs root" in found.needs_root


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("import os\nos.setuid(1000)\n", "`os.setuid(1000)` may need root (app.py:2)"),
        ("import shutil\nshutil.chown('out', 'x')\n", "`shutil.chown('out', 'x')` may need root (app.py:2)"),
        (
            "from socket import AF_INET, SOCK_RAW, socket\nsocket(AF_INET, SOCK_RAW)\n",
            "`socket(AF_INET, SOCK_RAW)` may need root (app.py:2)",
        ),
        ("import serial\n", "`import serial` opens devices of the host, which are root's as a rule (app.py)"),
        ("import torch_xla\n", "`import torch_xla` opens devices of the host, which are root's as a rule (app.py)"),
        ("from docker import from_env\n", "`import docker` may need root (app.py)"),
    ],
)
def test_what_only_root_may_do(source: str, text: str) -> None:
    found = running("FROM python:3.12\nCOPY . .\nCMD python app.py\n", {"app.py": source})

    assert found is not None
    assert text in found.unknown


@pytest.mark.parametrize(
    ("runs", "name"),
    [
        ("RUN pip install 'jax[tpu]==0.4.36' flax", "jax[tpu]"),
        ("COPY tpu.txt .\nRUN pip install -r tpu.txt", "jax[cuda12,tpu]"),
        ("RUN pip install torch_xla", "torch_xla"),
        ("RUN pip install jax torch", ""),
        ("RUN pip install 'jax[cuda12]'", ""),
    ],
)
def test_distributions_for_devices(runs: str, name: str) -> None:
    text = f"FROM python:3.12\nWORKDIR /app\n{runs}\nCOPY app.py .\nCMD python app.py\n"
    found = running(text, {"app.py": "", "tpu.txt": "flax\njax[tpu,cuda12]\n"})

    assert found is not None
    assert found.needs_root == (f"`{name}` opens devices of the host, which are root's as a rule" if name else "")


def test_a_distribution_for_devices_of_another_stage() -> None:
    build = "FROM python:3.12 AS build\nRUN pip install --target /packages 'jax[tpu]'\n\n"
    last = "FROM python:3.12\nCOPY --from=build /packages /packages\nCOPY app.py .\nCMD python app.py\n"
    found = running(build + last, {"app.py": ""})

    assert found is not None
    assert found.needs_root.startswith("`jax[tpu]` opens devices")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        (
            'ENTRYPOINT ["./start.sh"]',
            ("`./start.sh` runs the command that it is given, and the image gives it none",),
        ),
        (
            'ENTRYPOINT ["./migrate.sh"]',
            ("`./migrate.sh` runs the command that it is given, and the image gives it none",),
        ),
        ('ENTRYPOINT ["./start.sh"]\nCMD ["python", "manage.py"]', ()),
        (
            "CMD sleep infinity",
            ("the image starts no program of its own, and what is run in the container besides is not known",),
        ),
        ("CMD python -m http.server", ("the image starts no file of the build context",)),
    ],
)
def test_a_command_that_is_not_in_the_image(text: str, unknown: tuple[str, ...]) -> None:
    files = {
        "manage.py": "x = 1\n",
        "start.sh": '#!/bin/sh\necho waits\nexec "$@"\n',
        "migrate.sh": '#!/bin/sh\npython manage.py migrate\nexec "$@"\n',
    }
    found = running(f"FROM python:3.12\nWORKDIR /app\nCOPY . .\n{text}\n", files)

    assert found is not None
    assert found.unknown == unknown


@pytest.mark.parametrize("source", ["import socket\nsocket.socket()\n", "import os\nos.getuid()\n", "import helper\n"])
def test_what_anybody_may_do(source: str) -> None:
    files = {"app.py": source, "helper.py": "", "docker/__init__.py": ""}
    found = running("FROM python:3.12\nCOPY . .\nCMD python app.py\n", files)

    assert found is not None
    assert (found.unknown, found.needs_root) == ((), "")


@pytest.mark.parametrize(
    "source", ["open('/root/.netrc')\n", "from pathlib import Path\nPath('/root/.netrc').read_text()\n"]
)
def test_a_file_that_only_root_can_read(source: str) -> None:
    found = running("FROM python:3.12\nCOPY . .\nCMD python app.py\n", {"app.py": source})

    assert found is not None
    assert found.needs_root == "the program reads `/root/.netrc`, which only root can"
