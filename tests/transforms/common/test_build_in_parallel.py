"""A front end and a server that one stage builds: two stages, which build at the same time."""

from __future__ import annotations

import json

import pytest

from dockerslim.context.usage import Usage
from tests.transforms.rewriting import Rewritten, rewrite, service

INSTALL = "RUN apt-get update && apt-get install -y nodejs npm\n"
SOURCE = "WORKDIR /src\nCOPY . .\n"
SERVER = "RUN go build -o shop .\n"
CMD = 'CMD ["./shop"]\n'
HEAD = "FROM golang:1.23-bookworm\n"
WEB = "FROM node:18 AS web\nWORKDIR /src/web\nCOPY web ./\n"
DIST = "COPY --from=web /src/web/dist ./web/dist/\n"


def files(script: str = "vite build", **more: str) -> dict[str, str]:
    package = {"scripts": {"build": script}, "devDependencies": {"vite": "5.0.0"}}
    return {
        "go.mod": "module example.com/shop\n\ngo 1.23\n",
        "main.go": "package main\n\nfunc main() {}\n",
        "web/package.json": json.dumps(package),
        "web/index.html": "",
        "web/src/main.js": "import './page.js'\n",
        **{name.replace("__", "/").replace("_dot_", "."): text for name, text in more.items()},
    }


def parallel(text: str, given: dict[str, str] | None = None, usage: Usage | None = None) -> Rewritten:
    return rewrite("build-in-parallel", text, given or files(), usage=usage)


@pytest.mark.parametrize(
    ("run", "moved"),
    [
        ("RUN cd web && npm ci && npm run build\n", "RUN npm ci && npm run build\n"),
        ("RUN cd web \\\n    && npm ci \\\n    && npm run build\n", "RUN npm ci \\\n    && npm run build\n"),
        ("RUN npm --prefix web ci\nRUN npm --prefix web run build\n", None),
        ("RUN cd web && yarn\nRUN cd web && yarn build\n", "RUN yarn\nRUN yarn build\n"),
        ("# pages\nRUN cd web && npm ci && npm run build\n", "# pages\nRUN npm ci && npm run build\n"),
    ],
)
def test_a_stage_of_its_own(run: str, moved: str | None) -> None:
    got = parallel(HEAD + INSTALL + SOURCE + run + SERVER + CMD)

    if moved is None:
        assert got.text == HEAD + INSTALL + SOURCE + run + SERVER + CMD
        return
    assert got.text == WEB + moved + "\n" + HEAD + SOURCE + DIST + SERVER + CMD


def test_a_work_folder_of_its_own() -> None:
    got = parallel(
        f"{HEAD}{INSTALL}{SOURCE}WORKDIR /src/web\nRUN npm ci\nRUN npm run build\nWORKDIR /src\n{SERVER}{CMD}"
    )

    assert got.text == (
        f"{WEB}RUN npm ci\nRUN npm run build\n\n{HEAD}{SOURCE}WORKDIR /src/web\n"
        f"COPY --from=web /src/web/dist ./dist/\nWORKDIR /src\n{SERVER}{CMD}"
    )


@pytest.mark.parametrize(
    ("base", "install", "image"),
    [
        ("golang:1.23-bookworm", INSTALL, "node:18"),
        ("golang:1.25-trixie", INSTALL, "node:20"),
        ("golang:1.23-alpine3.20", "RUN apk add --no-cache nodejs npm\n", "node:20-alpine"),
        (
            "golang:1.23",
            "RUN curl -fsSL https://deb.nodesource.com/setup_22.x | bash - && apt-get install -y nodejs\n",
            "node:22",
        ),
    ],
)
def test_the_version_that_was_installed(base: str, install: str, image: str) -> None:
    got = parallel(f"FROM {base}\n{install}{SOURCE}RUN cd web && npm ci && npm run build\n{SERVER}{CMD}")

    assert got.text.startswith(f"FROM {image} AS web\n")
    assert "nodejs" not in got.text


def test_settings_of_the_build_come_along() -> None:
    above = "ARG API=https://x\nENV VITE_API=$API\nENV CGO_ENABLED=0\n"

    got = parallel(HEAD + INSTALL + above + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD)

    assert got.text.startswith(
        "FROM node:18 AS web\nARG API=https://x\nENV VITE_API=$API\nWORKDIR /src/web\nCOPY web ./\n"
    )
    assert HEAD + above + SOURCE in got.text


