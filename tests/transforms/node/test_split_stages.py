"""One stage becomes two."""

from __future__ import annotations

from pathlib import Path

import pytest

from dockerslim.case import Case, Options
from dockerslim.context.compose import Mount
from dockerslim.context.usage import Evidence, ServiceUse, Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue
from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

EXPRESS = {
    "package.json": manifest("express"),
    "package-lock.json": lock("express"),
    "server.js": "require('express')().listen(3000)\n",
}
TYPESCRIPT = {
    "package.json": manifest(
        "express", dev=("typescript",), scripts={"build": "tsc", "start": "node dist/index.js", "dev": "nodemon"}
    ),
    "package-lock.json": lock("express", dev=("typescript",)),
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": "import express from 'express'\n",
}
INSTALL = "WORKDIR /app\nCOPY package*.json ./\nRUN npm ci\n"
MODULES = "COPY --from=build /app/node_modules ./node_modules/\n"
CMD = 'CMD ["node", "server.js"]\n'
START = 'CMD ["npm", "start"]\n'


def split(text: str, files: dict[str, str] | None = None, **options: object) -> Rewritten:
    return rewrite("split-stages", text, EXPRESS if files is None else files, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nEXPOSE 3000\n{CMD}",
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nWORKDIR /app\n{MODULES}COPY . .\nEXPOSE 3000\n{CMD}",
            id="nothing to build",
        ),
        pytest.param(
            f"FROM node:20-bookworm AS app\n{INSTALL}COPY . .\n{CMD}",
            f"FROM node:20-bookworm AS build\n{INSTALL}\nFROM node:20-bookworm-slim AS app\nWORKDIR /app\n"
            f"{MODULES}COPY . .\n"
            f"{CMD}",
            id="a named stage keeps its name",
        ),
        pytest.param(
            f"ARG NODE=20\nFROM node:$NODE\n{INSTALL}COPY . .\n{CMD}",
            f"ARG NODE=20\nFROM node:$NODE AS build\n{INSTALL}\nFROM node:$NODE-slim\nWORKDIR /app\n"
            f"{MODULES}COPY . .\n{CMD}",
            id="a variable in the tag",
        ),
        pytest.param(
            f"FROM --platform=linux/amd64 node:20\n{INSTALL}COPY . .\n{CMD}",
            f"FROM --platform=linux/amd64 node:20 AS build\n{INSTALL}\n"
            f"FROM --platform=linux/amd64 node:20-slim\nWORKDIR /app\n"
            f"{MODULES}COPY . .\n{CMD}",
            id="a platform",
        ),
        pytest.param(
            f"FROM node:20\nENV A=1\nLABEL b=2\n{INSTALL}ENV NODE_ENV=production\nCOPY . .\nUSER node\n{CMD}",
            f"FROM node:20 AS build\nENV A=1\n{INSTALL}\nFROM node:20-slim\nENV A=1\nLABEL b=2\nWORKDIR /app\n{MODULES}"
            f"ENV NODE_ENV=production\nCOPY . .\nUSER node\n{CMD}",
            id="what is said of the image",
        ),
        pytest.param(
            f"FROM node:20\nARG V=1\nENV V=$V\n{INSTALL}COPY . .\n{CMD}",
            f"FROM node:20 AS build\nARG V=1\nENV V=$V\n{INSTALL}\nFROM node:20-slim\nARG V=1\nENV V=$V\n"
            f"WORKDIR /app\n{MODULES}"
            f"COPY . .\n{CMD}",
            id="an ARG that an ENV reads",
        ),
        pytest.param(
            f"FROM node:20\n# here\nWORKDIR /app\n\n# packages\nCOPY package*.json ./\nRUN npm ci\n\n# source\n"
            f"COPY . .\n\n"
            f"# start\n{CMD}",
            "FROM node:20 AS build\n# here\nWORKDIR /app\n\n# packages\nCOPY package*.json ./\nRUN npm ci\n\n"
            f"FROM node:20-slim\nWORKDIR /app\n{MODULES}\n# source\nCOPY . .\n\n# start\n{CMD}",
            id="comments go with what moves",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY server.js ./\n" + CMD,
            "FROM node:20 AS build\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\n\n"
            "FROM node:20-slim\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            + MODULES
            + "COPY server.js ./\n"
            + CMD,
            id="a manifest that only its own COPY brings",
        ),
        pytest.param(
            f"FROM node:20\nRUN apt-get update && apt-get install -y build-essential tini\n{INSTALL}COPY . .\n"
            'ENTRYPOINT ["tini", "--"]\n' + CMD,
            f"FROM node:20 AS build\nRUN apt-get update && apt-get install -y build-essential tini\n{INSTALL}\n"
            "FROM node:20-slim\nWORKDIR /app\n"
            "RUN apt-get update && apt-get install -y --no-install-recommends \\\n    tini \\\n"
            f"    && rm -rf /var/lib/apt/lists/*\n{MODULES}COPY . .\n"
            'ENTRYPOINT ["tini", "--"]\n' + CMD,
            id="packages for the run time",
        ),
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nHEALTHCHECK CMD curl -f http://localhost:3000/ || exit 1\n{CMD}",
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nWORKDIR /app\n"
            "RUN apt-get update && apt-get install -y --no-install-recommends \\\n    curl \\\n"
            f"    && rm -rf /var/lib/apt/lists/*\n{MODULES}COPY . .\n"
            f"HEALTHCHECK CMD curl -f http://localhost:3000/ || exit 1\n{CMD}",
            id="a program of the full image in a health check",
        ),
        pytest.param(
            f'FROM node:20\nRUN npm install -g pm2\n{INSTALL}COPY . .\nCMD ["pm2-runtime", "server.js"]\n',
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nRUN npm install -g pm2\nWORKDIR /app\n"
            f"{MODULES}COPY . .\n"
            'CMD ["pm2-runtime", "server.js"]\n',
            id="a global tool that the command runs",
        ),
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nRUN mkdir -p logs && chown node logs\n{CMD}",
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nWORKDIR /app\n{MODULES}COPY . .\n"
            f"RUN mkdir -p logs && chown node logs\n{CMD}",
            id="folders for the run time",
        ),
        pytest.param(
            f"FROM node:20\n{CMD}EXPOSE 3000\n{INSTALL}COPY . .\n",
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\n{CMD}EXPOSE 3000\nWORKDIR /app\n{MODULES}COPY . .\n",
            id="the command stands first",
        ),
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nRUN apt-get update && apt-get install -y graphviz\n{CMD}",
            f"FROM node:20 AS build\n{INSTALL}\nFROM node:20-slim\nWORKDIR /app\n{MODULES}COPY . .\n"
            f"RUN apt-get update && apt-get install -y graphviz\n{CMD}",
            id="packages that are installed last move as they are",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" + CMD,
            "FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\n\nFROM node:20-slim\nWORKDIR /app\n"
            "COPY --from=build /app ./\n" + CMD,
            id="the source comes before the install",
        ),
        pytest.param(
            "FROM node:20\r\nWORKDIR /app\r\nCOPY package*.json ./\r\nRUN npm ci\r\nCOPY . .\r\n"
            + 'CMD ["node", "server.js"]',
            "FROM node:20 AS build\r\nWORKDIR /app\r\nCOPY package*.json ./\r\nRUN npm ci\r\n\r\nFROM node:20-slim\r\n"
            "WORKDIR /app\r\nCOPY --from=build /app/node_modules ./node_modules/\r\nCOPY . .\r\n"
            + 'CMD ["node", "server.js"]',
            id="CRLF, no newline at the end",
        ),
        pytest.param(
            'from node:20\nworkdir /app\ncopy package*.json ./\nrun npm ci\ncopy . .\ncmd ["node", "server.js"]\n',
            "from node:20 as build\nworkdir /app\ncopy package*.json ./\nrun npm ci\n\nfrom node:20-slim\n"
            "workdir /app\n"
            'copy --from=build /app/node_modules ./node_modules/\ncopy . .\ncmd ["node", "server.js"]\n',
            id="lower case",
        ),
    ],
)
def test_splits(before: str, after: str) -> None:
    assert split(before) == Rewritten(after, (), ())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nRUN npm run build\n{START}",
            f"FROM node:20 AS build\n{INSTALL}COPY . .\nRUN npm run build\nRUN npm prune --omit=dev\n\n"
            f"FROM node:20-slim\n"
            f"WORKDIR /app\nCOPY --from=build /app ./\n{START}",
            id="full",
        ),
        pytest.param(
            f"FROM node:20-alpine\n{INSTALL}COPY . .\n\nRUN npm run build\n\n{START}",
            f"FROM node:20-alpine AS build\n{INSTALL}COPY . .\n\nRUN npm run build\n\nRUN npm prune --omit=dev\n\n"
            f"FROM node:20-alpine\nWORKDIR /app\nCOPY --from=build /app ./\n\n{START}",
            id="alpine, in paragraphs",
        ),
        pytest.param(
            f"FROM node:14\n{INSTALL}COPY . .\nRUN npx tsc\n{START}",
            f"FROM node:14 AS build\n{INSTALL}COPY . .\nRUN npx tsc\nRUN npm prune --production\n\nFROM node:14-slim\n"
            f"WORKDIR /app\nCOPY --from=build /app ./\n{START}",
            id="npm 6 knows no --omit",
        ),
        pytest.param(
            f"FROM node:20\n{INSTALL}COPY . .\nRUN npm run build && rm -rf src\nCOPY start.sh /\n"
            f"RUN chmod +x /start.sh\n{START}",
            f"FROM node:20 AS build\n{INSTALL}COPY . .\nRUN npm run build && rm -rf src\nRUN npm prune --omit=dev\n\n"
            f"FROM node:20-slim\nWORKDIR /app\nCOPY --from=build /app ./\nCOPY start.sh /\n"
            f"RUN chmod +x /start.sh\n{START}",
            id="a file that lands elsewhere",
        ),
    ],
)
def test_builds_and_prunes(before: str, after: str) -> None:
    assert split(before, {**TYPESCRIPT, "start.sh": ""}) == Rewritten(after, (), ())


