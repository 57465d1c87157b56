"""Bun: its command lines, its settings, and what its own functions do."""

from __future__ import annotations

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.bun_settings import BunSettings, read_bun_settings
from dockerslim.languages.node.pruning import can_prune
from dockerslim.languages.node.runtime_loads import runtime_loads
from dockerslim.languages.node.scripts import resolve_command
from dockerslim.languages.node.source_file import read_source_file

from .projects import project

SCRIPTS = {
    "start": "bun src/index.ts",
    "prestart": "bun src/first.ts",
    "dev": "bun --watch src/index.ts",
    "build": "tsc",
    "test": "vitest",
    "compile": "bun build --compile --outfile=bin/server src/index.ts",
}
FILES = {"src/index.ts": "", "src/first.ts": "", "app.tsx": "", "lib/index.ts": ""}


@pytest.mark.parametrize(
    ("words", "entries"),
    [
        ("bun src/index.ts", ("src/index.ts",)),
        ("bun run src/index.ts", ("src/index.ts",)),
        ("bun run --smol src/index.ts --port 1", ("src/index.ts",)),
        ("bun --env-file .env src/index.ts", ("src/index.ts",)),
        ("bun --preload ./src/first.ts src/index.ts", ("src/first.ts", "src/index.ts")),
        ("bun -r ./src/first.ts run src/index.ts", ("src/first.ts", "src/index.ts")),
        ("bun app.tsx", ("app.tsx",)),
        ("bun ./lib", ("lib/index.ts",)),
        ("bun dist/index", ("dist/index",)),
        ("bun start", ("src/first.ts", "src/index.ts")),
        ("bun run start", ("src/first.ts", "src/index.ts")),
        ("bun --bun run start", ("src/first.ts", "src/index.ts")),
        ("/usr/local/bin/bun start", ("src/first.ts", "src/index.ts")),
        ("./bin/server", ("bin/server",)),
    ],
)
def test_a_server(words: str, entries: tuple[str, ...]) -> None:
    command = resolve_command(project(FILES, scripts=SCRIPTS), words.split())

    assert command.kind == "server"
    assert command.entry_files == entries


@pytest.mark.parametrize(
    ("words", "tool"),
    [
        ("bun --watch src/index.ts", "bun --watch"),
        ("bun --hot run start", "bun --hot"),
        ("bun run --hot src/index.ts", "bun --hot"),
        ("bun run dev", "bun --watch"),
        ("bun dev", "bun --watch"),
        ("bunx --bun vite", "vite"),
    ],
)
def test_a_server_for_development(words: str, tool: str) -> None:
    command = resolve_command(project(FILES, scripts=SCRIPTS), words.split())

    assert command.kind == "dev-server"
    assert command.development_tool == tool


@pytest.mark.parametrize(
    "words", ["bun build src/index.ts --outdir dist", "bun run build && bun start", "bun install && bun start"]
)
def test_builds_at_start(words: str) -> None:
    assert resolve_command(project(FILES, scripts=SCRIPTS), ("sh", "-c", words)).kind == "build-at-start"


@pytest.mark.parametrize("words", ["bun", "bun repl", "bun --cwd lib index.ts", "bun -e 1", "bun pm ls", "bun run"])
def test_what_runs_is_not_known(words: str) -> None:
    assert resolve_command(project(FILES, scripts=SCRIPTS), words.split()).kind == "unknown"


def test_its_own_commands_win_over_scripts() -> None:
    found = project(FILES, scripts={"build": "tsc", "test": "vitest"})

    assert resolve_command(found, ("bun", "build", "src/index.ts")).programs == (("bun", "build", "src/index.ts"),)
    assert resolve_command(found, ("bun", "test")).programs == (("bun", "test"),)
    assert resolve_command(found, ("bun", "run", "build")).programs == (("tsc",),)


def test_what_its_settings_load_first() -> None:
    files = {**FILES, "bunfig.toml": 'preload = ["./src/first.ts", "sharp/register"]\n'}
    command = resolve_command(project(files, scripts=SCRIPTS), ("bun", "src/index.ts"))

    assert command.entry_files == ("src/first.ts", "src/index.ts")
    assert command.preloads == ("sharp/register",)


