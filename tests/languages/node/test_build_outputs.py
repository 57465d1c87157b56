"""What a build script writes."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.build_outputs import build_script_outputs, is_build_script

from .projects import project

TSCONFIG = '{"compilerOptions": {"outDir": "./dist", "rootDir": "src"}, /* why */ "include": ["src",],}'


@pytest.mark.parametrize(
    ("script", "files", "folders"),
    [
        ("tsc", {"tsconfig.json": TSCONFIG}, ("dist",)),
        (
            "tsc -p tsconfig.build.json",
            {"tsconfig.build.json": '{"extends": "./tsconfig", "exclude": []}', "tsconfig.json": TSCONFIG},
            ("dist",),
        ),
        ("tsc --outDir out", {"tsconfig.json": TSCONFIG}, ("out",)),
        ("tsc --noEmit", {"tsconfig.json": TSCONFIG}, ()),
        ("tsc --noEmit && vite build", {"tsconfig.json": TSCONFIG}, ("dist",)),
        ("rimraf dist && tsc && cp -r src/views dist/views", {"tsconfig.json": TSCONFIG}, ("dist", "dist/views")),
        ("vite build", {}, ("dist",)),
        ("vite build --outDir=public", {}, ("public",)),
        ("vite build", {"vite.config.ts": "export default {build: {outDir: 'web'}}"}, ("web",)),
        ("next build", {}, (".next",)),
        ("next build", {"next.config.js": "module.exports = {output: 'export'}"}, (".next", "out")),
        ("react-scripts build", {}, ("build",)),
        ("nest build", {"tsconfig.json": TSCONFIG}, ("dist",)),
        ("vue-cli-service build", {}, ("dist",)),
        ("esbuild a.ts --bundle --outfile=dist/a.js", {}, ("dist",)),
        ("babel src -d lib", {}, ("lib",)),
        ("npm run compile", {"tsconfig.json": TSCONFIG}, ("dist",)),
        ("cross-env NODE_ENV=production tsc", {"tsconfig.json": TSCONFIG}, ("dist",)),
        ("node scripts/b.js", {"scripts/b.js": "const fs = require('fs'); fs.mkdirSync('out')"}, ("out",)),
    ],
)
def test_known(script: str, files: dict[str, str], folders: tuple[str, ...]) -> None:
    found = build_script_outputs(project(files, scripts={"build": script, "compile": "tsc"}), "build")

    assert (found.folders, found.known, found.reason) == (folders, True, "")


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("webpack", {}),
        ("rollup -c", {}),
        ("gulp", {}),
        ("tsc", {}),
        ("tsc", {"tsconfig.json": "{}"}),
        ("vite build", {"vite.config.js": "export default {build: {outDir: process.env.OUT}}"}),
        ("next build", {"next.config.js": "module.exports = {distDir: out}"}),
        ("./build.sh", {}),
        ("node scripts/b.js", {"scripts/b.js": "require('fs').mkdirSync(process.argv[2])"}),
        ("node scripts/b.js", {"scripts/b.js": "require('esbuild').build({outdir: 'x'})"}),
        ("tsc > log", {"tsconfig.json": TSCONFIG}),
    ],
)
def test_unknown(script: str, files: dict[str, str]) -> None:
    found = build_script_outputs(project(files, scripts={"build": script}), "build")

    assert not found.known
    assert found.reason


def test_which_scripts_build() -> None:
    found = project(scripts={"build": "npm run compile", "compile": "tsc", "lint": "eslint ."})

    assert is_build_script(found, "build")
    assert not is_build_script(found, "lint")


def test_no_such_script() -> None:
    assert not build_script_outputs(project(), "build").known