@pytest.mark.parametrize(
    ("files", "install"),
    [
        pytest.param({"src/index.ts": "import ts from 'typescript'\nts.sys.exit()\n"}, "npm ci", id="loads one"),
        pytest.param({"package-lock.json": lock("express")}, "npm install", id="a lock that does not agree"),
        pytest.param({}, "yarn install", id="another package manager"),
        pytest.param({}, "npm ci --omit=dev", id="left out already"),
        pytest.param({}, "npm install && npm install left-pad", id="packages that the manifest lacks"),
    ],
)
def test_does_not_prune(files: dict[str, str], install: str) -> None:
    text = f"FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN {install}\nCOPY . .\nRUN npm run build\n{START}"

    got = split(text, {**TYPESCRIPT, **files})

    assert "FROM node:20-slim\n" in got.text
    assert "prune" not in got.text


def test_a_prune_of_the_authors_is_enough() -> None:
    text = f"FROM node:20-alpine\n{INSTALL}COPY . .\nRUN npm run build && npm prune --production\n{START}"

    got = split(text, TYPESCRIPT)

    assert got.text == (
        f"FROM node:20-alpine AS build\n{INSTALL}COPY . .\nRUN npm run build && npm prune --production\n\n"
        f"FROM node:20-alpine\nWORKDIR /app\nCOPY --from=build /app ./\n{START}"
    )


