"""Each package manager's way to take development dependencies out again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.engine.registry import load
from dockerslim.engine.runner import run
from dockerslim.images.catalogue import Catalogue
from tests.transforms.node.rewriting import lock, manifest, rewrite

SOURCES = {
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": "import 'express'\n",
}
SCRIPTS = {"build": "tsc", "start": "node dist/index.js"}
DOCKERFILE = (
    'FROM node:20\nWORKDIR /app\nCOPY . .\nRUN {install}\nRUN {build}\nEXPOSE 3000\nCMD ["node", "dist/index.js"]\n'
)
YARN_LOCK = '# yarn lockfile v1\n\nexpress@1.0.0:\n  version "1.0.0"\n\ntypescript@1.0.0:\n  version "1.0.0"\n'
BERRY_LOCK = (
    '__metadata:\n  version: 8\n\n"express@npm:1.0.0":\n  version: 1.0.0\n\n"typescript@npm:1.0.0":\n  version: 1.0.0\n'
)
PNPM_LOCK = (
    "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      express:\n        specifier: 1.0.0\n"
    "        version: 1.0.0\n    devDependencies:\n      typescript:\n        specifier: 1.0.0\n"
    "        version: 1.0.0\n\npackages:\n\n  express@1.0.0:\n    resolution: {}\n"
)


def pruned(install: str, build: str, files: dict[str, str], **more: object) -> str:
    package = manifest("express", dev=("typescript",), scripts=SCRIPTS, **more)
    text = DOCKERFILE.format(install=install, build=build)
    return rewrite("split-stages", text, {"package.json": package, **SOURCES, **files}).text


@pytest.mark.parametrize(
    ("install", "build", "files", "more", "command"),
    [
        (
            "yarn install --frozen-lockfile",
            "yarn build",
            {"yarn.lock": YARN_LOCK},
            {},
            "yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",
        ),
        (
            "yarn",
            "yarn build",
            {"yarn.lock": YARN_LOCK},
            {},
            "yarn install --production --ignore-scripts --prefer-offline",
        ),
        ("pnpm install", "pnpm build", {"pnpm-lock.yaml": PNPM_LOCK}, {}, "pnpm prune --prod"),
        (
            "yarn install --immutable",
            "yarn build",
            {"yarn.lock": BERRY_LOCK, ".yarnrc.yml": "nodeLinker: node-modules\n"},
            {"packageManager": "yarn@4.1.0"},
            "yarn workspaces focus --production",
        ),
    ],
)
def test_takes_them_out(install: str, build: str, files: dict[str, str], more: dict[str, object], command: str) -> None:
    text = pruned(install, build, files, **more)

    assert f"RUN {build}\nRUN {command}\n\nFROM node:20-slim\n" in text


@pytest.mark.parametrize(
    ("install", "build", "files", "more"),
    [
        pytest.param(
            "yarn install",
            "yarn build",
            {"yarn.lock": BERRY_LOCK, ".yarnrc.yml": "nodeLinker: node-modules\n"},
            {"packageManager": "yarn@3.6.0"},
            id="a Yarn whose command needs a plugin",
        ),
        pytest.param(
            "yarn install",
            "yarn build",
            {"yarn.lock": BERRY_LOCK, ".yarnrc.yml": "enableGlobalCache: false\n"},
            {"packageManager": "yarn@4.1.0"},
            id="Plug'n'Play",
        ),
        pytest.param("bun install", "bun run build", {"bun.lock": "{}"}, {}, id="Bun"),
        pytest.param(
            "npm install && yarn install", "yarn build", {"yarn.lock": YARN_LOCK}, {}, id="several package managers"
        ),
        pytest.param("yarn install --production", "yarn build", {"yarn.lock": YARN_LOCK}, {}, id="they never came"),
    ],
)
def test_leaves_them_in(install: str, build: str, files: dict[str, str], more: dict[str, object]) -> None:
    text = pruned(install, build, files, **more)

    assert not any(word in text.partition(f"RUN {build}\n")[2] for word in ("prune", "focus", "--production"))


def test_pnpm_would_run_a_script_again() -> None:
    package = manifest("express", dev=("typescript",), scripts={**SCRIPTS, "prepare": "husky"})
    text = DOCKERFILE.format(install="pnpm install", build="pnpm build")
    got = rewrite("split-stages", text, {"package.json": package, "pnpm-lock.yaml": PNPM_LOCK, **SOURCES})

    assert "FROM node:20-slim" in got.text
    assert "prune" not in got.text


def test_packages_in_zip_files_outside_of_the_project() -> None:
    package = manifest("express", dev=("typescript",), scripts=SCRIPTS, packageManager="yarn@4.1.0")
    text = DOCKERFILE.format(install="yarn install", build="yarn build")
    got = rewrite("split-stages", text, {"package.json": package, "yarn.lock": BERRY_LOCK, **SOURCES})

    assert got.text == text
    assert got.reasons == ("Yarn's Plug'n'Play keeps the packages outside of the project's folder",)


# --- workspaces

IN_PLACE = "CI=true pnpm install --prod --frozen-lockfile --offline --ignore-scripts --config.modules-cache-max-age=0"


def workspace(install: str, files: dict[str, str], *, member: str = "", **root: Any) -> str:
    """What becomes of a repository whose one member is built and started from its root."""
    api = manifest("express", dev=("typescript",), scripts={"build": "tsc"}, name="api")
    named: dict[str, Any] = {} if "pnpm-workspace.yaml" in files else {"workspaces": ["apps/*"]}
    context = {
        "package.json": manifest(dev=("typescript",), **named, **root),
        "apps/api/package.json": member or api,
        "apps/api/tsconfig.json": SOURCES["tsconfig.json"],
        "apps/api/src/index.ts": SOURCES["src/index.ts"],
        **files,
    }
    text = f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN {install}\nRUN cd apps/api && npx tsc\n"
    text += 'CMD ["node", "apps/api/dist/index.js"]\n'
    return rewrite("split-stages", text, context).text


PNPM_WORKSPACE = {
    "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
    "pnpm-lock.yaml": PNPM_LOCK.replace(
        "  .:\n    dependencies:\n      express:\n        specifier: 1.0.0\n        version: 1.0.0\n",
        "  apps/api:\n    dependencies:\n      express:\n        specifier: 1.0.0\n        version: 1.0.0\n"
        "    devDependencies:\n      typescript:\n        specifier: 1.0.0\n        version: 1.0.0\n\n  .:\n",
    ),
}


@pytest.mark.parametrize(
    ("install", "files", "root", "command"),
    [
        (
            "yarn install --frozen-lockfile",
            {"yarn.lock": YARN_LOCK},
            {},
            "yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile",
        ),
        ("pnpm install --frozen-lockfile", PNPM_WORKSPACE, {"packageManager": "pnpm@10.34.9"}, IN_PLACE),
        ("npm install -g pnpm@8 && pnpm install --frozen-lockfile", PNPM_WORKSPACE, {}, IN_PLACE),
        (
            "pnpm install --frozen-lockfile",
            PNPM_WORKSPACE,
            {"packageManager": "pnpm@9.1.0", "scripts": {"prepare": "husky"}},
            IN_PLACE,
        ),
    ],
)
def test_of_a_workspace(install: str, files: dict[str, str], root: dict[str, Any], command: str) -> None:
    assert f"npx tsc\nRUN {command}\n\nFROM node:20-slim\n" in workspace(install, files, **root)


@pytest.mark.parametrize(
    ("install", "files", "root"),
    [
        pytest.param("pnpm install --frozen-lockfile", PNPM_WORKSPACE, {}, id="which pnpm isn't said"),
        pytest.param(
            "pnpm install --frozen-lockfile", PNPM_WORKSPACE, {"packageManager": "pnpm@12.1.0"}, id="a later pnpm"
        ),
        pytest.param(
            "pnpm install",
            {"pnpm-workspace.yaml": PNPM_WORKSPACE["pnpm-workspace.yaml"]},
            {"packageManager": "pnpm@10.1.0"},
            id="no lock",
        ),
        pytest.param(
            "pnpm install --frozen-lockfile",
            {**PNPM_WORKSPACE, ".npmrc": "node-linker=hoisted\n"},
            {"packageManager": "pnpm@10.1.0"},
            id="another layout",
        ),
        pytest.param(
            "pnpm install --frozen-lockfile",
            {**PNPM_WORKSPACE, "pnpm-workspace.yaml": "packages:\n  - apps/*\ninjectWorkspacePackages: true\n"},
            {"packageManager": "pnpm@10.1.0"},
            id="members are copied",
        ),
        pytest.param("bun install", {"bun.lock": "{}"}, {}, id="Bun"),
    ],
)
def test_of_a_workspace_they_stay(install: str, files: dict[str, str], root: dict[str, Any]) -> None:
    text = workspace(install, files, **root)

    assert "FROM node:20-slim" in text
    assert not any(word in text.partition("npx tsc\n")[2] for word in ("prune", "--prod", "--production"))


# --- what a prune would undo


@pytest.mark.parametrize(
    ("more", "install", "is_pruned"),
    [
        ({"scripts": {**SCRIPTS, "postinstall": "patch-package"}}, "yarn", False),
        ({"scripts": {**SCRIPTS, "prepare": "husky && npx patch-package"}}, "yarn", False),
        ({"scripts": {**SCRIPTS, "prepare": "husky"}}, "yarn", True),
        ({"scripts": {**SCRIPTS, "postinstall": "patch-package"}}, "npm install", True),
    ],
)
def test_patches_of_packages(more: dict[str, Any], install: str, is_pruned: bool) -> None:
    """Yarn 1 lays every file anew that another one has changed."""
    package = manifest("express", dev=("typescript",), **more)
    text = DOCKERFILE.format(install=install, build="npm run build")
    files = {"package.json": package, **({"yarn.lock": YARN_LOCK} if install == "yarn" else {}), **SOURCES}
    got = rewrite("split-stages", text, files).text

    assert ("--production" in got or "npm prune" in got) is is_pruned


def test_patches_of_a_member() -> None:
    member = manifest("express", dev=("typescript", "patch-package"), scripts={"build": "tsc"}, name="api")

    assert "--production" not in workspace("yarn install --frozen-lockfile", {"yarn.lock": YARN_LOCK}, member=member)


def test_a_script_that_yarn_would_run_again() -> None:
    files = {"yarn.lock": BERRY_LOCK, ".yarnrc.yml": "nodeLinker: node-modules\n"}
    text = DOCKERFILE.format(install="yarn install", build="yarn build")
    package = manifest(
        "express", dev=("typescript",), scripts={**SCRIPTS, "postinstall": "husky"}, packageManager="yarn@4.1.0"
    )

    assert "focus" not in rewrite("split-stages", text, {"package.json": package, **files, **SOURCES}).text


def test_that_they_stay_is_said() -> None:
    files = {"package.json": manifest("express", dev=("typescript",), scripts=SCRIPTS), **SOURCES}
    files["src/index.ts"] = "import 'express'\nrequire('typescript')\n"
    text = DOCKERFILE.format(install="npm install", build="npm run build")
    case = Case(Dockerfile.of_text(text), BuildContext.in_memory(files), Usage.none(), Catalogue.load())
    (transform,) = (t for t in load() if t.name == "node/split-stages")
    (step,) = run(case, (transform,)).steps

    assert [fix.caution for fix in step.fixes] == [
        "development dependencies stay in the image: src/index.ts:2 loads `typescript`, a development dependency"
    ]


NPM_LOCK = lock("express", dev=("typescript",))


@pytest.mark.parametrize(
    ("install", "build", "files"),
    [
        ("yarn", "yarn build && yarn install --production --ignore-scripts", {"yarn.lock": YARN_LOCK}),
        ("npm ci", "npm run build && rm -rf node_modules && npm ci --omit=dev", {"package-lock.json": NPM_LOCK}),
        ("npm ci", "npm run build && npm install --production", {"package-lock.json": NPM_LOCK}),
        ("pnpm i", "pnpm build && pnpm install --prod", {"pnpm-lock.yaml": PNPM_LOCK}),
    ],
)
def test_what_the_author_takes_out_by_an_install(install: str, build: str, files: dict[str, str]) -> None:
    text = pruned(install, build, files)

    assert f"RUN {build}\n\nFROM node:20-slim\n" in text


@pytest.mark.parametrize(
    "build", ["npm run build && npm ci", "npm ci --omit=dev && npm ci && npm run build", "npm run build"]
)
def test_an_install_with_all_comes_last(build: str) -> None:
    assert "RUN npm prune --omit=dev\n" in pruned("npm ci", build, {"package-lock.json": NPM_LOCK})


def test_two_installs_without_them_leave_nothing_to_take_out() -> None:
    text = "FROM node:20-slim\nWORKDIR /app\nCOPY . .\nRUN npm ci --omit=dev\nRUN npm i --production\n{}".format(
        'CMD ["node", "server.js"]\n'
    )
    package = manifest("express", dev=("typescript",))
    got = rewrite("split-stages", text, {"package.json": package, "server.js": "require('express')\n"})

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize(
    ("env", "stays"),
    [
        ("-r typescript/register", True),
        ('"--max-old-space-size=512 --require=typescript"', True),
        ("--import=typescript", True),
        ("/app/late.js", False),
        ("--require=/app/late.js", True),
        ("--require=./late.js", True),
        ("--require=express", False),
        ("--enable-source-maps", False),
    ],
)
def test_what_every_node_loads_first(env: str, stays: bool) -> None:
    package = manifest("express", dev=("typescript",), scripts=SCRIPTS)
    text = DOCKERFILE.format(install="npm ci", build="npm run build").replace(
        "EXPOSE", f"ENV NODE_OPTIONS={env if env[0] == chr(34) else env.replace(' ', chr(92) + ' ')}\nEXPOSE"
    )
    files = {"package.json": package, **SOURCES, "package-lock.json": NPM_LOCK, "late.js": "require('typescript')\n"}

    assert ("npm prune" not in rewrite("split-stages", text, files).text) is stays


@pytest.mark.parametrize(
    "start", ["NODE_OPTIONS='-r typescript' node dist/index.js", "cross-env NODE_OPTIONS=--import=typescript node ."]
)
def test_what_a_script_tells_node_to_load_first(start: str) -> None:
    package = manifest(
        "express", "cross-env", dev=("typescript",), scripts={**SCRIPTS, "start": start}, main="dist/index.js"
    )
    text = DOCKERFILE.format(install="npm i", build="npm run build").replace(
        '"node", "dist/index.js"', '"npm", "start"'
    )
    got = rewrite("split-stages", text, {"package.json": package, **SOURCES}).text

    assert "FROM node:20-slim" in got
    assert "npm prune" not in got


def test_the_lock_file_counts_that_is_installed_by() -> None:
    """What express brings along stays by npm's lock file; Yarn's, which lies beside it, doesn't tell."""
    own = json.loads(NPM_LOCK)
    own["packages"]["node_modules/depd"] = {"version": "2.0.0"}
    locks = {"package-lock.json": json.dumps(own), "yarn.lock": YARN_LOCK}
    files = {**locks, "src/index.ts": "import 'express'\nimport 'depd'\n"}

    assert "RUN npm prune --omit=dev\n" in pruned("npm ci", "npm run build", files)
    assert "--production" not in pruned("yarn", "yarn build", files)


def test_a_development_dependency_of_the_lock_file_that_is_installed_by_is_none_to_prune() -> None:
    own = json.loads(NPM_LOCK)
    own["packages"]["node_modules/depd"] = {"version": "2.0.0", "dev": True}
    locks = {"package-lock.json": json.dumps(own), "yarn.lock": YARN_LOCK}
    files = {**locks, "src/index.ts": "import 'express'\nimport 'depd'\n"}

    assert "npm prune" not in pruned("npm ci", "npm run build", files)
