"""Manifests before the source."""

from __future__ import annotations

import json

import pytest

from dockerslim.case import Options
from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

LOCKED = {"package.json": manifest("ms"), "package-lock.json": lock("ms"), "server.js": "require('ms')\n"}
UNLOCKED = {"package.json": manifest("ms"), "server.js": ""}
HIDDEN = "**/node_modules\n"
MODULES = ("**/node_modules",)


def order(text: str, files: dict[str, str] | None = None, ignore: str | None = HIDDEN, **options: object) -> Rewritten:
    return rewrite(
        "copy-dependencies-first",
        text,
        LOCKED if files is None else files,
        ignore=ignore,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("before", "after", "files"),
    [
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm i\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n",
            LOCKED,
            id="npm i",
        ),
        pytest.param(
            'FROM node:20\nWORKDIR /app\nADD . /app\nRUN ["npm", "install", "--production"]\n',
            "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            'RUN ["npm", "ci", "--production"]\nADD . /app\n',
            LOCKED,
            id="exec form",
        ),
        pytest.param(
            "FROM node:20\nCOPY . /web\nWORKDIR /web\n\nRUN npm install -g pm2\nRUN npm install\n\nEXPOSE 1\n",
            "FROM node:20\nWORKDIR /web\n\nRUN npm install -g pm2\nCOPY package.json package-lock.json ./\n"
            "RUN npm ci\n\nCOPY . /web\n\nEXPOSE 1\n",
            LOCKED,
            id="a WORKDIR and a global install between",
        ),
        pytest.param(
            'FROM node:20\nWORKDIR /app\n\n# source\nCOPY . .\n\n# packages\nRUN npm ci\n\nCMD ["node"]\n',
            "FROM node:20\nWORKDIR /app\n\n# packages\nCOPY package.json package-lock.json ./\nRUN npm ci\n\n"
            '# source\nCOPY . .\n\nCMD ["node"]\n',
            LOCKED,
            id="comments and paragraphs",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\n\n# the source\nCOPY . .\nRUN npm ci\n",
            "FROM node:20\nWORKDIR /app\n\nCOPY package.json package-lock.json ./\nRUN npm ci\n\n"
            "# the source\nCOPY . .\n",
            LOCKED,
            id="a comment begins a paragraph",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install \\\n    # then the bundle\n    && npm run build\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n"
            "RUN npm run build\n",
            LOCKED,
            id="install and build in one chain",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm cache clean --force\nRUN npm run build\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json package-lock.json ./\n"
            "RUN npm ci && npm cache clean --force\n"
            "COPY . .\nRUN npm run build\n",
            LOCKED,
            id="cleaning stays with the install",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY --chown=node:node . .\nUSER node\nRUN npm ci\n",
            "FROM node:20\nWORKDIR /app\nUSER node\nCOPY --chown=node:node package.json package-lock.json ./\n"
            "RUN npm ci\n"
            "COPY --chown=node:node . .\n",
            LOCKED,
            id="owner",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nCOPY server.js ./\nRUN npm install\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY server.js ./\n",
            UNLOCKED,
            id="the source alone moves",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm install -g serve\nRUN npm run build\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nRUN npm install -g serve\nCOPY . .\n"
            "RUN npm run build\n",
            UNLOCKED,
            id="a global install below stays above the source",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json .npmrc ./\nCOPY patches ./patches/\nRUN npm install\n"
            "COPY . .\n",
            {
                "package.json": manifest("patch-package", scripts={"postinstall": "patch-package"}),
                ".npmrc": "",
                "patches/ms+2.1.3.patch": "",
                "server.js": "",
            },
            id="settings and a folder",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN npm install\n",
            "FROM node:20\nWORKDIR /repo\nCOPY package.json ./\nCOPY packages/a/package.json ./packages/a/\n"
            "RUN npm install\n"
            "COPY . .\n",
            {
                "package.json": manifest(workspaces=["packages/*"]),
                "packages/a/package.json": manifest("ms", name="a"),
                "packages/a/index.js": "",
            },
            id="workspace members",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY web .\nRUN npm install\n",
            "FROM node:20\nWORKDIR /app\nCOPY web/package.json ./\nRUN npm install\nCOPY web .\n",
            {"web/package.json": manifest("ms"), "web/index.js": ""},
            id="a folder of the context",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN yarn install --frozen-lockfile\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile\n"
            "COPY . .\n",
            {"package.json": manifest("ms"), "yarn.lock": 'ms@1.0.0:\n  version "1.0.0"\n', "a.js": ""},
            id="yarn",
        ),
        pytest.param(
            "FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm install && npm run build\n\n"
            "FROM nginx\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
            "FROM node:20 AS build\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n"
            "RUN npm run build\n\n"
            "FROM nginx\nCOPY --from=build /app/dist /usr/share/nginx/html\n",
            UNLOCKED,
            id="a build stage",
        ),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN rm -rf ./other\nRUN npm install\n",
            "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\nRUN rm -rf ./other\n",
            UNLOCKED,
            id="a RUN that changes the source follows it",
        ),
        pytest.param(
            "from node:20\nworkdir /app\ncopy . .\nrun npm install && npm run build",
            "from node:20\nworkdir /app\ncopy package.json ./\nrun npm install\ncopy . .\nrun npm run build",
            UNLOCKED,
            id="lower case, no newline at the end",
        ),
        pytest.param(
            "FROM node:20\r\nWORKDIR /app\r\nCOPY . .\r\nRUN npm install\r\n",
            "FROM node:20\r\nWORKDIR /app\r\nCOPY package.json ./\r\nRUN npm install\r\nCOPY . .\r\n",
            UNLOCKED,
            id="CRLF",
        ),
        pytest.param(
            'FROM node:20\nCMD ["node"]\nWORKDIR /app\nCOPY . .\nRUN npm install\n',
            'FROM node:20\nCMD ["node"]\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n',
            UNLOCKED,
            id="the command stands above",
        ),
    ],
)
def test_moves(before: str, after: str, files: dict[str, str]) -> None:
    assert order(before, files) == Rewritten(after, (), ())


