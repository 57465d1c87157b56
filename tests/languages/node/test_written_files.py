"""Writes that a library does for the program: logs, databases, sockets; and a work folder that changes."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads
from tests.languages.node.projects import project

FS = "const fs = require('fs'), path = require('path');"


def loads(source: str, files: dict[str, str] | None = None) -> RuntimeLoads:
    return runtime_loads(project({"src/index.js": source, **(files or {})}), ["src/index.js"])


@pytest.mark.parametrize(
    ("source", "path", "is_folder"),
    [
        ("require('pino')({transport: {target: 'pino/file', options: {destination: 'l/a.log'}}})", "l/a.log", False),
        ("pino.transport({targets: [{target: 'pino-roll', options: {file: 'l/a'}}]})", "l/a", False),
        ("require('pino').destination('a.log')", "a.log", False),
        ("require('pino').destination({dest: 'a.log'})", "a.log", False),
        ("const w = require('winston'); new w.transports.File({filename: 'a.log', dirname: 'l'})", "l", True),
        ("const D = require('winston-daily-rotate-file'); new D({dirname: 'l', filename: '%DATE%.log'})", "l", True),
        ("require('rotating-file-stream').createStream('a.log', {path: 'l'})", "l", True),
        ("require('rotating-file-stream').createStream('l/a.log')", "l/a.log", False),
        ("require('log4js').configure({appenders: {f: {type: 'file', filename: 'l/a.log'}}})", "l/a.log", False),
        ("require('bunyan').createLogger({streams: [{path: 'l/a.log'}]})", "l/a.log", False),
        ("const {LocalStorage} = require('node-localstorage'); new LocalStorage('./s')", "s", True),
        ("const {Level} = require('level'); new Level('s')", "s", True),
        ("const multer = require('multer'), options = {dest: 'u'}; multer(options)", "u", True),
        ("const multer = require('multer'); multer({dest: 'u/'})", "u", True),
        ("require('session-file-store')(session)", "sessions", True),
        ("require('http').createServer().listen('/var/run/a.sock')", "/var/run/a.sock", False),
        ("server.listen({path: 'a.sock'})", "a.sock", False),
        ("require('puppeteer').launch({userDataDir: './p'})", "p", True),
        ("const {chromium} = require('playwright'); chromium.launchPersistentContext('./p')", "p", False),
        ("await page.screenshot({path: 'shots/a.png'})", "shots/a.png", False),
        ("await page.pdf({format: 'A4', path: 'a.pdf'})", "a.pdf", False),
    ],
)
def test_written(source: str, path: str, is_folder: bool) -> None:
    found = loads(source)

    assert [(use.path, use.is_partial) for use in found.writes] == [(path, is_folder)]
    assert found.unknown_writes == ()


def test_a_folder_for_sessions() -> None:
    found = loads("const F = require('session-file-store')(s); new F({path: './a'}); s({cookie: {path: '/'}})")

    assert [use.path for use in found.writes] == ["sessions", "a"]
    assert [use.path for use in loads("require('node-persist').init({dir: 's'})").writes] == [".node-persist", "s"]


@pytest.mark.parametrize(
    "source",
    [
        "require('some-logger')({file: './a.log'})",
        "require('some-logger')('a.log')",
        "require('some-store').open({location: require('path').join(__dirname, 'a.db')})",
        "const target = 'logs/a.log'; require('some-logger')({target})",
        "module.exports = {file: `${folder}/a.log`}",
        "module.exports = {connection: 'file:local.sqlite'}",
        "module.exports = {logDir: 'logs'}",
        "require('npid').create('/var/run/a.pid')",
        "require('log4js').configure('log4js.json')",
        "require('multer')(require('./options').upload)",
        "const w = require('winston'); new w.transports.File({...options})",
        "const {x} = require('./settings.json')",
        "require('config')",
    ],
)
def test_what_a_library_may_write(source: str) -> None:
    files = {
        "src/settings.json": '{"log": {"file": "logs/a.log"}}',
        "src/options.js": "",
        "config/default.json": '{"file": "a.log"}',
    }
    found = loads(source, files)

    assert found.unknown_writes
    assert found.writes == ()


@pytest.mark.parametrize(
    "source",
    [
        FS + "fs.readFileSync('a.db')",
        FS + "const file = path.join(__dirname, 'a.db'); fs.createReadStream(file)",
        FS + "fs.readFileSync(process.env.FILE || 'a.log')",
        "console.log('see console.log')",
        "require('./data.json')",
        "require('multer')({storage: require('multer').memoryStorage()})",
        "require('multer')()",
        "events.listen('change')",
        "app.listen('3000')",
        "x.db.y; x('http://a.db')",
    ],
)
def test_nothing_is_written(source: str) -> None:
    found = loads(source, {"src/data.json": '{"a": "b.txt"}'})

    assert found.unknown_writes == ()
    assert found.writes == ()


def test_what_is_known_is_not_also_unknown() -> None:
    for source in ("fs.appendFileSync('a.log', x)", "fs.appendFile(path.join('l', d + '-a.log'), x)"):
        found = loads(FS + source)
        assert len(found.writes) == 1, source
        assert found.unknown_writes == ()


@pytest.mark.parametrize("target", ["'data'", "path.join(__dirname, '..')", "where", "'/srv'"])
def test_a_changed_work_folder(target: str) -> None:
    found = loads(FS + f"process.chdir({target}); fs.writeFileSync('a'); fs.writeFileSync('/b'); fs.readFileSync('c')")
    is_start = target.endswith("'..')")

    assert [use.path for use in found.writes] == (["a", "/b"] if is_start else ["/b"])
    assert (found.changed_folder is None) is is_start
    assert bool(found.unknown_writes) is not is_start
    assert bool(found.unknown_reads) is not is_start


def test_paths_of_the_system() -> None:
    found = loads(FS + "const ca = '/etc/ssl/cert.pem'; fs.readFileSync('/usr/share/' + x); fs.existsSync('/tmp/x')")

    assert {use.path for use in found.system_paths} >= {"/etc/ssl/cert.pem", "/usr/share"}