def test_a_build_that_reads_more_than_its_folder_gets_what_the_author_copied() -> None:
    given = {**files(), "web/vite.config.js": "export default { root: '../shared' }\n"}

    got = parallel(HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD, given)

    assert got.text.startswith(
        "FROM node:18 AS web\nWORKDIR /src\nCOPY . .\nWORKDIR /src/web\nRUN npm ci && npm run build\n"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build && cd .. && go build -o shop .\n" + CMD,
            "",
        ),
        (
            HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\nRUN go build .\nRUN node x.js\n" + CMD,
            "a command uses Node.js beside the build of the front end",
        ),
        (
            HEAD + INSTALL + SOURCE + "RUN npm i -g yarn\nRUN cd web && yarn && yarn build\n" + SERVER + CMD,
            "a command uses Node.js beside the build of the front end",
        ),
        (
            HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + 'CMD ["node", "x.js"]\n',
            "Node.js is needed below the build of the front end",
        ),
        (
            HEAD + INSTALL + SOURCE + "RUN cd other && npm ci && npm run build\n" + SERVER + CMD,
            "there is no package.json in `/src/other`",
        ),
        (HEAD + INSTALL + SOURCE + "RUN cd web && npm ci\n" + SERVER + CMD, "what this leaves for the server"),
        (
            "FROM golang:1.23\n" + INSTALL + SOURCE + "USER 1000\nRUN cd web && npm ci && npm run build\n" + CMD,
            "the front end is not built as root",
        ),
        (
            "FROM golang:latest\n" + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD,
            "which version of Node.js this installs is not known",
        ),
        (
            HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\nRUN cd b && npm ci\n" + SERVER + CMD,
            "the front end is built in more than one folder",
        ),
    ],
)
def test_refuses(text: str, reason: str) -> None:
    got = parallel(text)

    assert got.text == text
    assert [found for found in got.reasons if reason and found.startswith(reason)] or not reason


def test_an_output_that_is_not_known() -> None:
    text = HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD

    got = parallel(text, files("./make.sh"))

    assert got.text == text
    assert got.reasons[0].startswith("which folder `build` writes is not known")


def test_a_service_that_runs_node() -> None:
    text = HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD

    got = parallel(text, usage=service(command=("npm", "start")))

    assert (got.text, got.reasons) == (text, ("`compose.yml` runs Node.js in this image",))


@pytest.mark.parametrize(
    "text",
    [
        HEAD + SOURCE + SERVER + CMD,
        "FROM node:20\nWORKDIR /src\nCOPY . .\nRUN cd web && npm ci && npm run build\n",
        "FROM node:20 AS web\nCOPY web .\nRUN npm ci && npm run build\n\n" + HEAD + SOURCE + SERVER + CMD,
        "FROM python:3.12\nRUN npm ci && npm run build\n",
    ],
)
def test_leaves_alone(text: str) -> None:
    got = parallel(text)

    assert (got.text, got.reasons) == (text, ())


def test_the_whole_way() -> None:
    embed = (
        'package main\n\nimport "embed"\n\n//go:embed all:web/dist\nvar pages embed.FS\n\nfunc main() { _ = pages }\n'
    )
    given = {**files(), "main.go": embed}

    got = rewrite(
        "",
        HEAD + INSTALL + SOURCE + "RUN cd web && npm install && npm run build\n" + SERVER + CMD,
        given,
        ignore="**/node_modules\n",
    )

    assert got.text.count("FROM ") == 3
    assert "--mount=type=cache,target=/root/.npm" in got.text
    assert "\nFROM gcr.io/distroless/static-debian13:nonroot\n" in got.text
    assert "web" not in got.runtime


def test_what_is_served_from_the_disk_travels() -> None:
    serve = (
        'package main\n\nimport "net/http"\n\nfunc main() { http.Handle("/", http.FileServer(http.Dir("web/dist"))) }\n'
    )

    got = rewrite(
        "",
        HEAD + INSTALL + SOURCE + "RUN cd web && npm install && npm run build\n" + SERVER + CMD,
        {**files(), "main.go": serve},
        ignore="**/node_modules\n",
    )

    assert "COPY --from=build /src/web/dist ./web/dist/\n" in got.runtime


def test_crlf_and_lower_case() -> None:
    text = HEAD + INSTALL + SOURCE + "RUN cd web && npm ci && npm run build\n" + SERVER + CMD
    expected = WEB + "RUN npm ci && npm run build\n\n" + HEAD + SOURCE + DIST + SERVER + CMD

    assert parallel(text.replace("\n", "\r\n")).text == expected.replace("\n", "\r\n")


def test_bun_is_not_in_the_images_of_node() -> None:
    bun = "COPY --from=oven/bun:1 /usr/local/bin/bun /usr/local/bin/bun\n"
    text = f"{HEAD}{bun}{SOURCE}RUN cd web && bun install && bun run build\n{SERVER}{CMD}"
    got = parallel(text)

    assert got.text == text
    assert got.reasons == ("the front end is built with Bun, which the images of Node.js lack",)
