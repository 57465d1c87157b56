"""What libraries write for the program: by the tables, by settings, and by the names of members."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads
from tests.languages.node.projects import project


def loads(source: str, files: dict[str, str] | None = None) -> RuntimeLoads:
    return runtime_loads(project({"index.js": source, **(files or {})}), ["index.js"])


def written(found: RuntimeLoads) -> list[str]:
    """The paths; a folder, or something in it whose name isn't known, ends in `/`."""
    return [use.path + ("/" if use.is_partial else "") for use in found.writes]


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("app.use(require('express-fileupload')({useTempFiles: true}))", ["tmp/"]),
        ("app.use(require('express-fileupload')({useTempFiles: true, tempFileDir: './up'}))", ["up/"]),
        ("app.use(require('express-fileupload')({useTempFiles: true, tempFileDir: '/tmp/'}))", ["/tmp/"]),
        ("require('tar').x({file: 'a.tgz', cwd: 'out'})", ["out/"]),
        ("require('tar').extract({file: 'a.tgz'})", ["/"]),
        ("require('tar').c({file: 'out/a.tgz', gzip: true}, ['src'])", ["out/a.tgz"]),
        ("const {Extract} = require('unzipper'); s.pipe(Extract({path: 'out'}))", ["out/"]),
        ("require('decompress')('a.zip', 'out')", ["out/"]),
        ("require('mkdirp').sync('./up')", ["up/"]),
        ("require('rimraf')('cache/a', done)", ["cache/a"]),
        ("const {createObjectCsvWriter: c} = require('csv-writer'); c({path: 'out/a.csv', header: []})", ["out/a.csv"]),
        ("require('v8').writeHeapSnapshot()", ["/"]),
        ("const QR = require('qrcode'); QR.toFile('./qr/a.png', 'x')", ["qr/a.png"]),
        ("const J = require('jimp'); J.read('a.png').then(i => i.resize(1, 1).write('thumb.png'))", ["thumb.png"]),
        ("require('fluent-ffmpeg')('a.mp4').save('out.mp4')", ["out.mp4"]),
        ("require('@tensorflow/tfjs-node'); m.save('file://./model')", ["model"]),
        ("require('youtube-dl-exec')(url, {output: 'films/%(id)s.mp4'})", ["films/%(id)s.mp4"]),
        ("const git = require('simple-git')(); git.clone('https://example.org/a', 'repos/a')", ["repos/a"]),
        ("require('simple-git')('./repo')", ["repo/"]),
        ("const git = require('isomorphic-git'); git.clone({fs, dir: 'repo', url})", ["repo/"]),
        ("require('esbuild').buildSync({entryPoints: ['a.js'], outfile: 'public/a.js'})", ["public/a.js"]),
        ("require('webpack')({output: {path: __dirname + '/out'}}).run(done)", ["out/"]),
        ("app.use(require('node-sass-middleware')({src: 'scss', dest: 'css'}))", ["css/"]),
        ("app.use(require('node-sass-middleware')({src: 'public'}))", ["public/"]),
        ("app.use(require('less-middleware')(__dirname + '/public'))", ["public/"]),
        ("app.use(require('stylus').middleware('public'))", ["public/"]),
        ("const s = require('swagger-autogen')(); s('./swagger.json', ['./index.js'])", ["swagger.json"]),
        ("require('@nestjs/graphql').forRoot({definitions: {path: 'src/graphql.ts'}})", ["src/graphql.ts"]),
        ("i.init({saveMissing: true, backend: {addPath: 'locales/{{lng}}/a.json'}})", ["locales/"]),
        ("const L = require('telegraf-session-local'); new L({database: 'a.json'})", ["a.json"]),
        ("const L = require('telegraf-session-local'); new L()", ["sessions.json"]),
        ("require('@remix-run/node').createFileSessionStorage({dir: './s'})", ["s/"]),
        ("require('greenlock-express').init({configDir: './certs'})", ["certs/"]),
        ("require('json-server').router('db.json')", ["db.json"]),
        ("require('@libsql/client').createClient({url: 'file:local.db'})", ["local.db"]),
        ("require('@libsql/client').createClient({url: 'file:///data/a.db?mode=rwc'})", ["/data/a.db"]),
        ("require('drizzle-orm/libsql').drizzle('file:a.db')", ["a.db"]),
        ("require('drizzle-orm/better-sqlite3').drizzle({connection: {source: 'd/a.db'}})", ["d/a.db"]),
        ("const {MikroORM: M} = require('@mikro-orm/sqlite'); M.init({dbName: 'a.db'})", ["a.db"]),
        ("M.init({type: 'sqlite', dbName: 'a.db'})", ["a.db"]),
        ("require('newrelic')", ["newrelic_agent.log"]),
        ("const f = require('formidable')(); f.uploadDir = './up'", ["up/"]),
        ("import('@xenova/transformers')", ["node_modules/@xenova/transformers/.cache/"]),
        (
            "const {env} = require('@huggingface/transformers'); env.cacheDir = './models'",
            ["node_modules/@huggingface/transformers/.cache/", "models/"],
        ),
    ],
)
def test_known_libraries(source: str, paths: list[str]) -> None:
    found = loads(source)

    assert written(found) == paths
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "app.use(require('express-fileupload')())",
        "app.use(require('express-fileupload')({useTempFiles: false}))",
        "app.use(require('express-fileupload')({limits: {fileSize: 1}}))",
        "require('tar').t({file: 'a.tgz'})",
        "require('simple-git')().log()",
        "require('jimp').read('a.png')",
        "require('esbuild').transform(code, {loader: 'ts'})",
        "require('@libsql/client').createClient({url: 'libsql://example.org'})",
        "require('@libsql/client').createClient({url: 'file::memory:'})",
        "require('drizzle-orm/libsql').drizzle(client)",
        "require('drizzle-orm/better-sqlite3').drizzle({client: sqlite, schema})",
        "require('@nestjs/graphql').forRoot({typePaths: ['./**/*.graphql'], path: '/graphql'})",
        "i.init({backend: {loadPath: 'locales/{{lng}}.json'}})",
        "M.init({type: 'postgresql', dbName: 'app'})",
        "form.uploadDir = './up'",
        "require('./store').save('out/a.json')",
    ],
)
def test_nothing_is_written(source: str) -> None:
    found = loads(source, {"store.js": "exports.save = () => {}"})

    assert written(found) == []
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        "require('csv-writer').createObjectCsvWriter(options)",
        "require('unzipper').Extract({path: folder})",
        "require('isomorphic-git').clone(options)",
        "require('@remix-run/node').createFileSessionStorage({dir: process.env.SESSIONS})",
        "require('less-middleware')(folder)",
        "require('mongodb-memory-server')",
        "const f = require('formidable')(); f.uploadDir = folder",
    ],
)
def test_what_cannot_be_told(source: str) -> None:
    found = loads(source)

    assert written(found) == []
    assert found.unknown_writes


