"""Which file is edited for a rebuild, and how."""

from __future__ import annotations

import json

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.verify.build.context_changes import ContextEdit, context_changes, dependency_change, source_change
from dockerslim.verify.build.copied_files import built_stages, copied_files

GO_MAIN = "package main\n\nfunc main() {}\n"


def case(dockerfile: str, files: dict[str, str | bytes], ignore: str | None = None) -> Case:
    context = BuildContext.in_memory(files, ignore)
    return Case(Dockerfile.of_text(dockerfile), context, Usage.none(), Catalogue.load())


def chosen(dockerfile: str, files: dict[str, str | bytes], ignore: str | None = None) -> tuple[str | None, str | None]:
    changes = context_changes(case(dockerfile, files, ignore))
    return _path(changes.source), _path(changes.dependency)


def _path(edit: ContextEdit | None) -> str | None:
    return edit.path if edit is not None else None


NODE: dict[str, str | bytes] = {
    "package.json": '{"name": "a", "scripts": {"start": "node lib/serve.js"}}',
    "package-lock.json": "{}",
    "index.js": "",
    "lib/serve.js": "",
    "lib/serve.test.js": "",
}
PYTHON: dict[str, str | bytes] = {
    "requirements.txt": "flask\n",
    "app.py": "",
    "site/wsgi.py": "app = 1\n",
    "tests/test_app.py": "",
    "setup.py": "",
}
GO: dict[str, str | bytes] = {
    "go.mod": "module example.com/a\n\ngo 1.22\n",
    "tools.go": f"//go:build tools\n\n{GO_MAIN}",
    "cmd/server/main.go": GO_MAIN,
    "cmd/server/main_test.go": "package main\n",
    "cmd/migrate/main.go": GO_MAIN,
}


@pytest.mark.parametrize(
    ("dockerfile", "files", "source", "dependency"),
    [
        pytest.param(
            'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD ["npm", "start"]\n', NODE,
            "lib/serve.js", "package.json", id="node, behind a script",
        ),
        pytest.param(
            'FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "gone.js"]\n', NODE,
            "index.js", "package.json", id="node, by name",
        ),
        pytest.param(
            'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm run build\nCMD ["node", "dist/serve.js"]\n',
            {"package.json": "{}", "src/serve.ts": "", "src/index.ts": "", "src/serve.d.ts": ""},
            "src/serve.ts", "package.json", id="node, what is compiled",
        ),
        pytest.param(
            "FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm run build\n"
            "FROM nginx\nCOPY --from=build /app/dist /x\n",
            {"package.json": "{}", "src/main.tsx": "", "src/App.tsx": "", "vite.config.ts": "", "public/a.js": ""},
            "src/main.tsx", "package.json", id="a front end",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /srv\nCOPY . .\nRUN pip install -r requirements.txt\n"
            'CMD ["gunicorn", "--chdir", "site", "wsgi:app"]\n', PYTHON,
            "site/wsgi.py", "requirements.txt", id="python, behind a server",
        ),
        pytest.param(
            'FROM python:3.12\nWORKDIR /srv\nCOPY . .\nCMD ["something"]\n', PYTHON,
            "app.py", "requirements.txt", id="python, by name",
        ),
        pytest.param(
            "FROM python:3.12\nWORKDIR /srv\nCOPY . .\nRUN pip install -r requirements/prod.txt\nCMD python app.py\n",
            {"app.py": "", "requirements/base.txt": "", "requirements/prod.txt": "", "requirements-dev.txt": ""},
            "app.py", "requirements/prod.txt", id="the requirements that are installed",
        ),
        pytest.param(
            'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /server ./cmd/server\nCMD ["/server"]\n', GO,
            "cmd/server/main.go", "go.mod", id="go, the program that is started",
        ),
        pytest.param(
            'FROM golang:1.22\nWORKDIR /src\nCOPY . .\nRUN go build -o /app ./cmd/migrate\nCMD ["/app"]\n', GO,
            "cmd/migrate/main.go", "go.mod", id="go, the program that is built",
        ),
        pytest.param(
            "FROM rust:1\nCOPY . .\nRUN cargo build\n",
            {"Cargo.toml": "", "Cargo.lock": "", "src/main.rs": "", "src/a.rs": ""},
            "src/main.rs", "Cargo.toml", id="a language without transforms",
        ),
        pytest.param(
            "FROM alpine\nCOPY . /site\n",
            {"logo.png": b"\x00\x01", "data.json": "{}", "page.txt": "", "sub/a.txt": ""},
            "page.txt", None, id="no source at all",
        ),
        pytest.param(
            "FROM node:20\nCOPY web/package.json web/\nRUN npm ci\nCOPY web web\n",
            {"package.json": "{}", "web/package.json": "{}", "web/server.js": "", "server.js": ""},
            "web/server.js", "web/package.json", id="only what is copied",
        ),
        pytest.param(
            "FROM python:3.12\nRUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\n"
            "COPY app.py /\n",
            {"requirements.txt": "", "app.py": ""}, "app.py", "requirements.txt", id="a manifest that is mounted",
        ),
        pytest.param(
            "FROM node:20\nCOPY --exclude=docs . .\nRUN npm ci\n",
            {"package.json": "{}", "server.js": ""}, "server.js", "package.json", id="a COPY that can't be followed",
        ),
        pytest.param("FROM alpine\nRUN true\n", {"app.py": ""}, None, None, id="nothing is copied"),
        pytest.param("FROM alpine\nCOPY nothing .\n", {"app.py": ""}, None, None, id="what is copied is not there"),
    ],
)  # fmt: skip
def test_the_files_that_are_edited(
    dockerfile: str, files: dict[str, str | bytes], source: str | None, dependency: str | None
) -> None:
    assert chosen(dockerfile, files) == (source, dependency)


