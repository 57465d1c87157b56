"""What a build keeps for the next one does not travel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerslim.context.service_use import ServiceUse
from dockerslim.context.usage import Usage
from tests.transforms.node.rewriting import manifest, rewrite

PAGE = {"app/page.tsx": "export default () => null\n"}


def split(
    build: str, command: str, packages: tuple[str, ...], base: str = "node:22", run: str = "npm run build"
) -> str:
    files = {"package.json": manifest(*packages, scripts={"build": build, "start": command}), **PAGE}
    text = f'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN {run}\nCMD ["npm", "start"]\n'
    return rewrite("split-stages", text, files).text


@pytest.mark.parametrize(
    ("build", "command", "packages", "caches"),
    [
        ("next build", "next start", ("next",), ".next/cache/webpack node_modules/@next/swc-*"),
        ("next build", "next start -p 80", ("next",), ".next/cache/webpack node_modules/@next/swc-*"),
        ("react-scripts build", "serve -s build", ("react-scripts", "serve"), "node_modules/.cache"),
        ("astro build", "node dist/server/entry.mjs", ("astro",), "node_modules/.astro"),
        ("vite build", "node build", ("@sveltejs/kit", "vite"), ".svelte-kit"),
        ("vite build", "node build/index.js", ("@sveltejs/kit", "vite"), ".svelte-kit"),
        ("turbo run build", "node a.js", ("turbo",), ".turbo node_modules/.cache/turbo"),
        ("nx build", "node a.js", ("nx",), ".nx node_modules/.cache/nx"),
        ("ng build", "http-server dist/web", ("@angular/cli", "http-server"), ".angular/cache"),
    ],
)
def test_are_taken_out_of_the_build_stage(build: str, command: str, packages: tuple[str, ...], caches: str) -> None:
    assert f"RUN npm run build\nRUN rm -rf {caches}\n\nFROM node:22-slim\n" in split(build, command, packages)


@pytest.mark.parametrize("command", ["vite preview", "node server.js", "vite preview --port 1 & node build"])
def test_what_another_server_may_read_stays(command: str) -> None:
    assert ".svelte-kit" not in split("vite build", command, ("@sveltejs/kit", "vite"))


def test_what_a_framework_leaves_stays_where_compose_runs_something_else() -> None:
    files = {"package.json": manifest("@sveltejs/kit", "vite", scripts={"build": "vite build"})}
    usage = Usage(services=(ServiceUse("compose.yaml", "web", 1, Path(), command=("npx", "vite", "preview")),))
    text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["node", "build"]\n'

    assert ".svelte-kit" in rewrite("split-stages", text, files).text
    assert ".svelte-kit" not in rewrite("split-stages", text, files, usage=usage).text


def test_after_the_development_dependencies() -> None:
    files = {"package.json": manifest("next", dev=("typescript",), scripts={"build": "next build"}), **PAGE}
    text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["npx", "next", "start"]\n'

    unused = ".next/cache/webpack node_modules/@next/swc-*"
    assert f"RUN npm prune --omit=dev && rm -rf {unused}\n\n" in rewrite("split-stages", text, files).text


@pytest.mark.parametrize(
    ("version", "caches"),
    [
        ("^15.0.0", ".next/cache/webpack"),
        ("16.4.6", ".next/cache/webpack .next/cache/turbopack"),
        (">=17", ".next/cache/webpack .next/cache/turbopack"),
        ("latest", ".next/cache/webpack"),
    ],
)
def test_of_a_version(version: str, caches: str) -> None:
    package = json.dumps({"scripts": {"build": "next build"}, "dependencies": {"next": version}})
    text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["npx", "next", "start"]\n'

    assert f"RUN rm -rf {caches} node_modules" in rewrite("split-stages", text, {"package.json": package, **PAGE}).text


@pytest.mark.parametrize(
    ("install", "command", "files"),
    [
        pytest.param("npm install", "next start", {"next.config.ts": "export default {}\n"}, id="compiles at start"),
        pytest.param("npm install", "node server.js", {"server.js": "require('next')\n"}, id="a server of its own"),
        pytest.param("pnpm install", "next start", {}, id="packages lie elsewhere"),
        pytest.param("npm install --prefix web", "next start", {}, id="in another folder"),
    ],
)
def test_a_compiler_that_may_be_loaded_stays(install: str, command: str, files: dict[str, str]) -> None:
    package = manifest("next", scripts={"build": "next build", "start": command})
    text = f'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN {install}\nRUN npm run build\nCMD ["npm", "start"]\n'

    assert "swc" not in rewrite("split-stages", text, {"package.json": package, **PAGE, **files}).text


@pytest.mark.parametrize(
    ("build", "command", "packages", "run"),
    [
        ("vite build", "serve -s dist", ("vite", "serve"), "npm run build"),
        ("react-scripts build", "npx serve build", ("react-scripts",), "npm run build"),
        ("next build", "next start", ("next",), "cd web && npm run build"),
    ],
)
def test_nothing_to_take_out(build: str, command: str, packages: tuple[str, ...], run: str) -> None:
    assert "rm -rf" not in split(build, command, packages, run=run)
