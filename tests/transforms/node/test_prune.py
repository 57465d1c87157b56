"""Each package manager's way to take development dependencies out again."""

from __future__ import annotations

import pytest

from tests.transforms.node.rewriting import manifest, rewrite

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
