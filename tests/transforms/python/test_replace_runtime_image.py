"""The only stage of a file whose program needs no packages leaves the full image."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

APP = {"app.py": "import http.server\nhttp.server.HTTPServer(('', 80), None).serve_forever()\n"}
CMD = 'CMD ["python", "app.py"]\n'


@pytest.mark.parametrize(
    ("base", "slim", "stage"),
    [
        ("python:3.12", "python:3.12-slim", f"WORKDIR /app\nCOPY app.py .\n{CMD}"),
        ("python:3.12-bookworm AS run", "python:3.12-slim-bookworm AS run", f"# the code\nCOPY . .\n{CMD}"),
        ("python:3.12", "python:3.12-slim", f"RUN mkdir /data && chown 1000 /data\nCOPY . .\n{CMD}"),
    ],
)
def test_a_program_without_packages(base: str, slim: str, stage: str) -> None:
    got = rewrite("python/replace-runtime-image", f"FROM {base}\n{stage}", APP)

    assert got.text == f"FROM {slim}\n{stage}"
    assert not got.reasons


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"FROM python:3.12-slim\nCOPY . .\n{CMD}", id="slim already"),
        pytest.param(f"FROM python:3.12-alpine\nCOPY . .\n{CMD}", id="Alpine"),
        pytest.param(f"FROM python:3.12\nCOPY . .\nRUN pip install flask\n{CMD}", id="split-stages is for it"),
        pytest.param(f"FROM python:3.12\nCOPY . .\nRUN ./prepare.sh\n{CMD}", id="split-stages says why not"),
        pytest.param("FROM python:3.12\nCOPY . .\n", id="starts nothing"),
    ],
)
def test_nothing_to_do(text: str) -> None:
    got = rewrite("python/replace-runtime-image", text, APP)

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize(
    ("stage", "files", "reason"),
    [
        (
            f"COPY . .\n{CMD}",
            {"app.py": "import flask\n"},
            "nothing here installs `flask`, which the program imports",
        ),
        (f"COPY . .\n{CMD}", {}, "which files the program runs is not known"),
        ('COPY . .\nCMD ["python", "-c", "print(1)"]\n', APP, "which files the program runs is not known"),
        ('COPY . .\nCMD ["uvicorn", "app:app"]\n', APP, "which files the program runs is not known"),
        ('COPY . .\nCMD ["python"]\n', APP, "which files the program runs is not known"),
        ('COPY . .\nCMD ["bash"]\n', APP, "which files the program runs is not known"),
        (
            'COPY . .\nCMD ["./start.sh"]\n',
            {**APP, "start.sh": "#!/bin/sh\npython app.py\n"},
            "which files the program runs is not known",
        ),
        (f"COPY . .\nONBUILD COPY . .\n{CMD}", APP, "the stage has ONBUILD instructions"),
    ],
)
def test_refuses(stage: str, files: dict[str, str], reason: str) -> None:
    got = rewrite("python/replace-runtime-image", f"FROM python:3.12\n{stage}", files)

    assert got.text == f"FROM python:3.12\n{stage}"
    assert got.reasons == (reason,)


def test_a_program_of_the_system_comes_back() -> None:
    files = {"app.py": "import subprocess\nsubprocess.run(['git', 'log'])\n"}
    got = rewrite("python/replace-runtime-image", f"FROM python:3.12\nCOPY . .\n{CMD}", files)

    assert got.text.startswith("FROM python:3.12-slim\nRUN apt-get update && apt-get install")
    assert " git " in got.text