def test_what_the_build_cannot_see_is_never_edited() -> None:
    files: dict[str, str | bytes] = {"package.json": "{}", "server.js": "", "lib/a.js": ""}

    assert chosen("FROM node:20\nCOPY . .\nCMD node server.js\n", files, "server.js\npackage.json\n") == (
        "lib/a.js",
        None,
    )


def test_it_is_told_why_nothing_is_edited() -> None:
    changes = context_changes(case("FROM alpine\n", {"a": ""}))

    assert "no source file" in changes.source_reason
    assert "to be installed" in changes.dependency_reason


def test_without_a_context_nothing_is_edited() -> None:
    alone = Case(Dockerfile.of_text("FROM node:20\nCOPY . .\n"), None, Usage.none(), Catalogue.load())

    assert source_change(alone) is None
    assert dependency_change(alone) is None


STAGES = """\
FROM golang:1.22 AS base
FROM base AS build
COPY a.go .
FROM node:20 AS web
COPY b.js .
FROM alpine AS tools
COPY c.sh .
FROM alpine AS unused
COPY d.sh .
FROM scratch
COPY --from=build /app /
RUN --mount=type=bind,from=tools,target=/t true
COPY --from=alpine:3 /etc/os-release /
"""


def test_only_the_stages_that_are_built_count() -> None:
    files: dict[str, str | bytes] = {"a.go": "", "b.js": "", "c.sh": "", "d.sh": ""}
    of_all = case(STAGES, files)

    assert [stage.index for stage in built_stages(of_all)] == [0, 1, 3, 5]
    assert list(copied_files(of_all)) == ["a.go", "c.sh"]
    assert list(copied_files(of_all, "web")) == ["b.js"]


@pytest.mark.parametrize(
    ("data", "edited"),
    [
        (b"", b"# dockerslim 0a\n"),
        (b"a\n", b"a\n# dockerslim 0a\n"),
        (b"a", b"a\n# dockerslim 0a\n"),
        (b"a\r\n", b"a\r\n# dockerslim 0a\r\n"),
        (b"\xff\xfe\n", b"\xff\xfe\n# dockerslim 0a\n"),
    ],
)
def test_a_comment_is_added(data: bytes, edited: bytes) -> None:
    assert ContextEdit("a.py", "# {}").applied(data, "0a") == edited


def test_json_stays_json() -> None:
    edit = ContextEdit("package.json", "")
    data = b'{"name": "a"}\n'

    first, second = edit.applied(data, "0123456789ab"), edit.applied(data, "0123456789ac")

    assert json.loads(first) == json.loads(second) == {"name": "a"}
    assert first != second
    assert len(first) == len(second)