@pytest.mark.parametrize(
    ("image", "version", "command", "frozen"),
    [
        ("node:20", 3, "npm install", True),
        ("node:20", 2, "npm install", True),
        ("node:20", 1, "npm install", False),
        ("node:14", 1, "npm install", True),
        ("node:14", 3, "npm install", False),
        ("node:8", 1, "npm install", False),
        ("node", 3, "npm install", True),
        ("node:20", 3, "npm install --omit=dev --no-audit", True),
        ("node:20", 3, "npm install --legacy-peer-deps", False),
        ("node:20", 3, "npm install --force", False),
        ("node:20", 3, "npm install --no-package-lock", False),
        ("node:20", 3, "npm install --prefix .", False),
    ],
)
def test_npm_ci_only_where_it_installs_the_same(image: str, version: int, command: str, frozen: bool) -> None:
    files = {**LOCKED, "package-lock.json": lock("ms", version=version)}
    if version == 1:
        files["package-lock.json"] = '{"lockfileVersion": 1, "dependencies": {"ms": {"version": "1.0.0"}}}'

    got = order(f"FROM {image}\nWORKDIR /app\nCOPY . .\nRUN {command}\n", files)

    wanted = command.replace("install", "ci") if frozen else command
    assert f"\nRUN {wanted}\nCOPY . .\n" in got.text


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({**LOCKED, "package.json": manifest("ms", "qs")}, id="the lock does not agree"),
        pytest.param({**LOCKED, "yarn.lock": ""}, id="two lock files"),
        pytest.param({**LOCKED, "package-lock.json": "{"}, id="a broken lock file"),
    ],
)
def test_npm_install_stays(files: dict[str, str]) -> None:
    assert "RUN npm install\nCOPY . ." in order("FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\n", files).text


def test_adds_the_line_that_keeps_a_hosts_modules_out() -> None:
    got = order("FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", ignore=None)

    assert got.ignore_lines == MODULES


