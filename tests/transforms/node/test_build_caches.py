"""What a build keeps for the next one does not travel."""

from __future__ import annotations

import pytest

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
        ("next build", "next start", ("next",), ".next/cache/webpack"),
        ("react-scripts build", "serve -s build", ("react-scripts", "serve"), "node_modules/.cache"),
        ("ng build", "http-server dist/web", ("@angular/cli", "http-server"), ".angular/cache"),
    ],
)
def test_are_taken_out_of_the_build_stage(build: str, command: str, packages: tuple[str, ...], caches: str) -> None:
    assert f"RUN npm run build\nRUN rm -rf {caches}\n\nFROM node:22-slim\n" in split(build, command, packages)


def test_after_the_development_dependencies() -> None:
    files = {"package.json": manifest("next", dev=("typescript",), scripts={"build": "next build"}), **PAGE}
    text = 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\nCMD ["npx", "next", "start"]\n'

    assert "RUN npm prune --omit=dev && rm -rf .next/cache/webpack\n\n" in rewrite("split-stages", text, files).text


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
