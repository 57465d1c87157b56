"""What the source loads, reads, writes and starts."""

from __future__ import annotations

from typing import Any

import pytest

from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads

from .projects import project

FS = "const fs = require('fs'), path = require('path');\n"


def loads(
    source: str, name: str = "src/index.js", files: dict[str, str] | None = None, **manifest: Any
) -> RuntimeLoads:
    return runtime_loads(project({name: source, **(files or {})}, **manifest), [name])


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("require('a')", {"a"}),
        ("require('a/b/c')", {"a"}),
        ("require('@s/a/b')", {"@s/a"}),
        ("import a from 'a'; import * as b from 'b'; import 'c'; import {d} from 'd'", {"a", "b", "c", "d"}),
        ("export * from 'a'; export {x} from 'b'", {"a", "b"}),
        ("const a = await import('a')", {"a"}),
        ("require(`a`)", {"a"}),
        ("const fs = require('fs'), p = require('node:path'), q = require('fs/promises')", set()),
        ("if (x) { try { require('a') } catch {} }", {"a"}),
        ("// require('a')\nconst s = \"require('b')\"", set()),
        ("require.resolve('a')", {"a"}),
        ("const n = 'a'; require(n)", {"a"}),
    ],
)
def test_packages(source: str, packages: set[str]) -> None:
    found = loads(source)

    assert found.packages == packages
    assert found.complete


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("import type {A} from 'a'", set()),
        ("import {type A} from 'a'", set()),
        ("import {type A, b} from 'a'; b()", {"a"}),
        ("import {A} from 'a'; let x: A; function f(y: A): A { return y }", set()),
        ("import {A} from 'a'; new A()", {"a"}),
        ("import a = require('a'); a()", {"a"}),
        ("export type {A} from 'a'", set()),
        ("let x: import('a').A", set()),
        ("import 'a'", {"a"}),
        ("import {A} from 'a'; @D() class X { constructor(private a: A) {} }", {"a"}),
    ],
)
def test_types_are_not_loaded(source: str, packages: set[str]) -> None:
    assert loads(source, "src/index.ts").packages == packages


def test_the_closure_follows_files() -> None:
    files = {
        "src/b.js": "require('./c'); require('../data.json')",
        "src/c/index.js": "require('pkg-c'); require('..')",
        "src/d.mjs": "import './b.js'",
        "data.json": "{}",
        "src/unused.js": "require('never')",
    }
    found = loads("require('./b'); import('./d.mjs')", files=files)

    assert found.packages == {"pkg-c"}
    assert set(found.files) == {"src/index.js", "src/b.js", "src/c/index.js", "src/d.mjs", "data.json"}
    assert found.complete
    assert [use.path for use in found.reads] == ["data.json"]


OPTIONS = '{"outDir": "dist", "baseUrl": ".", "paths": {"@/*": ["src/*"]}}'


def test_a_build_output_is_followed_back_to_its_source() -> None:
    files = {
        "tsconfig.json": f'{{"compilerOptions": {OPTIONS}, "include": ["src"]}}',
        "src/index.ts": "import {b} from './b.js'; import {c} from '@/c'; import p from 'path'; import fs from 'fs';"
        "b(c);"
        "fs.readFileSync(p.join(__dirname, '../assets/x')); fs.readFileSync(p.join(__dirname, 'views/y'))",
        "src/b.ts": "import x from 'pkg-b'; export const b = x",
        "src/c.ts": "export const c = 1",
    }
    found = runtime_loads(project(files, scripts={"build": "tsc"}), ["dist/index.js"])

    assert found.complete
    assert found.packages == {"pkg-b"}
    assert [(use.path, use.kind) for use in found.reads] == [("assets/x", "file"), ("dist/views/y", "file")]
    assert found.output_folders == ("dist",)


@pytest.mark.parametrize("entry", ["dist/main", "dist/main.js"])
def test_nest(entry: str) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"outDir": "./dist"}}',
        "tsconfig.build.json": '{"extends": "./tsconfig.json", "exclude": ["node_modules", "test", "**/*spec.ts"]}',
        "src/main.ts": "import './app.module'",
        "src/app.module.ts": "import {Module} from '@nestjs/common'; @Module({}) export class A {}",
        "test/a.e2e-spec.ts": "",
    }
    found = runtime_loads(project(files, scripts={"build": "nest build"}), [entry])

    assert found.complete
    assert found.packages == {"@nestjs/common"}


