"""What the servers of frameworks write, and the project of an image that holds only what a build made."""

from __future__ import annotations

import pytest

from dockerslim.case import Case
from dockerslim.context.build_context import BuildContext
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from dockerslim.images.catalogue import Catalogue
from dockerslim.split.node.running import read
from dockerslim.split.node.stage import project_of_outputs
from dockerslim.split.running import RunningProgram
from dockerslim.split.start import start_of
from tests.transforms.node.rewriting import manifest, rewrite


def case_of(text: str, files: dict[str, str]) -> Case:
    return Case(Dockerfile.of_text(text), BuildContext.in_memory(files), Usage.none(), Catalogue.load())


def running(text: str, files: dict[str, str]) -> RunningProgram | None:
    case = case_of(text, files)
    start = start_of(case, case.stage)
    assert start is not None
    return read(case, case.stage, start)


NEXT = {
    "package.json": manifest("next", scripts={"start": "next start"}),
    "app/page.tsx": "export default () => null\n",
}
CUSTOM = {**NEXT, "server.js": "require('next')({}).prepare()\n"}
VITE = {"package.json": manifest(dev=("vite",), scripts={"preview": "vite preview"}), "src/a.js": ""}
PRISMA = {
    "package.json": manifest(
        "@prisma/client", scripts={"start": "prisma migrate deploy && node a.js"}, dev=("prisma",)
    ),
    "prisma/schema.prisma": 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n',
    "a.js": "require('@prisma/client')\n",
}


ASTRO = {"package.json": manifest("astro"), "src/pages/a.astro": "---\nconst a = 1\n---\n<p>{a}</p>\n"}
WITH_SESSIONS = {**ASTRO, "src/pages/b.astro": "---\nAstro.session?.set('a', 1)\n---\n<p></p>\n"}
NUXT = {"package.json": manifest("nuxt"), "app.vue": "<template><p/></template>\n"}
WITH_STORAGE = {**NUXT, "server/api/hit.ts": "export default defineEventHandler(() => useStorage('data').getKeys())\n"}
WITH_FOLDER = {
    **WITH_STORAGE,
    "nuxt.config.ts": "export default {nitro: {storage: {a: {driver: 'fs', base: './kept'}}}}\n",
}


@pytest.mark.parametrize(
    ("files", "command", "written"),
    [
        (NUXT, '["node", ".output/server/index.mjs"]', ()),
        ({**NUXT, "nuxt.config.ts": WITH_FOLDER["nuxt.config.ts"]}, '["node", ".output/server/index.mjs"]', ()),
        (WITH_STORAGE, '["node", ".output/server/index.mjs"]', ("/app/.data/",)),
        (WITH_FOLDER, '["node", ".output/server/index.mjs"]', ("/app/.data/", "/app/kept/")),
        (ASTRO, '["npx", "astro", "preview"]', ("/app/.astro/",)),
        (ASTRO, '["node", "dist/server/entry.mjs"]', ()),
        (WITH_SESSIONS, '["npx", "astro", "preview"]', ("/app/.astro/", "/app/node_modules/.astro/")),
        (WITH_SESSIONS, '["node", "dist/server/entry.mjs"]', ("/app/node_modules/.astro/",)),
        (NEXT, '["npm", "start"]', ("/app/.next/cache/", "/app/.next/server/")),
        (
            NEXT,
            '["node", ".next/standalone/server.js"]',
            ("/app/.next/standalone/.next/cache/", "/app/.next/standalone/.next/server/"),
        ),
        (CUSTOM, '["node", "server.js"]', ("/app/.next/cache/", "/app/.next/server/")),
        ({"package.json": manifest("tsx"), "a.ts": ""}, '["npx", "tsx", "a.ts"]', ()),
        (VITE, '["npm", "run", "preview"]', ("/app/node_modules/.vite-temp/",)),
        (PRISMA, '["npm", "start"]', ("/app/prisma/dev.db",)),
        ({"package.json": manifest("serve")}, '["npx", "serve", "dist"]', ()),
    ],
)
def test_what_is_written(files: dict[str, str], command: str, written: tuple[str, ...]) -> None:
    found = running(f"FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD {command}\n", files)

    assert found is not None
    assert found.written == written
    assert found.unknown == ()


@pytest.mark.parametrize(
    ("source", "unknown"),
    [
        ("require('next')({ dir: './web' })", "in which folder `next` looks for its project is not known"),
        ("require('nuxt').loadNuxt('start')", "what `nuxt` writes is not known"),
    ],
)
def test_a_server_inside_of_the_program_that_is_not_known(source: str, unknown: str) -> None:
    files = {"package.json": manifest("next", "nuxt"), "server.js": source + "\n"}
    found = running('FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["node", "server.js"]\n', files)

    assert found is not None
    assert found.unknown == (unknown,)


def test_another_command_of_the_same_program_is_not_known() -> None:
    files = {**PRISMA, "package.json": manifest(scripts={"start": "prisma studio && node a.js"}, dev=("prisma",))}
    found = running('FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["npm", "start"]\n', files)

    assert found is not None
    assert "what `prisma` writes is not known" in found.unknown


BUILT = {
    "package.json": manifest("express", scripts={"build": "tsc"}, dev=("typescript",)),
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": "import fs from 'fs'\nfs.writeFileSync('hits.txt', '1')\n",
}
BUILD = "FROM node:20 AS build\nWORKDIR /src\nCOPY . .\nRUN npm install && npm run build\n\nFROM node:20-slim\n"


