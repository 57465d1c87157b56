"""Which build arguments the runtime stage of a split gets."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile import Dockerfile
from dockerslim.split.arguments import is_read_later
from tests.transforms.rewriting import rewrite


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ARG A\nENV X=$A\n", True),
        ("ARG A\nENV X=${A:-1}\n", True),
        ("ARG A\nARG B=$A/x\nARG C=${B}\nLABEL c=$C\n", True),
        ("ARG A\nARG B=$A\n", False),
        ("ARG A\nENV X=$AB Y=${A_B}\n", False),
        ("ENV X=$A\nARG A\n", False),
        ("ARG A\nRUN echo $A\n", False),
    ],
)
def test_an_argument_is_read_by_what_is_kept(text: str, expected: bool) -> None:
    stage = Dockerfile.parse(("FROM x\n" + text).encode()).final_stage
    argument = next(i for i in stage.instructions if i.keyword == "ARG")

    assert is_read_later(stage, argument, lambda i: i.keyword in ("ENV", "LABEL")) is expected


ARGUMENTS = "ARG TOKEN\nARG INDEX=https://me:${TOKEN}@example.com/simple\n"
NODE = {
    "package.json": '{"name": "a", "version": "1.0.0", "dependencies": {}}',
    "package-lock.json": '{"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a"}}}',
    "server.js": "require('http')\n",
}
GO = {"go.mod": "module a\n\ngo 1.23\n", "main.go": "package main\n\nfunc main() {}\n"}
PYTHON = {"requirements.txt": "flask\n", "app.py": "import flask\n"}
FILES = {
    "python": (
        PYTHON,
        "FROM python:3.12\n{}WORKDIR /app\nCOPY requirements.txt ./\n"
        "RUN pip install --extra-index-url $INDEX -r requirements.txt\nCOPY . .\n{}"
        'CMD ["python", "app.py"]\n',
    ),
    "node": (
        NODE,
        "FROM node:20\n{}WORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci --registry $INDEX\n"
        'COPY . .\n{}CMD ["node", "server.js"]\n',
    ),
    "go": (GO, 'FROM golang:1.23\n{}WORKDIR /src\nCOPY . .\nRUN GOPROXY=$INDEX go build -o app .\n{}CMD ["./app"]\n'),
}


@pytest.mark.parametrize("language", FILES)
def test_one_that_only_the_install_reads_stays_with_it(language: str) -> None:
    files, text = FILES[language]

    got = rewrite("", text.format(ARGUMENTS, ""), files)

    build, runtime = got.text.split("\n\nFROM ")
    assert ARGUMENTS in build
    assert "ARG " not in runtime


@pytest.mark.parametrize("language", FILES)
def test_one_by_which_another_is_told_goes_with_it(language: str) -> None:
    files, text = FILES[language]

    got = rewrite("", text.format("ARG INDEX\nARG A=1\nARG B=${A}-x\n", "LABEL b=$B\n"), files)

    runtime = got.text.split("\n\nFROM ")[1]
    assert "ARG A=1\nARG B=${A}-x\n" in runtime
    assert "INDEX" not in runtime