def test_an_output_without_a_known_source() -> None:
    found = runtime_loads(project({"src/index.js": ""}, scripts={"build": "gulp"}), ["dist/index.js"])

    assert not found.complete
    assert found.unresolved


@pytest.mark.parametrize(
    "source",
    [
        "require(x)",
        "require(process.argv[2])",
        "import(`${x}/y`)",
        "require('./missing')",
        "import '/absolute.js'",
        "const load = require('require-dir'); load('./x')",
        "function (",
    ],
)
def test_unresolved(source: str) -> None:
    found = loads(source)

    assert not found.complete
    assert found.unresolved


def test_a_name_made_at_run_time_means_any_file_of_the_folder() -> None:
    files = {"src/models/a.js": "require('pkg-a')", "src/models/b.js": "require('pkg-b')"}
    for source in (
        FS + "require(path.join(__dirname, 'models', name))",
        "require('./models/' + name)",
        "require(`./models/${name}.js`)",
        "require(__dirname + '/models/' + name)",
    ):
        found = loads(source, files=files)
        assert found.packages == {"pkg-a", "pkg-b"}, source
        assert found.complete


def test_a_file_without_an_extension_is_javascript() -> None:
    found = loads("#!/usr/bin/env node\nrequire('../app')", "bin/www", {"app.js": "require('express')"})

    assert found.packages == {"express"}


def test_limits() -> None:
    found = loads("x", files={"src/big.js": "x" * 500_000})
    assert found.complete
    found = loads("require('./big')", files={"src/big.js": "// " + "x" * 500_000})
    assert not found.complete


MANIFEST: dict[str, Any] = {
    "dependencies": {"a": "1"},
    "devDependencies": {"b": "1", "pino-pretty": "1", "c": "1"},
}


def test_development_dependencies_that_are_loaded() -> None:
    found = loads(
        "require('a'); require('b/x'); pino({transport: {target: 'pino-pretty'}}); require('other')", **MANIFEST
    )

    assert [use.path for use in found.dev_only] == ["b", "pino-pretty"]
    assert [use.path for use in found.undeclared] == ["other"]


def test_a_driver_is_loaded_by_the_name_of_the_database() -> None:
    found = loads("new (require('sequelize'))({dialect: 'postgres'})", devDependencies={"pg": "1"})

    assert "pg" in [use.path for use in found.dev_only]