def test_settings_that_cannot_be_read() -> None:
    command = resolve_command(project({**FILES, "bunfig.toml": "preload = ["}), ("bun", "src/index.ts"))

    assert command.kind == "unknown"
    assert command.unknown[0].text == "bunfig.toml can't be read"


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", BunSettings()),
        ('preload = "./a.ts"\n', BunSettings(("./a.ts",))),
        ('[install]\ncache = "/tmp/c"\n', BunSettings(sets_cache=True)),
        ("[install]\ncache = false\n", BunSettings(sets_cache=True)),
        ('[install.cache]\ndir = "/tmp/c"\n', BunSettings(sets_cache=True)),
        ("[install.cache]\ndisableManifest = true\n", BunSettings()),
        ("[install]\nproduction = true\n", BunSettings(omits_development=True)),
        ("install = 1\npreload = 2\n", BunSettings()),
        ("a = [" * 3000, BunSettings(problem="bunfig.toml can't be read")),
    ],
)
def test_settings(text: str, settings: BunSettings) -> None:
    assert read_bun_settings(BuildContext.in_memory({"bunfig.toml": text}), "") == settings


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("await Bun.write('a.txt', '')", "a.txt"),
        ("await Bun.write(Bun.file('a.txt'), '')", "a.txt"),
        ("import { write } from 'bun'\nwrite('a.txt', '')", "a.txt"),
        ("Bun.file('a.txt').writer()", "a.txt"),
        ("const log = Bun.file('a.txt')\nlog.writer().write('x')", "a.txt"),
        ("Bun.file('a.txt').delete()", "a.txt"),
        ("import { Database } from 'bun:sqlite'\nnew Database('a.db')", "a.db"),
        ("import { Database } from 'bun:sqlite'\nDatabase.open('a.db')", "a.db"),
        ("Bun.write(import.meta.dir + '/a.txt', '')", "a.txt"),
        ("Bun.write(Bun.env.PLACE ?? 'a.txt', '')", "a.txt"),
        ("Bun.serve({ unix: '/run/a.sock', fetch })", "/run/a.sock"),
    ],
)
def test_writes(source: str, written: str) -> None:
    file = read_source_file("a.ts", source + "\n", "a.ts")

    assert [use.path for use in file.writes] == [written]
    assert file.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "Bun.write(place, '')",
        "function log(file) { file.writer() }",
        "import { Database } from 'bun:sqlite'\nnew Database(process.argv[2])",
    ],
)
def test_may_write_anything(source: str) -> None:
    assert read_source_file("a.ts", source + "\n", "a.ts").unknown_writes


@pytest.mark.parametrize(
    "source",
    [
        "new Database()\n",  # of something else
        "import { Database } from 'bun:sqlite'\nnew Database(':memory:')\n",
        "import { Database } from 'bun:sqlite'\nnew Database()\n",
        "const Bun = { write() {} }\nBun.write('a.txt')\n",
        "Bun.file('a.txt').text()\n",
        "stream.getWriter()\n",
    ],
)
def test_writes_nothing(source: str) -> None:
    file = read_source_file("a.ts", source, "a.ts")

    assert (file.writes, file.unknown_writes) == ((), ())


@pytest.mark.parametrize(
    ("source", "program", "arguments"),
    [
        ("Bun.spawn(['git', 'log'])", "git", ("log",)),
        ("import { spawnSync } from 'bun'\nspawnSync({ cmd: ['git', 'log'] })", "git", ("log",)),
        ("import { $ } from 'bun'\nawait $`git log`", "git", ("log",)),
    ],
)
def test_starts_a_program(source: str, program: str, arguments: tuple[str, ...]) -> None:
    (use,) = read_source_file("a.ts", source + "\n", "a.ts").programs

    assert (use.path, use.arguments) == (program, arguments)


