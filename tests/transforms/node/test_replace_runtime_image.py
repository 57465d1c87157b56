"""The last stage of a multi-stage file leaves a full image."""

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