@pytest.mark.parametrize(
    ("source", "path", "kind"),
    [
        ("fs.readFileSync('a.txt')", "a.txt", "cwd"),
        ("fs.readFileSync('./a/b.txt')", "a/b.txt", "cwd"),
        ("fs.promises.readFile('a')", "a", "cwd"),
        ("const {readFile} = require('fs/promises'); readFile('a')", "a", "cwd"),
        ("const r = require('util').promisify(fs.readFile); r('a')", "a", "cwd"),
        ("fs.createReadStream(path.join(__dirname, 'a'))", "src/a", "file"),
        ("fs.readFileSync(path.resolve(__dirname, '..', 'a'))", "a", "file"),
        ("fs.readFileSync(__dirname + '/../a')", "a", "file"),
        ("fs.readFileSync(`${__dirname}/a`)", "src/a", "file"),
        ("const dir = path.join(__dirname, 'x'); fs.readdirSync(path.join(dir, 'y'))", "src/x/y", "file"),
        ("fs.readFileSync(path.join(process.cwd(), 'a'))", "a", "cwd"),
        ("fs.readFileSync('/etc/x')", "/etc/x", "absolute"),
        ("fs.readFileSync(new URL('./a', import.meta.url))", "src/a", "file"),
        ("fs.readFileSync(process.env.FILE || 'a')", "a", "cwd"),
        ("app.use(express.static('public'))", "public", "cwd"),
        ("app.use(require('serve-static')(path.join(__dirname, 'public')))", "src/public", "file"),
        ("res.sendFile(path.join(__dirname, 'a.html'))", "src/a.html", "file"),
        ("res.sendFile('a.html', {root: __dirname + '/x'})", "src/x", "file"),
        ("res.render('index')", "views", "cwd"),
        ("app.set('views', path.join(__dirname, 'pages')); res.render('x')", "src/pages", "file"),
        ("require('dotenv').config()", ".env", "cwd"),
        ("fs.readFileSync('data/' + name)", "data", "cwd"),
        ("fs.readFileSync(path.join('data', name))", "data", "cwd"),
        ("require('ejs').renderFile('a.ejs')", "a.ejs", "cwd"),
        ("fs.copyFileSync('a', '/tmp/b')", "a", "cwd"),
    ],
)
def test_reads(source: str, path: str, kind: str) -> None:
    found = loads(FS + source)

    assert [(use.path, use.kind) for use in found.reads] == [(path, kind)]
    assert found.unknown_reads == ()


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("fs.writeFileSync('a.txt', x)", "a.txt"),
        ("fs.appendFile('a.log', x)", "a.log"),
        ("fs.createWriteStream('a')", "a"),
        ("fs.mkdirSync('uploads', {recursive: true})", "uploads"),
        ("fs.openSync('a', 'w')", "a"),
        ("require('fs-extra').ensureDir('a')", "a"),
        ("const sqlite3 = require('sqlite3').verbose(); new sqlite3.Database('a.db')", "a.db"),
        ("import Database from 'better-sqlite3'; new Database('a.db')", "a.db"),
        ("const {Sequelize} = require('sequelize'); new Sequelize({dialect: 'sqlite', storage: './a.db'})", "a.db"),
        ("new (require('sequelize').Sequelize)('sqlite:a.db')", "a.db"),
        ("module.exports = {dev: {dialect: 'sqlite', storage: 'a.db'}}", "a.db"),
        ("require('knex')({client: 'sqlite3', connection: {filename: 'a.db'}})", "a.db"),
        ("const multer = require('multer'); multer({dest: 'uploads/'})", "uploads"),
        ("const multer = require('multer'); multer.diskStorage({destination: (q, f, cb) => cb(null, './up')})", "up"),
        ("const w = require('winston'); new w.transports.File({filename: 'logs/a.log'})", "logs/a.log"),
        ("const D = require('nedb'); new D({filename: 'a.db', autoload: true})", "a.db"),
        ("const F = require('lowdb/adapters/FileSync'); new F('db.json')", "db.json"),
        ("new DataSource({type: 'sqlite', database: 'a.sqlite'})", "a.sqlite"),
        ("require('session-file-store')(session)", "sessions"),
        ("file.mv('uploads/' + file.name)", "uploads"),
    ],
)
def test_writes(source: str, path: str) -> None:
    found = loads(FS + source)

    assert [use.path for use in found.writes] == [path]
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "fs.writeFileSync(x, y)",
        "fs.writeFileSync(process.env.FILE)",
        "fs[name]('a')",
        "const f = (p) => fs.writeFileSync(p, 1)",
        "let p = 'a'; p = b; fs.writeFileSync(p)",
        "fs.writeFileSync(path.join(dir, 'a'))",
        "run(fs.writeFile)",
        "const multer = require('multer'); multer({dest: where})",
        "require('conf')",
    ],
)
def test_unknown_writes(source: str) -> None:
    found = loads(FS + source)

    assert found.unknown_writes
    assert found.writes == ()


@pytest.mark.parametrize(
    "source", ["new (require('sqlite3').Database)(':memory:')", "x.filename = 'a'", "fs.constants.W_OK"]
)
def test_no_writes(source: str) -> None:
    found = loads(FS + source)

    assert found.writes == ()
    assert found.unknown_writes == ()


def test_a_default_names_its_variable() -> None:
    assert loads(FS + "fs.writeFileSync(process.env.DB ?? 'a.db')").writes[0].variable == "DB"


def test_prisma_with_sqlite_writes_its_database() -> None:
    schema = 'datasource db {\n  provider = "sqlite"\n  url = "file:./dev.db"\n}\n'
    files = {"prisma/schema.prisma": schema}
    found = loads("require('@prisma/client')", files=files)

    assert [(use.path, use.kind) for use in found.writes] == [("prisma/dev.db", "file")]


GENERATED = {
    "prisma/schema.prisma": 'generator client {\n  provider = "prisma-client"\n'
    '  output = "../src/generated/prisma"\n}\n'
    'datasource db {\n  provider = "sqlite"\n}\n',
    "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
}
PRISMA: dict[str, Any] = {"dependencies": {"@prisma/client": "7"}}


@pytest.mark.parametrize(
    "specifier", ["./generated/prisma/client.js", "./generated/prisma", "@/generated/prisma/client"]
)
def test_a_client_that_prisma_generates_loads_its_package(specifier: str) -> None:
    found = loads(f"import {{ PrismaClient }} from '{specifier}'", files=GENERATED, **PRISMA)

    assert found.complete, found.unresolved
    assert found.packages == {"@prisma/client"}


