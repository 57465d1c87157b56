"""The last stage of a multi-stage file, or the only one of a file that builds nothing, leaves a full image."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

FILES = {
    "package.json": manifest("express", dev=("typescript",), scripts={"build": "tsc"}),
    "package-lock.json": lock("express", dev=("typescript",)),
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": "import 'express'\n",
}
BUILD = "FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n\n"
COPIES = "WORKDIR /app\nCOPY --from=build /app/node_modules ./node_modules\nCOPY --from=build /app/dist ./dist\n"
CMD = 'CMD ["node", "dist/index.js"]\n'


def replaced(runtime: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("replace-runtime-image", BUILD + runtime, {**FILES, **(files or {})})


@pytest.mark.parametrize(
    ("base", "slim"),
    [
        ("node:20", "node:20-slim"),
        ("node:20-bookworm AS run", "node:20-bookworm-slim AS run"),
        ("node", "node:slim"),
        ("--platform=linux/amd64 node:20.1.0", "--platform=linux/amd64 node:20.1.0-slim"),
    ],
)
def test_slim_twin(base: str, slim: str) -> None:
    assert replaced(f"FROM {base}\n{COPIES}{CMD}").text == f"{BUILD}FROM {slim}\n{COPIES}{CMD}"


def test_an_install_of_plain_packages_stays() -> None:
    runtime = f"WORKDIR /app\nCOPY package*.json ./\nRUN npm ci --omit=dev\nCOPY --from=build /app/dist ./dist\n{CMD}"

    assert replaced(f"FROM node:20\n{runtime}").text == f"{BUILD}FROM node:20-slim\n{runtime}"


def test_a_package_that_is_installed_stays() -> None:
    runtime = f"RUN apt-get update && apt-get install -y curl\n{COPIES}HEALTHCHECK CMD curl localhost:3000\n{CMD}"

    assert replaced(f"FROM node:20\n{runtime}").text == f"{BUILD}FROM node:20-slim\n{runtime}"


@pytest.mark.parametrize("base", ["node:20-slim", "node:20-alpine", "build", "nginx", "debian"])
def test_nothing_to_do(base: str) -> None:
    got = replaced(f"FROM {base}\n{COPIES}{CMD}")

    assert got.text == f"{BUILD}FROM {base}\n{COPIES}{CMD}"
    assert not got.reasons


def test_a_last_stage_that_builds_is_left() -> None:
    runtime = f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n{CMD}"
    got = replaced(runtime)

    assert got.text == BUILD + runtime
    assert not got.reasons


@pytest.mark.parametrize(
    ("runtime", "files", "reason"),
    [
        (f"{COPIES}HEALTHCHECK CMD curl localhost\n{CMD}", {}, "the slim image lacks `curl`, which the program needs"),
        (
            f"{COPIES}{CMD}",
            {"src/index.ts": "require('child_process').execFileSync('git', ['log'])\n"},
            "the slim image lacks `git`, which the program needs",
        ),
        (f"{COPIES}RUN ./prepare.sh\n{CMD}", {}, "what `./prepare.sh` needs of the full image is not known"),
        (
            f"WORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY --from=build /app/dist ./dist\n{CMD}",
            {
                "package.json": manifest("bcrypt", dev=("typescript",), scripts={"build": "tsc"}),
                "package-lock.json": lock("bcrypt", dev=("typescript",)),
            },
            "`bcrypt` may have to be compiled here (package-lock.json)",
        ),
        (f'{COPIES}CMD ["./start.sh"]\n', {}, "what the command runs is not known: `./start.sh` is not known"),
        (
            'COPY --from=build /app/dist /srv\nCMD ["node", "/srv/index.js"]\n',
            {},
            "which project of the build context runs here is not known",
        ),
    ],
)
def test_refuses(runtime: str, files: dict[str, str], reason: str) -> None:
    got = replaced(f"FROM node:20\n{runtime}", files)

    assert got.text == f"{BUILD}FROM node:20\n{runtime}"
    assert got.reasons == (reason,)


# --- a file of one stage


SERVER = {"server.js": "require('http').createServer(() => {}).listen(80)\n"}
SERVE = 'RUN npm install -g serve\nCOPY site ./site\nCMD ["serve", "site"]\n'
NODE = 'CMD ["node", "server.js"]\n'


@pytest.mark.parametrize(
    ("base", "slim", "stage", "files"),
    [
        ("node:20", "node:20-slim", f"WORKDIR /app\nCOPY server.js .\n{NODE}", SERVER),
        ("node", "node:slim", f"COPY . .\n{NODE}", SERVER),
        ("node:20", "node:20-slim", f"WORKDIR /app\nCOPY src /app/\n{NODE}", {"src/server.js": SERVER["server.js"]}),
        ("node:20", "node:20-slim", 'COPY . /srv\nWORKDIR /srv\nCMD ["node", "/srv/server.js"]\n', SERVER),
        ("node:20", "node:20-slim", SERVE, {"site/index.html": ""}),
        ("node:20", "node:20-slim", SERVE.replace("serve\n", "serve@14 && npm cache clean --force\n"), {}),
        ("node:20", "node:20-slim", f"WORKDIR /app\nCOPY . .\nRUN mkdir logs && chown 1000 logs\n{NODE}", SERVER),
        ("node:20", "node:20-slim", f"RUN apt-get update && apt-get install -y git\nCOPY . .\n{NODE}", SERVER),
        ("node:20", "node:20-slim", f"COPY . .\n{NODE}", {**SERVER, "package.json": manifest()}),
    ],
)
def test_nothing_is_installed_or_built(base: str, slim: str, stage: str, files: dict[str, str]) -> None:
    files = files or {"site/index.html": ""}
    got = rewrite("replace-runtime-image", f"# the server\nFROM {base} AS run\n{stage}", files)

    assert got.text == f"# the server\nFROM {slim} AS run\n{stage}"
    assert not got.reasons


@pytest.mark.parametrize("base", ["node:20-slim", "node:20-alpine", "debian:12"])
def test_one_stage_on_another_image(base: str) -> None:
    text = f"FROM {base}\nCOPY . .\n{NODE}"
    got = rewrite("replace-runtime-image", text, SERVER)

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize("run", ["RUN npm install", "RUN npm ci && npm run build", "RUN npm prune --omit=dev"])
def test_one_stage_that_installs_is_for_split_stages(run: str) -> None:
    text = f"FROM node:20\nWORKDIR /app\nCOPY . .\n{run}\n{NODE}"
    got = rewrite("replace-runtime-image", text, {**SERVER, "package.json": manifest(scripts={"build": "tsc"})})

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize(
    ("stage", "files", "reason"),
    [
        (f"COPY . .\n{NODE}", {}, "which project of the build context runs here is not known"),
        (
            f"COPY . .\n{NODE}",
            {"server.js": "require('pg')\n"},
            "nothing says what `pg`, which the program loads, needs of the system",
        ),
        (
            f"COPY . .\n{NODE}",
            {"server.js": "require('child_process').execFileSync('convert', ['a', 'b'])\n"},
            "the slim image lacks `imagemagick`, which the program needs",
        ),
        (
            f"COPY . .\nHEALTHCHECK CMD curl localhost\n{NODE}",
            SERVER,
            "the slim image lacks `curl`, which the program needs",
        ),
        (f"COPY . .\nRUN ./prepare.sh\n{NODE}", SERVER, "what `./prepare.sh` needs of the full image is not known"),
        (f"RUN curl -O http://example.com/x\nCOPY . .\n{NODE}", SERVER, "what `curl -O http://example.com/x` needs of"),
        (
            'RUN npm install -g node-red serve\nCOPY site .\nCMD ["serve"]\n',
            {"site/a.html": ""},
            "whether `node-red` can be installed on a slim image is not known",
        ),
        ('COPY . .\nCMD ["npm", "start"]\n', SERVER, "which project of the build context runs here is not known"),
        ("COPY . .\n", SERVER, "what the image runs is not said"),
    ],
)
def test_one_stage_is_refused(stage: str, files: dict[str, str], reason: str) -> None:
    got = rewrite("replace-runtime-image", f"FROM node:20\n{stage}", files)

    assert got.text == f"FROM node:20\n{stage}"
    assert len(got.reasons) == 1
    assert got.reasons[0].startswith(reason)


def test_a_server_for_development_is_left() -> None:
    text = 'FROM node:20\nCOPY . .\nCMD ["npx", "nodemon", "server.js"]\n'
    got = rewrite("replace-runtime-image", text, {**SERVER, "package.json": manifest()})

    assert (got.text, got.reasons) == (text, ())


def test_an_unknown_global_package_in_a_last_stage() -> None:
    got = replaced(f"FROM node:20\n{COPIES}RUN npm install -g node-red\n{CMD}")

    assert got.reasons == ("whether `node-red` can be installed on a slim image is not known",)