def test_a_service_that_runs_a_development_server_keeps_its_dependencies() -> None:
    usage = Usage(services=(ServiceUse("compose.yml", "web", 1, Path(), command=("npm", "run", "dev")),))

    got = split(f"FROM node:20\n{INSTALL}COPY . .\nRUN npm run build\n{START}", TYPESCRIPT, usage=usage)

    assert "FROM node:20-slim\n" in got.text
    assert "prune" not in got.text


@pytest.mark.parametrize(
    ("text", "files"),
    [
        pytest.param(f"FROM node:20-slim\n{INSTALL}COPY . .\n{CMD}", EXPRESS, id="slim, nothing is built"),
        pytest.param(f"FROM node:20-alpine\n{INSTALL}COPY . .\n{CMD}", EXPRESS, id="alpine, nothing is built"),
        pytest.param(
            f"FROM node:20-alpine\n{INSTALL}COPY . .\nRUN npm run build\n{CMD}",
            {**EXPRESS, "package.json": manifest("express", scripts={"build": "echo"})},
            id="alpine, nothing can go",
        ),
        pytest.param(
            f"FROM node:20 AS a\n{INSTALL}\nFROM node:20\nCOPY --from=a /app /app\n{CMD}", EXPRESS, id="two stages"
        ),
        pytest.param(f"FROM registry.example.com/node:20\n{INSTALL}{CMD}", EXPRESS, id="an unknown image"),
        pytest.param(f"FROM debian:12\n{INSTALL}{CMD}", EXPRESS, id="another image"),
    ],
)
def test_does_nothing(text: str, files: dict[str, str]) -> None:
    assert split(text, files) == Rewritten(text, (), ())