# --- packages of which no row speaks


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("require('some-report')({outfile: 'report.html'})", ["report.html"]),
        ("const R = require('some-report'); new R({options: {outputDir: './out'}})", ["out"]),
        ("const r = require('some-report')(); r.run({path: 'out/a.csv'})", ["out/a.csv"]),
        ("const r = require('some-report'); r({path: path.join(__dirname, 'out')})", []),
        (
            "const path = require('path'), {run} = require('some-report'); run({dir: path.join(__dirname, 'out')})",
            ["out"],
        ),
        ("const o = {dir: './cache'}; require('some-cache').create(o)", ["cache"]),
        ("require('some-cache').create({dir: './empty'})", ["empty"]),
        ("doc.save('out/a.pdf')", ["out/a.pdf"]),
        ("(await picture).write('thumbs/a.png')", ["thumbs/a.png"]),
        ("require('some-picture').toFile('a.png')", ["a.png"]),
        ("require('some-sheet').writeFile('out/a.xlsx')", ["out/a.xlsx"]),
    ],
)
def test_packages_without_rules(source: str, paths: list[str]) -> None:
    found = loads(source, {"empty/.gitkeep": ""})

    assert written(found) == paths
    assert found.unknown_writes == ()


@pytest.mark.parametrize(
    "source",
    [
        # Routes, cookies, attachments and formats are no files.
        "require('some-router')([{path: '/api/x', handler}, {path: 'users/:id'}, {path: 'a/b.html', component}])",
        "require('some-session')({cookie: {path: '/', maxAge: 1}})",
        "require('some-mail').send({attachments: [{filename: 'a/b.pdf', path: './a/b.pdf', cid: 'x'}]})",
        "require('nodemailer').createTransport(o).sendMail({attachments: [{path: './out/a.pdf'}]})",
        "require('some-format')({output: 'json', filename: 'a.csv', dir: 'ltr', base: 'hex'})",
        "require('some-client')({path: 'https://example.org/a.json', base: 'ftp://example.org/x'})",
        "res.write('done.'); res.write('<a href=\"x/y.html\">'); user.save(done); user.save({path: 'a/b.c'})",
        # What is there is read.
        "const path = require('path'); require('some-views')({dir: path.join(__dirname, 'views')})",
        "require('some-views')({dir: './views', path: './views/a.html', base: __dirname})",
        "require('some-worker').run({filename: './worker'})",
        "require('some-front')({dir: './dist/public'})",
        # Own modules say themselves what they do, and Node's are known.
        "require('./own')({outfile: 'out/a.txt'})",
        "require('http').request({path: './x/y.z'})",
        "require('express').static('public', {dir: './x/y.z'})",
        "require('next')({dir: './client', dev: false})",
    ],
)
def test_what_packages_only_read(source: str) -> None:
    found = loads(source, {"views/a.html": "", "worker.ts": "", "own.js": "module.exports = () => {}"})

    assert written(found) == []
    assert found.unknown_writes == ()


# --- settings


def test_settings_of_log4js() -> None:
    appenders = '{"appenders": {"f": {"type": "dateFile", "filename": "logs/a.log"}, "c": {"type": "console"}}}'
    files = {"config/log4js.json": appenders}
    found = loads("require('log4js').configure('./config/log4js.json')", files)

    assert written(found) == ["logs/a.log"]
    assert found.unknown_writes == ()
    assert loads("require('log4js').configure(`./config/${name}.json`)", files).unknown_writes
    assert loads("require('log4js').configure('missing.json')", files).unknown_writes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ormconfig.json", '{"type": "sqlite", "database": "data/a.sqlite"}'),
        ("ormconfig.json", '[{"type": "postgres", "database": "a"}, {"type": "sqlite", "database": "data/a.sqlite"}]'),
        ("ormconfig.js", "module.exports = {type: 'sqlite', database: 'data/a.sqlite'}"),
    ],
)
def test_settings_of_typeorm(name: str, text: str) -> None:
    found = loads("require('typeorm').createConnection()", {name: text})

    assert written(found) == ["data/a.sqlite"]
    assert name in {use.path for use in found.reads} or name in found.files
    assert written(loads("require('typeorm').createConnection()", {name: text.replace("sqlite", "x")})) == []


def test_settings_that_are_no_json() -> None:
    files = {"config/a.json": "{{{", "config/b.json": "// a\n{file: 'a.log'}", "config/c.json": "[" * 3_000}

    assert loads("require('config')", files).unknown_writes
