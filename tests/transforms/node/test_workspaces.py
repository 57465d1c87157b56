"""Repositories of several packages: every manifest first, builds through npm, Yarn, pnpm, turbo, nx and lerna."""

from __future__ import annotations

import json

import pytest

from tests.transforms.node.rewriting import rewrite

TSCONFIG = '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}'


def monorepo(**root: object) -> dict[str, str]:
    scripts = {"build": "tsc", "start": "node dist/index.js"}
    members = {
        "apps/api": {"name": "api", "scripts": scripts, "dependencies": {"@x/shared": "1.0.0", "ms": "1.0.0"}},
        "packages/shared": {"name": "@x/shared", "main": "dist/index.js", "scripts": {"build": "tsc"}},
    }
    files = {"package.json": json.dumps({"workspaces": ["apps/*", "packages/*"], **root})}
    for folder, member in members.items():
        files[f"{folder}/package.json"] = json.dumps(member)
        files[f"{folder}/tsconfig.json"] = TSCONFIG
        files[f"{folder}/src/index.ts"] = "import 'ms'\n" if folder == "apps/api" else "export const a = 1\n"
    return files


COMMAND = 'CMD ["node", "apps/api/dist/index.js"]\n'


@pytest.mark.parametrize(
    ("install", "build"),
    [
        ("npm install", "npm run build --workspaces"),
        ("npm install", "npm run build -w api"),
        ("npm install", "npm run build --workspace=apps/api"),
        ("yarn install", "yarn workspaces run build"),
        ("yarn install", "yarn workspace api build"),
        ("pnpm install", "pnpm -r build"),
        ("pnpm install", "pnpm run -r build"),
        ("pnpm install", "pnpm --filter api build"),
        ("pnpm install", "pnpm --filter api... build"),
        ("npm install", "npx turbo run build --filter=api"),
        ("npm install", "npx turbo build"),
        ("npm install", "npx nx run-many --target=build"),
        ("npm install", "npx nx build api"),
        ("npm install", "npx lerna run build"),
    ],
)
def test_the_whole_workspace_travels(install: str, build: str) -> None:
    text = f"FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN {install}\nRUN {build}\n{COMMAND}"
    got = rewrite("split-stages", text, monorepo())

    assert got.reasons == ()
    assert f"FROM node:20-slim\nWORKDIR /repo\nCOPY --from=build /repo ./\n{COMMAND}" in got.text


@pytest.mark.parametrize("build", ["pnpm -r ship", "npm run ship --workspaces", "npx turbo run deploy"])
def test_a_script_that_is_not_known(build: str) -> None:
    text = f"FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN npm install\nRUN {build}\n{COMMAND}"
    got = rewrite("split-stages", text, monorepo())

    assert got.text == text
    assert got.reasons[0].endswith("writes is not known")


@pytest.mark.parametrize("command", ["npx turbo run dev", "npx nx serve api", "npx lerna run dev"])
def test_a_server_for_development(command: str) -> None:
    words = ", ".join(f'"{word}"' for word in command.split())
    text = f"FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN npm install\nCMD [{words}]\n"
    (reason,) = rewrite("split-stages", text, monorepo()).reasons

    assert reason.endswith("is a server for development")


def test_every_manifest_comes_first() -> None:
    text = f"FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN npm install\n{COMMAND}"
    got = rewrite("copy-dependencies-first", text, monorepo(), ignore="**/node_modules\n")

    assert got.text == (
        "FROM node:20\nWORKDIR /repo\nCOPY package.json ./\nCOPY apps/api/package.json ./apps/api/\n"
        f"COPY packages/shared/package.json ./packages/shared/\nRUN npm install\nCOPY . .\n{COMMAND}"
    )


def test_members_development_dependencies_go() -> None:
    files = monorepo(devDependencies={"typescript": "1.0.0"})
    locked = {"": json.loads(files["package.json"])}
    for folder in ("apps/api", "packages/shared"):
        locked[folder] = json.loads(files[f"{folder}/package.json"])
    packages = {
        "node_modules/ms": {"version": "1.0.0"},
        "node_modules/typescript": {"version": "1.0.0", "dev": True},
        "node_modules/@x/shared": {"resolved": "packages/shared", "link": True},
        "node_modules/api": {"resolved": "apps/api", "link": True},
    }
    files["package-lock.json"] = json.dumps({"lockfileVersion": 3, "packages": {**locked, **packages}})
    text = f"FROM node:20\nWORKDIR /repo\nCOPY . .\nRUN npm ci\nRUN npm run build --workspaces\n{COMMAND}"

    assert "RUN npm run build --workspaces\nRUN npm prune --omit=dev\n" in rewrite("split-stages", text, files).text