@pytest.mark.parametrize(
    ("lines", "files", "reason"),
    [
        ("", {}, "what the image runs is not said"),
        ('CMD ["npm", "run", "dev"]', TYPESCRIPT, "`nodemon` is a server for development"),
        ('CMD ["npm", "run", "x"]', {}, "what the command runs is not known: there is no script `x` in package.json"),
        (
            "CMD npm run build && npm start",
            TYPESCRIPT,
            "the application is built when the container starts (package.json)",
        ),
        (
            "CMD ./start.sh",
            {"start.sh": "#!/bin/sh\n$COMMAND\n"},
            "what the command runs is not known: `./start.sh` runs a command that is computed (`$COMMAND`)",
        ),
        ("CMD ./start.py", {"start.py": ""}, "what the command runs is not known: `./start.py` is a script of its own"),
        ('WORKDIR /srv\nCMD ["node", "x"]', {}, "no package.json of the build context lies in the work folder"),
        ('SHELL ["/bin/bash", "-c"]\n' + CMD, {}, "the stage has SHELL instructions"),
        ("ONBUILD RUN true\n" + CMD, {}, "the stage has ONBUILD instructions"),
        ("COPY nothing.txt ./\n" + CMD, {}, "the build context has no `nothing.txt`"),
        ("ADD https://example.com/x /x\n" + CMD, {}, "what this copies can't be told"),
        ("RUN curl -o /opt/x https://example.com\n" + CMD, {}, "what `curl -o /opt/x` writes is not known"),
        ("RUN mv node_modules /node_modules\n" + CMD, {}, "what `mv node_modules` writes is not known"),
        ("RUN echo a > /etc/x\n" + CMD, {}, "what `echo a > /etc/x` writes is not known"),
        ("RUN for a in b; do true; done\n" + CMD, {}, "what `for a in b; do true; done` writes is not known"),
        (
            "RUN npm run build\n" + CMD,
            {"package.json": manifest("express", scripts={"build": "sh x"})},
            "what `npm run build` writes is not known",
        ),
        ("RUN apt-get install -y $X\n" + CMD, {}, "what `apt-get` writes is not known"),
        (
            'RUN corepack enable\nCMD ["pnpm", "start"]',
            {"package.json": manifest("express", scripts={"start": "node a"})},
            "where the container's `pnpm` comes from is not known",
        ),
        (
            CMD,
            {"package-lock.json": lock("puppeteer"), "package.json": manifest("puppeteer")},
            "`puppeteer` drives a browser, which needs libraries of the full image",
        ),
        (
            CMD,
            {"package-lock.json": lock("odd", scripts=("odd",)), "package.json": manifest("odd")},
            "what `odd` needs of the system is not known (package-lock.json)",
        ),
        (
            CMD,
            {"server.js": "require('child_process').exec(process.argv[2])\n"},
            "the program runs another one that is computed (server.js:1)",
        ),
        (
            CMD,
            {"package.json": manifest("express", scripts={"postinstall": "sh x.sh"}), "x.sh": ""},
            "what the script `postinstall` of package.json writes is not known",
        ),
    ],
)
def test_refuses(lines: str, files: dict[str, str], reason: str) -> None:
    text = f"FROM node:20\n{INSTALL}COPY . .\n{lines}".rstrip("\n") + "\n"

    assert split(text, {**EXPRESS, **files}) == Rewritten(text, (reason,), ())