@pytest.mark.parametrize(
    ("lines", "is_known"),
    [
        ("WORKDIR /app\nCOPY --from=build /src/dist ./dist\n", True),
        ("WORKDIR /app\nCOPY --from=build /src/dist /app/dist/\n", True),
        ("WORKDIR /app\nCOPY --from=build /src/dist ./other\n", False),
        ("WORKDIR /app\nCOPY dist ./dist\n", False),
        ("COPY --from=build /src/dist ./dist\n", False),
    ],
)
def test_the_project_of_what_a_build_made(lines: str, is_known: bool) -> None:
    case = case_of(f'{BUILD}{lines}CMD ["node", "dist/index.js"]\n', BUILT)
    folder = case.final.final.workdir

    assert folder is not None
    assert (project_of_outputs(case, case.stage, folder) is not None) is is_known


def test_an_image_without_a_package_json_writes_beside_its_output() -> None:
    text = f'{BUILD}WORKDIR /app\nCOPY --from=build /src/dist ./dist\nCMD ["node", "dist/index.js"]\n'
    found = running(text, BUILT)

    assert found is not None
    assert found.written == ("/app/hits.txt",)


INSTALL = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\nRUN npm run build\n"


@pytest.mark.parametrize(
    "scripts",
    [
        {"build": "nuxt build", "postinstall": "nuxt prepare"},
        {"build": "vite build", "prepare": "svelte-kit sync || echo ''"},
        {"build": "vite build", "prepare": "svelte-kit sync"},
    ],
)
def test_types_for_the_editor_need_no_source(scripts: dict[str, str]) -> None:
    got = rewrite("copy-dependencies-first", INSTALL, {"package.json": manifest(scripts=scripts), "app/a.vue": ""})

    assert "COPY package.json ./\nRUN npm install\nCOPY . .\nRUN npm run build\n" in got.text


@pytest.mark.parametrize(
    ("call", "is_harmless"),
    [
        ("spawn('node_modules/.bin/node-pg-migrate', ['up'])", True),
        ("spawn('node_modules/.bin/node-pg-migrate', ['create', 'x'])", False),
        ("execSync('npx')", False),
        ("execSync('uptime -p')", True),
        ("execSync('ls > x')", False),
        ("execSync('knex migrate:latest')", True),
        ("execFileSync('knex', [verb])", False),
        ("execFileSync('convert', ['a', 'b'])", False),
    ],
)
def test_programs_that_are_started(call: str, is_harmless: bool) -> None:
    name = call.partition("(")[0]
    files = {"package.json": manifest(), "a.js": f"const {{ {name} }} = require('child_process')\n{call}\n"}
    found = running('FROM node:20\nWORKDIR /app\nCOPY . .\nCMD ["node", "a.js"]\n', files)

    assert found is not None
    assert (found.unknown == ()) is is_harmless


@pytest.mark.parametrize(
    "build",
    [
        "astro check && astro build",
        "svelte-kit sync && svelte-check && vite build",
        "next lint && next build",
        "next typegen && next build",
        "remix vite:build",
        "biome check . && tsc",
        "tailwindcss -i a.css -o public/a.css --minify",
        "sass scss:public/css",
    ],
)
def test_builds_that_write_inside_of_the_project(build: str) -> None:
    files = {"package.json": manifest("ms", scripts={"build": build}), "a.js": "require('ms')\n"}
    got = rewrite("split-stages", f'{INSTALL}CMD ["node", "a.js"]\n', files)

    assert not got.reasons
    assert "FROM node:22-slim\n" in got.text


@pytest.mark.parametrize(
    "build",
    [
        "sass scss:../css",
        "esbuild a.ts --outdir=../x",
        "sass a.scss:/srv/a.css",
        "tailwindcss -o /srv/a.css",
        "biome-check",
        "next export-all",
    ],
)
def test_builds_that_may_write_elsewhere(build: str) -> None:
    files = {"package.json": manifest("ms", scripts={"build": build}), "a.js": "require('ms')\n"}

    assert rewrite("split-stages", f'{INSTALL}CMD ["node", "a.js"]\n', files).reasons


@pytest.mark.parametrize(
    ("workdir", "copy", "run", "is_split"),
    [
        pytest.param("/app", "COPY . .", "cd web && npm run build", True, id="inside of what travels"),
        pytest.param("/app/web", "COPY web .", "npm run build", False, id="beside what travels"),
    ],
)
def test_an_output_above_the_project(workdir: str, copy: str, run: str, is_split: bool) -> None:
    files = {
        "package.json": manifest("ms"),
        "a.js": "require('ms')\n",
        "web/package.json": manifest("ms", dev=("vite",), scripts={"build": "vite build"}),
        "web/vite.config.js": "export default { build: { outDir: '../public' } }\n",
        "web/a.js": "require('ms')\n",
    }
    text = f'FROM node:22\nWORKDIR {workdir}\n{copy}\nRUN npm install\nRUN {run}\nCMD ["node", "a.js"]\n'
    got = rewrite("split-stages", text, files)

    assert (got.text != text) is is_split
    assert bool(got.reasons) is not is_split


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("", ("/app/data/a.db",)),
        ("ENV DATABASE_URL=file:/srv/b.db\n", ("/srv/b.db",)),
        ("ENV DATABASE_URL=file:b.db\n", ("/app/b.db",)),
        ("ENV DATABASE_URL=libsql://db.example.org\n", ()),
    ],
)
def test_a_database_that_a_variable_names(said: str, written: tuple[str, ...]) -> None:
    source = "require('@libsql/client').createClient({url: process.env.DATABASE_URL || 'file:./data/a.db'})\n"
    files = {"package.json": manifest("@libsql/client"), "a.js": source}
    text = f'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm install\n{said}CMD ["node", "a.js"]\n'
    program = running(text, files)

    assert program is not None
    assert program.written == written