def test_a_copy_that_can_bring_no_modules_needs_no_line() -> None:
    got = order("FROM node:20\nWORKDIR /app\nCOPY package.json server.js ./\nRUN npm install\n", UNLOCKED, ignore=None)

    assert got.text.endswith("COPY package.json ./\nRUN npm install\nCOPY server.js ./\n")
    assert got.ignore_lines == ()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("FROM node:20\nWORKDIR /app\nCOPY package*.json ./\nRUN npm install\nCOPY . .\n", id="in order"),
        pytest.param(
            "FROM node:20\nWORKDIR /app\nCOPY package*.json tsconfig.json ./\nRUN npm install\nCOPY . .\n",
            id="with configuration that seldom changes",
        ),
        pytest.param(
            "FROM node:20\nCOPY docker-entrypoint.sh /usr/local/bin/\nWORKDIR /app\nCOPY package*.json ./\n"
            "RUN npm ci\n",
            id="a file that lands elsewhere",
        ),
        pytest.param("FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install -g serve\n", id="only a global install"),
        pytest.param("FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install express\n", id="only packages by name"),
        pytest.param("FROM node:20\nWORKDIR /app\nCOPY . .\nCMD node server.js\n", id="no install"),
        pytest.param("FROM registry.example.com/node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", id="an unknown image"),
        pytest.param("FROM debian\nWORKDIR /app\nCOPY . .\nRUN npm ci\n", id="another image"),
        pytest.param("FROM node:20\nWORKDIR /srv\nCOPY . /app\nRUN npm ci\n", id="no package.json where it installs"),
        pytest.param("FROM node:20\nARG X\nWORKDIR $X\nCOPY . .\nRUN npm ci\n", id="an unknown folder"),
    ],
)
def test_does_nothing(text: str) -> None:
    files = {**LOCKED, "tsconfig.json": "{}", "docker-entrypoint.sh": ""}

    assert order(text, files) == Rewritten(text, (), ())


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (
            "COPY . .\nRUN ./prepare.sh\nRUN npm ci",
            "`./prepare.sh` runs between the source's COPY and the install, and may need the source",
        ),
        (
            "COPY . .\nRUN chown -R node:node /app\nRUN npm ci",
            "`chown -R` runs between the source's COPY and the install, and may need the source",
        ),
        (
            "COPY . .\nRUN npm run clean && npm ci",
            "`npm run` comes before the install and may need the source",
        ),
        (
            "COPY . .\nRUN npm ci; npm run build",
            "`npm run` follows the install in the same script and may need the source",
        ),
        (
            "COPY . .\nRUN npm ci || npm install",
            "the install is part of a longer script",
        ),
        (
            "COPY . .\nRUN export A=1 && npm ci && npm run build",
            "`npm run` follows the install in the same script and may need the source",
        ),
        (
            "COPY . .\nRUN --mount=type=secret,id=npm npm ci && npm run build",
            "the RUN of the install has options, and does more than install",
        ),
        (
            "COPY . .\nWORKDIR /app/sub/..\nRUN npm ci",
            "WORKDIR stands between the source's COPY and the install, and changes what either does",
        ),
        (
            "COPY . .\nCOPY other/server.js ./server.js\nRUN npm ci",
            "",
        ),
        (
            "COPY . .\nCOPY other/package.json ./package.json\nRUN npm ci",
            "this COPY lays files over the source, and would change places with it",
        ),
    ],
)
def test_refuses(lines: str, reason: str) -> None:
    text = f"FROM node:20\nWORKDIR /app\n{lines}\n"
    files = {**LOCKED, "other/server.js": "", "other/package.json": manifest("ms"), "sub/a": ""}

    got = order(text, files)

    if reason:
        assert got == Rewritten(text, (reason,), ())
    else:
        assert got.text.endswith("COPY . .\nCOPY other/server.js ./server.js\n")


@pytest.mark.parametrize(
    "options",
    [Options(can_write_ignore=False), Options(refused_ignore_lines=frozenset(MODULES))],
    ids=["no other file may be made", "another file contradicts it"],
)
def test_refuses_where_a_hosts_modules_could_be_laid_over(options: Options) -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"

    got = order(text, ignore=None, options=options)

    assert got == Rewritten(text, ("the source's COPY could lay a host's node_modules over the installed ones",), ())


def test_refuses_where_modules_of_the_context_are_copied() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nCOPY vendor/node_modules ./node_modules\nRUN npm ci\n"

    got = order(text, {**LOCKED, "vendor/node_modules/x/index.js": ""}, ignore=None)

    assert got.text == text
    assert got.reasons != ()


def test_refuses_what_the_facts_refuse() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"

    got = order(text, {**LOCKED, "binding.gyp": ""})

    assert got == Rewritten(text, ("`binding.gyp` makes the install build native code from the source",), ())


def test_a_lock_file_that_comes_too_late_is_told() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY package.json ./\nRUN npm install\nCOPY . .\n"

    got = order(text)

    assert got == Rewritten(
        text, ("`package-lock.json` is not copied before the install, which takes the newest versions",), ()
    )


def test_without_a_context_nothing_is_known() -> None:
    text = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\n"

    assert order(text, {}).text == text


@pytest.mark.parametrize(
    ("peers", "verb"),
    [({"ms": "^1"}, "npm ci"), ({"ms": "^2"}, "npm install"), ({"react": "*"}, "npm install")],
)
def test_a_lock_that_npm_ci_would_refuse_for_its_peers(peers: dict[str, str], verb: str) -> None:
    locked = json.loads(lock("ms", "plugin"))
    locked["packages"]["node_modules/plugin"]["peerDependencies"] = peers
    files = {"package.json": manifest("ms", "plugin"), "package-lock.json": json.dumps(locked), "server.js": ""}
    got = rewrite("copy-dependencies-first", "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\n", files)

    assert f"COPY package.json package-lock.json ./\nRUN {verb}\nCOPY . .\n" in got.text
