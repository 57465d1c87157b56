"""Caches of npm, Yarn, pnpm and Bun."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

FILES = {"package.json": manifest("ms"), "package-lock.json": lock("ms"), "server.js": ""}
NPM = "--mount=type=cache,target=/root/.npm"
YARN = "--mount=type=cache,target=/usr/local/share/.cache/yarn/v6,sharing=locked"


def mount(text: str, files: dict[str, str] | None = None) -> Rewritten:
    return rewrite("add-cache-mounts", text, FILES if files is None else files)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN npm ci", f"RUN {NPM} \\\n    npm ci"),
        ("RUN npm install -g pm2", f"RUN {NPM} \\\n    npm install -g pm2"),
        ("RUN npm add ms@2", f"RUN {NPM} \\\n    npm add ms@2"),
        ('RUN ["npm", "ci"]', f'RUN {NPM} \\\n    ["npm", "ci"]'),
        ("RUN npm ci && npm cache clean --force", f"RUN {NPM} \\\n    npm ci"),
        ("RUN npm ci --omit=dev; npm cache verify", f"RUN {NPM} \\\n    npm ci --omit=dev"),
        ("RUN npm ci && rm -rf ~/.npm", f"RUN {NPM} \\\n    npm ci"),
        ("RUN npm ci && rm -rf /root/.npm && npm run build", f"RUN {NPM} \\\n    npm ci && npm run build"),
        ("RUN yarn --production && yarn cache clean", f"RUN {YARN} \\\n    yarn --production"),
        ("RUN yarn global add pm2", f"RUN {YARN} \\\n    yarn global add pm2"),
        (
            "RUN npm i -g pnpm\nRUN pnpm install",
            f"RUN {NPM} \\\n    npm i -g pnpm\nRUN --mount=type=cache,target=/root/.local/share/pnpm/store \\\n"
            f"    pnpm install",
        ),
        (
            "ENV PNPM_HOME=/pnpm\nRUN pnpm i --frozen-lockfile",
            "ENV PNPM_HOME=/pnpm\nRUN --mount=type=cache,target=/pnpm/store \\\n    pnpm i --frozen-lockfile",
        ),
        ("RUN bun install", "RUN --mount=type=cache,target=/root/.bun/install/cache \\\n    bun install"),
        (
            "ENV npm_config_cache=/var/npm\nRUN npm ci",
            "ENV npm_config_cache=/var/npm\nRUN --mount=type=cache,target=/var/npm \\\n    npm ci",
        ),
        ("RUN --network=default npm ci", f"RUN --network=default \\\n    {NPM} \\\n    npm ci"),
        (
            "RUN apt-get update && \\\n  # for the install\n  npm ci",
            f"RUN {NPM} \\\n  apt-get update && \\\n  # for the install\n  npm ci",
        ),
        ("RUN <<EOF\nnpm ci\nnpm run build\nEOF", f"RUN {NPM} \\\n    <<EOF\nnpm ci\nnpm run build\nEOF"),
        (
            "RUN npm ci\nRUN npm i -g serve && npm cache clean --force",
            f"RUN {NPM} \\\n    npm ci\nRUN {NPM} \\\n    npm i -g serve",
        ),
    ],
)
def test_mounts(before: str, after: str) -> None:
    head, tail = "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\n", "\nCOPY . .\n"

    assert mount(head + before + tail) == Rewritten(head + after + tail, (), ())


@pytest.mark.parametrize(
    "lines",
    [
        f"RUN {NPM} npm ci",
        "RUN --mount=type=cache,target=/root npm ci",
        "RUN npm ci --cache /tmp/cache",
        "RUN npm_config_cache=/tmp/c npm ci",
        "RUN npm config set cache /tmp/c && npm ci",
        "RUN export npm_config_cache=/tmp/c && npm ci",
        "ENV NPM_CONFIG_CACHE=/tmp/c\nRUN npm ci",
        "RUN npx serve",
        "RUN npm run build",
        "RUN npm cache clean --force",
        "RUN npm cache add ms && npm ci --offline",
        "COPY .npm /root/.npm\nRUN npm ci",
        "RUN yarn --cache-folder ./c",
        "RUN npm --version",
    ],
)
def test_does_nothing(lines: str) -> None:
    text = f"FROM node:20\nWORKDIR /app\nCOPY package*.json ./\n{lines}\n"

    assert mount(text, {**FILES, ".npm/x": ""}) == Rewritten(text, (), ())


def test_settings_of_the_project_are_heeded() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY package.json .npmrc ./\nRUN npm ci\n"

    assert mount(text, {**FILES, ".npmrc": "cache=/x\n"}).text == text


def test_plug_n_play_runs_out_of_the_cache() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY package.json yarn.lock .yarnrc.yml ./\nRUN yarn install\n"
    files = {"package.json": manifest("ms"), "yarn.lock": "__metadata:\n  version: 8\n", ".yarnrc.yml": ""}

    assert mount(text, files).text == text
    files[".yarnrc.yml"] = "nodeLinker: node-modules\n"
    assert "target=/root/.yarn/berry/cache" in mount(text, files).text


def test_another_image_is_left_alone() -> None:
    text = "FROM registry.example.com/node:20\nRUN npm ci\n"

    assert mount(text) == Rewritten(text, (), ())


def test_a_stage_that_others_copy_the_cache_from() -> None:
    text = "FROM node:20 AS a\nRUN npm ci\n\nFROM node:20\nCOPY --from=a /root/.npm /npm\n"

    assert mount(text) == Rewritten(text, (), ())


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("RUN npm ci && rm -rf /root/.npm /opt/x", "the command empties the cache together with other things"),
        ("USER node\nRUN npm ci", "the cache lies below the home of the user who runs the program"),
    ],
)
def test_refuses(lines: str, reason: str) -> None:
    text = f"FROM node:20\nWORKDIR /app\nCOPY package*.json ./\n{lines}\n"

    assert mount(text) == Rewritten(text, (reason,), ())


def test_a_user_below_the_install_changes_nothing() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nUSER node\n"

    assert f"RUN {NPM} \\\n    npm ci\nUSER node\n" in mount(text).text


def test_crlf_and_lower_case() -> None:
    got = mount("from node:20\r\nrun npm ci\r\n")

    assert got.text == f"from node:20\r\nrun {NPM} \\\r\n    npm ci\r\n"


TMP = f"{NPM} \\\n    --mount=type=tmpfs,target=/tmp"


@pytest.mark.parametrize(
    ("image", "run", "mounts"),
    [
        ("node:22-slim", "npm install -g serve", TMP),
        ("node:24-alpine", "npm i --global pm2@5 && pm2 ping", TMP),
        ("node:lts-slim", "npm install -g serve", TMP),
        ("node:20-slim", "npm install -g serve", NPM),
        ("node:22-slim", "npm ci", NPM),
        ("node:22-slim", "npm install -g serve && cp a /tmp", NPM),
        ("node:22-slim", "yarn global add serve", YARN),
    ],
)
def test_what_npm_compiles_of_itself_stays_out_of_the_last_stage(image: str, run: str, mounts: str) -> None:
    head = "FROM node:22 AS build\nRUN true\n\n"
    text = f"{head}FROM {image}\nWORKDIR /app\nCOPY package*.json ./\nRUN {{}}{run}\n"

    got = mount(text.format(""))

    assert got == Rewritten(text.format(mounts + " \\\n    "), (), ())
    assert mount(got.text) == Rewritten(got.text, (), ())


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("FROM node:22\nRUN {}npm i -g serve\n", NPM),
        ("FROM node:22 AS a\nRUN {}npm i -g serve\n\nFROM node:22-slim\n", NPM),
        ("FROM node:22 AS a\n\nFROM node:22-slim\nRUN --mount=type=tmpfs,target=/tmp \\\n    {}npm i -g serve\n", NPM),
        (
            "FROM node:22 AS a\n\nFROM node:22-slim\nUSER node\nRUN --mount=target=/home/node/.npm {}npm i -g serve\n",
            "",
        ),
    ],
)
def test_and_nothing_is_mounted_over_tmp_elsewhere(stages: str, expected: str) -> None:
    got = mount(stages.format(""))

    assert got.text == stages.format(f"{expected} \\\n    " if expected else "")


def test_a_comment_that_speaks_of_what_would_be_taken_out() -> None:
    text = (
        "FROM node:20-alpine\nWORKDIR /app\nCOPY package.json ./\n"
        "# `npm cache clean` makes the layer smaller\nRUN npm install && npm cache clean --force\n"
    )

    got = mount(text)

    assert got.text == text
    assert got.reasons == ("the comment speaks of `npm cache clean`, which would be taken out",)
