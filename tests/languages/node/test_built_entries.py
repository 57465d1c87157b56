"""Entry files that bundlers and frameworks make: which sources they stand for."""

from __future__ import annotations

import pytest

from dockerslim.languages.node import runtime_loads
from tests.languages.node.projects import project

SOURCES = {"src/index.ts": "import 'express'\nimport './other'\n", "src/other.ts": "import 'left-pad'\n"}


@pytest.mark.parametrize(
    ("scripts", "files", "entry"),
    [
        ({"build": "esbuild src/index.ts --bundle --platform=node --outfile=dist/index.js"}, {}, "dist/index.js"),
        ({"build": "esbuild src/index.ts --bundle --outdir=out"}, {}, "out/index.js"),
        ({"build": "tsup src/index.ts"}, {}, "dist/index.js"),
        (
            {"build": "tsup"},
            {"tsup.config.ts": "export default {entry: ['src/index.ts'], outDir: 'lib'}"},
            "lib/index.js",
        ),
        ({"build": "npx tsup"}, {}, "dist/index.cjs"),
        ({"build": "ncc build src/index.ts -o build"}, {}, "build/index.js"),
        (
            {"build": "webpack"},
            {"webpack.config.js": "module.exports = {entry: {main: path.resolve(__dirname, './src/index.ts')}}"},
            "dist/main.js",
        ),
        ({"build": "rollup -c"}, {"rollup.config.js": "export default {input: 'src/index.ts'}"}, "dist/bundle.js"),
        ({"build": "vite build --ssr src/index.ts"}, {}, "dist/index.js"),
        ({"build": "bun build src/index.ts --outdir dist"}, {}, "dist/index.js"),
        (
            {"build": "node esbuild.mjs"},
            {"esbuild.mjs": "import 'esbuild'\nbuild({entryPoints: ['src/index.ts'], outfile: 'dist/a.js'})"},
            "dist/a.js",
        ),
    ],
)
def test_the_sources_of_a_bundle(scripts: dict[str, str], files: dict[str, str], entry: str) -> None:
    found = runtime_loads(
        project({**SOURCES, **files}, scripts=scripts, dependencies={"express": "5", "left-pad": "1"}), [entry]
    )

    assert found.complete, found.unresolved
    assert set(SOURCES) <= set(found.files)
    assert found.packages >= {"express", "left-pad"}


def test_another_file_than_the_bundle_is_not_known() -> None:
    build = {"build": "esbuild src/index.ts --bundle --outfile=dist/index.js"}

    assert not runtime_loads(project(SOURCES, scripts=build), ["server.js"]).complete


def test_a_bundle_has_no_folder_of_its_own() -> None:
    text = {"src/index.ts": "import fs from 'fs'\nfs.writeFileSync(__dirname + '/x', '')\n"}
    found = runtime_loads(project(text, scripts={"build": "tsup src/index.ts"}), ["dist/index.js"])

    assert found.unknown_writes


@pytest.mark.parametrize(
    ("script", "is_needed"),
    [
        ("esbuild src/index.ts --bundle --outfile=dist/index.js", False),
        ("esbuild src/index.ts --bundle --packages=external --outfile=dist/index.js", True),
        ("esbuild src/index.ts --bundle --external:left-pad --outfile=dist/index.js", True),
        ("tsup src/index.ts", False),
        ("vite build --ssr src/index.ts", True),
    ],
)
def test_development_dependencies_in_a_bundle_are_not_needed(script: str, is_needed: bool) -> None:
    found = runtime_loads(
        project(SOURCES, scripts={"build": script}, dependencies={"express": "5"}, devDependencies={"left-pad": "1"}),
        ["dist/index.js"],
    )

    assert bool(found.dev_only) is is_needed


FRAMEWORKS = [
    ({"nuxt": "4"}, {"app/app.vue": "<script setup>\nimport x from 'lodash'\n</script>\n<template/>\n"}),
    ({"nuxt": "4"}, {"server/api/a.ts": "import { y } from '#imports'\nimport x from 'lodash'\nx(y)\n"}),
]


@pytest.mark.parametrize(("dependencies", "files"), FRAMEWORKS)
def test_nuxt(dependencies: dict[str, str], files: dict[str, str]) -> None:
    found = runtime_loads(project(files, dependencies=dependencies), [".output/server/index.mjs"])

    assert found.complete, found.unresolved
    assert not found.undeclared
    assert found.packages == {"lodash"}


@pytest.mark.parametrize(
    ("package", "files", "entry"),
    [
        (
            "@sveltejs/kit",
            {"src/routes/+page.svelte": "<script>\nimport { page } from '$app/state'\nimport m from 'ms'\n</script>\n"},
            "build",
        ),
        ("@sveltejs/kit", {"src/hooks.server.ts": "import 'ms'\n"}, "build/index.js"),
        (
            "astro",
            {"src/pages/index.astro": "---\nimport m from 'ms'\n---\n<h1>{m('1')}</h1>\n"},
            "dist/server/entry.mjs",
        ),
        ("next", {"app/page.tsx": "import 'ms'\n"}, ".next/standalone/server.js"),
        ("@react-router/dev", {"app/root.tsx": "import 'ms'\n"}, "build/server/index.js"),
    ],
)
def test_frameworks_bring_every_source(package: str, files: dict[str, str], entry: str) -> None:
    found = runtime_loads(project(files, devDependencies={package: "1"}, dependencies={"ms": "2"}), [entry])

    assert found.complete, found.unresolved
    assert found.packages == {"ms"}


def test_what_a_component_writes_is_seen() -> None:
    files = {"src/pages/index.astro": "---\nimport fs from 'node:fs'\nfs.writeFileSync('hits.txt', '1')\n---\n<p/>\n"}
    found = runtime_loads(project(files, dependencies={"astro": "5"}), ["dist/server/entry.mjs"])

    assert [use.path for use in found.writes] == ["hits.txt"]
    assert found.writes[0].evidence.line == 3


def test_without_the_framework_the_output_is_not_known() -> None:
    assert not runtime_loads(project({"app/page.tsx": ""}), [".next/standalone/server.js"]).complete