def test_a_client_that_is_there_already_is_read() -> None:
    files = {**GENERATED, "src/generated/prisma/client.ts": "import 'express'"}
    found = loads("import './generated/prisma/client.js'", files=files, **PRISMA)

    assert found.packages == {"express"}


def test_without_a_schema_the_client_is_not_known() -> None:
    assert not loads("import './generated/prisma/client.js'", **PRISMA).complete


def test_the_schema_is_where_the_configuration_of_prisma_says() -> None:
    schema = GENERATED["prisma/schema.prisma"].replace("../src/", "../")
    files = {"db/main.prisma": schema, "prisma.config.ts": "export default defineConfig({ schema: 'db/main.prisma' })"}
    found = loads("import '../generated/prisma/client.js'", files=files, **PRISMA)

    assert found.packages == {"@prisma/client"}


@pytest.mark.parametrize("name", ["PrismaLibSql", "PrismaBetterSqlite3"])
def test_the_driver_of_prisma_is_told_the_file(name: str) -> None:
    package = "@prisma/adapter-libsql" if name == "PrismaLibSql" else "@prisma/adapter-better-sqlite3"
    text = (
        "import { PrismaClient } from './generated/prisma/client.js'\n"
        f"import {{ {name} }} from '{package}'\n"
        f"const adapter = new {name}({{ url: process.env.DATABASE_URL ?? 'file:./data/dev.db' }})\n"
    )
    found = loads(text, files=GENERATED, **PRISMA)

    assert [(use.path, use.kind, use.variable) for use in found.writes] == [("data/dev.db", "cwd", "DATABASE_URL")]
    assert not found.unknown_writes


@pytest.mark.parametrize(
    "text",
    [
        "import { PrismaLibSql } from '@prisma/adapter-libsql'\nnew PrismaLibSql(settings)\n",
        "import { PrismaLibSql } from '@prisma/adapter-libsql'\nnew PrismaLibSql({ url: settings.url })\n",
        "",
    ],
)
def test_which_file_a_driver_is_told_may_not_be_known(text: str) -> None:
    found = loads(f"import {{ PrismaClient }} from './generated/prisma/client.js'\n{text}", files=GENERATED, **PRISMA)

    assert found.unknown_writes


@pytest.mark.parametrize(
    ("source", "programs", "is_known"),
    [
        ("require('child_process').exec('git log')", ["git"], True),
        ("const {spawn} = require('child_process'); spawn('ffmpeg', ['-i'])", ["ffmpeg"], True),
        ("const {execSync} = require('child_process'); execSync(`convert ${x}`)", ["convert"], True),
        ("require('child_process').exec('a | b')", ["a"], False),
        ("require('child_process').exec(x)", [], False),
        ("regex.exec('git')", [], True),
    ],
)
def test_programs(source: str, programs: list[str], is_known: bool) -> None:
    found = loads(source)

    assert [use.path for use in found.programs] == programs
    assert (found.unknown_programs == ()) is is_known


def test_forks_and_workers_are_followed() -> None:
    files = {"src/w.js": "require('pkg-w')", "src/f.js": "require('pkg-f')"}
    source = (
        "const {Worker} = require('worker_threads'); new Worker(new URL('./w.js', import.meta.url));"
        "require('child_process').fork(__dirname + '/f.js')"
    )

    assert loads(source, files=files).packages == {"pkg-w", "pkg-f"}


@pytest.mark.parametrize(
    ("source", "ports"),
    [
        ("app.listen(3000)", (3000,)),
        ("app.listen(process.env.PORT || 8080, () => {})", (8080,)),
        ("const port = process.env.PORT ?? 80; app.listen(port)", (80,)),
        ("app.listen({port: 4000, host: '0.0.0.0'})", (4000,)),
        ("app.listen(x)", ()),
    ],
)
def test_ports(source: str, ports: tuple[int, ...]) -> None:
    assert loads(source).listens_on == ports


def test_the_environment_of_npm() -> None:
    assert loads("console.log(process.env.npm_package_version)").reads_package_environment
    assert not loads("console.log(process.env.PORT)").reads_package_environment


def test_node_modules_are_never_read() -> None:
    found = loads("require('../node_modules/x')", files={"node_modules/x/index.js": "require('y')"})

    assert "y" not in found.packages