@pytest.mark.parametrize(
    ("usage", "reason"),
    [
        (
            Usage(services=(ServiceUse("compose.yml", "web", 1, Path(), volumes=(Mount(".", "/app", "bind", 1),)),)),
            "`compose.yml` mounts `.` over the work folder in service `web`",
        ),
        (Usage(devcontainer=Evidence(".devcontainer/devcontainer.json", 1, "")), "a dev container uses this file"),
    ],
)
def test_refuses_for_its_use(usage: Usage, reason: str) -> None:
    text = f"FROM node:20\n{INSTALL}COPY . .\n{CMD}"

    assert split(text, usage=usage) == Rewritten(text, (reason,), ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"FROM node:14\n{INSTALL}COPY . .\nHEALTHCHECK CMD curl localhost\n{CMD}",
            "`curl` would have to be installed, and the packages of this Debian are no longer served",
        ),
        (
            "FROM node:20\nCOPY . .\nRUN npm ci\n" + CMD,
            "the program lies in `/`, among files of the system",
        ),
        (
            f"FROM node:20-alpine\n{INSTALL}COPY . .\nRUN apk add g++\nRUN ./x\n{CMD}",
            "what `./x` writes is not known",
        ),
    ],
)
def test_refuses_an_image(text: str, reason: str) -> None:
    assert split(text) == Rewritten(text, (reason,), ())


def test_an_alpine_image_loses_its_compilers() -> None:
    text = f"FROM node:20-alpine\nRUN apk add --no-cache python3 make g++ tini\n{INSTALL}COPY . .\n{CMD}"

    got = split(text)

    assert got.text == (
        f"FROM node:20-alpine AS build\nRUN apk add --no-cache python3 make g++ tini\n{INSTALL}\n"
        f"FROM node:20-alpine\nWORKDIR /app\nRUN apk add --no-cache tini\n{MODULES}COPY . .\n{CMD}"
    )


def test_prisma_gets_openssl() -> None:
    files = {"package.json": manifest("@prisma/client"), "package-lock.json": lock("@prisma/client"), "server.js": ""}

    got = split(f"FROM node:20\n{INSTALL}COPY . .\n{CMD}", files)

    assert "    openssl ca-certificates \\\n" in got.text


def test_a_program_that_the_source_starts_is_installed() -> None:
    files = {**EXPRESS, "server.js": "require('child_process').execFile('git', ['log'])\n"}

    assert "    git ca-certificates \\\n" in split(f"FROM node:20\n{INSTALL}COPY . .\n{CMD}", files).text


def test_owners_set_before_the_build_come_along() -> None:
    text = (
        f"FROM node:20\nRUN useradd app\n{INSTALL}COPY . .\nRUN chmod -R g+w src\nRUN npm run build\nUSER app\n{START}"
    )

    got = split(text, TYPESCRIPT)

    assert got.text.endswith(
        f"FROM node:20-slim\nRUN useradd app\nWORKDIR /app\nCOPY --from=build /app ./\nUSER app\n{START}"
    )


@pytest.mark.parametrize(
    ("run", "place"),
    [
        ("mkdir -p $DATA", "runtime"),
        ('mkdir -p "$DATA"/x ${LOGS}', "runtime"),
        ("mkdir -p ~/data", "runtime"),
        ("chown -R node:node $DATA", "runtime"),
        ("mkdir -p $INSIDE", "build"),
    ],
)
def test_a_folder_whose_path_a_variable_holds(run: str, place: str) -> None:
    variables = "ENV DATA=/var/lib/app LOGS=/logs INSIDE=/app/x\n"
    found = split(f"FROM node:20\nWORKDIR /app\n{variables}RUN {run}\nCOPY . .\nRUN npm ci\n{CMD}")

    assert found.reasons == ()
    assert (f"RUN {run}\n" in found.text.split("FROM ")[2]) is (place == "runtime")


