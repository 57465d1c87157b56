"""Packages of a runtime stage stand as the author writes them, and on no line that is too long."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

MODULE = {
    "go.mod": "module example.com/app\n\nrequire github.com/davidbyttow/govips/v2 v2.15.0\n",
    "go.sum": "x\n",
    "main.go": 'package main\n\nimport _ "github.com/davidbyttow/govips/v2/vips"\n\nfunc main() {}\n',
}
PYTHON = {"requirements.txt": "flask\n", "app.py": "import flask\n"}
BELOW = (
    'WORKDIR /app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "app.py"]\n'
)
APT = "RUN apt-get update && apt-get install -y --no-install-recommends"
LONG = (
    "mediainfo exiftool ffmpeg imagemagick graphviz poppler-utils tesseract-ocr libreoffice-writer ghostscript pandoc"
)


def runtime(base: str, install: str) -> str:
    text = f"FROM {base}\n{install}\n{BELOW}"
    return rewrite("python/split-stages", text, PYTHON).text.partition("\n\n")[2]


@pytest.mark.parametrize(
    ("base", "install", "expected"),
    [
        pytest.param(
            "python:3.12-alpine",
            "RUN apk add gcc libpq-dev bash curl",
            "RUN apk add --no-cache libpq bash curl\n",
            id="apk on one line",
        ),
        pytest.param(
            "python:3.12-alpine",
            "RUN apk add \\\n  gcc \\\n  libpq-dev \\\n  bash",
            "RUN apk add --no-cache \\\n  libpq \\\n  bash\n",
            id="apk, one for each line",
        ),
        pytest.param(
            "python:3.12-alpine",
            "RUN apk add \\\n  gcc \\\n  libpq-dev",
            "RUN apk add --no-cache libpq\n",
            id="apk, a single one",
        ),
        pytest.param(
            "python:3.12-slim-bookworm",
            f"{APT} gcc libpq-dev curl",
            f"{APT} \\\n    libpq5 curl \\\n    && rm",
            id="apt-get on one line",
        ),
        pytest.param(
            "python:3.12-slim-bookworm",
            f"{APT} \\\n\tgcc \\\n\t# the database\n\tlibpq-dev \\\n\tcurl",
            f"{APT} \\\n\tlibpq5 \\\n\tcurl \\\n\t&& rm",
            id="apt-get, one for each line, in the file's own depth",
        ),
        pytest.param(
            "python:3.12-slim-bookworm",
            f"{APT} \\\n  gcc libpq-dev \\\n  curl",
            f"{APT} \\\n  libpq5 curl \\\n  && rm",
            id="lines of several",
        ),
        pytest.param(
            "python:3.12-slim-bookworm",
            f"{APT} gcc {LONG}",
            f"{APT} \\\n    " + " \\\n    ".join(LONG.split()) + " \\\n    && rm",
            id="more than a line holds",
        ),
    ],
)
def test_stand_as_the_author_writes_them(base: str, install: str, expected: str) -> None:
    assert expected in runtime(base, install)


def test_so_do_those_of_a_go_program() -> None:
    install = "RUN apt-get update && apt-get install -y \\\n  libvips-dev \\\n  ffmpeg"
    below = 'WORKDIR /src\nCOPY . .\nRUN go build -o app .\nCMD ["./app"]\n'

    got = rewrite("go/split-stages", f"FROM golang:1.23-bookworm\n{install}\n{below}", MODULE)

    assert "    && rm" not in got.text.partition("\n\n")[2]
    assert "  && rm -rf /var/lib/apt/lists/*" in got.text.partition("\n\n")[2]