@pytest.mark.parametrize("source", ["Bun.spawn(words)", "Bun.spawn([name])", "import { $ } from 'bun'\n$`${name} x`"])
def test_starts_a_program_that_is_not_known(source: str) -> None:
    assert read_source_file("a.ts", source + "\n", "a.ts").unknown_programs


def test_its_own_modules_are_no_packages() -> None:
    source = "import { serve } from 'bun'\nimport { Database } from 'bun:sqlite'\nserve(new Database(':memory:'))\n"
    loads = runtime_loads(project({"index.ts": source}), ("index.ts",))

    assert loads.complete
    assert loads.packages == frozenset()


def test_a_page_is_bundled_when_the_program_starts() -> None:
    source = "import page from './index.html'\nBun.serve({ routes: { '/': page } })\n"
    loads = runtime_loads(project({"index.ts": source, "index.html": ""}), ("index.ts",))

    assert not loads.complete


def test_types_alone_are_for_development() -> None:
    files = {
        "src/index.ts": "import type { Server } from '@/types'\nimport { ok } from '@/lib'\nok()\n",
        "src/lib.ts": "import ms from 'ms'\nimport { Serve } from 'bun-types'\nexport const ok = (_: Serve) => ms(1)\n",
        "src/types.ts": "export interface Server {}\n",
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    }
    found = project(files, dependencies={"ms": "2"}, devDependencies={"bun-types": "1", "typescript": "5"})

    assert can_prune(found, resolve_command(found, ("bun", "src/index.ts"))) == (True, "")


@pytest.mark.parametrize(
    ("tsconfig", "entry", "reason"),
    [
        ('{"extends": "@tsconfig/bun/tsconfig.json"}', "a.ts", "`@tsconfig/bun`, which tsconfig.json extends, isn't"),
        ('{"extends": "./base.json"}', "a.ts", "`@tsconfig/bun`, which tsconfig.json extends, isn't"),
        ("{}", "b.tsx", "`react`, which JSX is made with, isn't"),
        ('{"compilerOptions": {"jsxImportSource": "preact"}}', "b.tsx", "`preact`, which JSX is made with, isn't"),
        ('{"compilerOptions": {"jsxImportSource": "hono/jsx"}}', "b.tsx", ""),
        ('{"extends": "@tsconfig/bun/tsconfig.json"}', "dist/a.js", ""),
    ],
)
def test_what_tsconfig_needs_when_bun_runs_the_source(tsconfig: str, entry: str, reason: str) -> None:
    files = {
        "a.ts": "",
        "b.tsx": "export default <p />\n",
        "dist/a.js": "",
        "tsconfig.json": tsconfig,
        "base.json": '{"extends": "@tsconfig/bun/tsconfig.json"}',
    }
    development = {"@tsconfig/bun": "1", "react": "19", "preact": "10", "typescript": "5"}
    found = project(files, dependencies={"hono": "4"}, devDependencies=development)

    is_known, why = can_prune(found, resolve_command(found, ("bun", entry)))
    assert (is_known, why) == (not reason, f"{reason} in `dependencies`" if reason else "")


def test_what_is_loaded_first_may_be_for_development() -> None:
    files = {"src/index.ts": "", "bunfig.toml": 'preload = ["tracer"]\n'}
    found = project(files, devDependencies={"tracer": "1"})

    reason = "`tracer`, which node is told to load first, isn't in `dependencies`"
    assert can_prune(found, resolve_command(found, ("bun", "src/index.ts"))) == (False, reason)


def test_names_in_strings_may_be_loaded() -> None:
    files = {"index.ts": "import pino from 'pino'\npino({ transport: { target: 'pino-pretty' } })\n"}
    loads = runtime_loads(project(files, dependencies={"pino": "9", "pino-pretty": "11"}), ("index.ts",))

    assert loads.named_packages == frozenset({"pino-pretty"})


def test_patches_are_needed_for_the_install() -> None:
    files = {"fixes/ms.patch": "", "bun.lock": "{}"}
    found = project(files, patchedDependencies={"ms@2.1.3": "fixes/ms.patch"})

    assert found.install_files is not None
    assert "fixes/ms.patch" in found.install_files