def test_owners_of_a_path_that_is_computed() -> None:
    text = f"FROM node:20\nWORKDIR /app\nARG DATA\nRUN chown node $DATA/x\nCOPY . .\nRUN npm ci\n{CMD}"

    assert split(text).reasons == ("whether `$DATA/x` is a file of the application is not known",)


@pytest.mark.parametrize(
    "files",
    [
        {"package-lock.json": lock("odd", scripts=("odd",)), "package.json": manifest("odd")},
        {"server.js": "require('child_process').exec(process.argv[2])\n"},
    ],
)
def test_what_is_only_not_known_is_no_refusal_where_it_is_tried(files: dict[str, str]) -> None:
    text = f"FROM node:20\n{INSTALL}COPY . .\n{CMD}"

    got = split(text, {**EXPRESS, **files}, options=Options(will_be_tried=True))
    assert got.reasons == ()
    assert "\nFROM node:20-slim\n" in got.text


@pytest.mark.parametrize(
    ("run", "scripts"),
    [("npm ci && ./prepare.sh", {}), ("npm ci", {"postinstall": "./prepare.sh"})],
)
def test_what_only_is_not_known_is_tried_where_the_image_will_be_run(run: str, scripts: dict[str, str]) -> None:
    files = {**EXPRESS, "package.json": manifest("express", scripts=scripts), "prepare.sh": ""}
    text = f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN {run}\n{CMD}"

    assert split(text, files).text == text
    tried = split(text, files, options=Options(will_be_tried=True))
    assert tried.text == (
        f"FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN {run}\n\n"
        f"FROM node:20-slim\nWORKDIR /app\nCOPY --from=build /app ./\n{CMD}"
    )


GUIDE = (
    "FROM node:20 \n# the folder\nWORKDIR /app\n\nCOPY package*.json ./\n\nRUN npm ci\n"
    "# If you are building for production\n# RUN npm ci --omit=dev\n\n# the source\nCOPY . .\n\n{rest}"
)


def test_an_instruction_that_is_commented_out_stays_below_what_it_belongs_to() -> None:
    got = split(GUIDE.format(rest=CMD)).text

    assert got == (
        "FROM node:20 AS build \n# the folder\nWORKDIR /app\n\nCOPY package*.json ./\n\nRUN npm ci\n"
        "# If you are building for production\n# RUN npm ci --omit=dev\n\n"
        f"FROM node:20-slim\nWORKDIR /app\n{MODULES}\n# the source\nCOPY . .\n\n{CMD}"
    )


def test_a_new_run_stands_below_it() -> None:
    files = {**TYPESCRIPT, "server.js": "require('express')\n"}
    got = split(GUIDE.format(rest=CMD), files).text

    assert "RUN npm ci\n# If you are building for production\n# RUN npm ci --omit=dev\n\nRUN npm prune" in got


def test_no_comment_is_lost_and_none_stands_twice() -> None:
    text = (
        "FROM node:20\nWORKDIR /app\n\n# Section: network\n\n# port\nEXPOSE 3000\n\n# Section: install\n\n"
        "COPY package*.json ./\nRUN npm ci\nCOPY . .\nEXPOSE 4000\n# EXPOSE 5000\n\nLABEL a=b\n# VOLUME /x\n\n"
        '# the end\nCMD ["node", "server.js"]\n# CMD ["npm", "start"]\n\n# bye\n'
    )
    got = split(text).text

    comments = [line for line in text.split("\n") if line.startswith("#")]
    assert sorted(comments) == sorted(line for line in got.split("\n") if line.startswith("#"))
    assert "COPY . .\nEXPOSE 4000\n# EXPOSE 5000\n\nLABEL a=b\n# VOLUME /x\n\n# the end\nCMD" in got


def test_without_a_context_that_is_the_reason() -> None:
    dockerfile = Dockerfile.of_text(f"FROM node:20\n{INSTALL}COPY . .\n{CMD}")
    case = Case(dockerfile, None, Usage.none(), Catalogue.load(), Options(), "Dockerfile")
    result = run(case, tuple(t for t in load() if t.name == "node/split-stages"))

    assert [refusal.reason for refusal in result.refusals] == ["which folder is the build context is not known"]
