"""Paths that come from another file of the project, from a member of an object, or from a function."""

from __future__ import annotations

import json
import time

import pytest

from dockerslim.languages.node.runtime_loads import RuntimeLoads, runtime_loads
from tests.languages.node.projects import project

FS = "import fs from 'node:fs'; import path from 'node:path';"


def loads(source: str, files: dict[str, str] | None = None, entry: str = "src/index.js") -> RuntimeLoads:
    return runtime_loads(project({entry: source, **(files or {})}), [entry])


def written(found: RuntimeLoads) -> list[str]:
    return [use.path + ("/" if use.is_partial else "") for use in found.writes]


@pytest.mark.parametrize(
    ("line", "name", "text"),
    [
        ("import { logs } from './config.js'", "src/config.js", "export const logs = './logs'"),
        ("import { logs as x } from './config'", "src/config.ts", "const a = 'logs'; export { a as logs }"),
        ("import x from './config'", "src/config.js", "export default 'logs'"),
        ("import x from './config'", "src/config.js", "const x = 'logs'; export default x"),
        ("const { logs } = require('./config')", "src/config.js", "module.exports = { logs: './logs' }"),
        ("const { logs } = require('./config')", "src/config.js", "const logs = 'logs'; module.exports = { logs }"),
        ("const { logs } = require('./config')", "src/config.js", "exports.logs = 'logs'"),
        ("const x = require('./config').logs", "src/config.js", "module.exports.logs = 'logs'"),
        ("const x = require('./config').a.logs", "src/config.js", "module.exports = { a: { logs: 'logs' } }"),
        ("const c = require('./config'), x = c.a.logs", "src/config.js", "module.exports = { a: { logs: 'logs' } }"),
        ("import c from './config'; const x = c.logs", "src/config.ts", "export default { logs: 'logs' } as const"),
        ("import * as c from './config'; const x = c.logs", "src/config.ts", "export const logs = 'logs'"),
        ("import { c } from './config'; const x = c.logs", "src/config.ts", "export const c = { logs: 'logs' }"),
        ("import c from './config'; const x = c.logs", "src/config.js", "export default Object.freeze({logs: 'logs'})"),
        ("import { c } from './config.json'; const x = c.logs", "src/config.json", json.dumps({"c": {"logs": "logs"}})),
        ("const { logs } = require('./config')", "src/config/index.js", "exports.logs = 'logs'"),
        ("import { f } from './config'; const x = f()", "src/config.js", "export const f = () => 'logs'"),
        ("import { f } from './config'; const x = f()", "src/config.js", "export function f() { return 'logs' }"),
        ("import f from './config'; const x = f()", "src/config.js", "export default function () { return 'logs' }"),
        ("const c = require('./config'), x = c.f()", "src/config.js", "module.exports = { f() { return 'logs' } }"),
        ("const x = c.logs; const c = { logs: 'logs' }", "a", ""),
        ("const x = f(); function f() { return 'logs' }", "a", ""),
    ],
)
def test_resolved(line: str, name: str, text: str) -> None:
    local = "logs" if "logs }" in line and "as x" not in line else "x"
    found = loads(f"{FS}{line}; fs.mkdirSync({local});", {name: text})

    assert written(found) == ["logs"]
    assert found.unknown_writes == ()


def test_a_variable_of_the_environment_stays_known() -> None:
    found = loads(
        FS + "import { logs } from './config'; fs.appendFile(`${logs}/a.log`, x)",
        {"src/config.js": "export const logs = process.env.LOGS || './logs'"},
    )

    assert [(use.path, use.variable) for use in found.writes] == [("logs/a.log", "LOGS")]


def test_a_function_with_parameters_tells_the_folder() -> None:
    function = "export const file = (name) => path.join(process.cwd(), 'cache', name + '.webp')"
    found = loads(
        FS + "import { file } from './paths'; const f = file(req.url); fs.writeFile(f, x); read(f)",
        {"src/paths.js": "import path from 'path';" + function},
    )

    assert written(found) == ["cache/"]


def test_it_counts_from_the_folder_of_the_file_that_says_it() -> None:
    files = {"src/lib/paths.js": "import path from 'path'; export const up = path.join(__dirname, 'up')"}

    assert written(loads(FS + "import { up } from './lib/paths'; fs.mkdirSync(up)", files)) == ["src/lib/up"]


def test_files_that_a_compiler_has_moved() -> None:
    files = {
        "src/lib/paths.ts": "import path from 'path'; export const up = path.join(__dirname, '../../up')",
        "src/index.ts": FS + "import { up } from './lib/paths'; fs.mkdirSync(up)",
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    }
    found = runtime_loads(project(files, scripts={"build": "tsc"}), ["dist/index.js"])

    assert written(found) == ["up"]


def test_aliases_and_modules_that_pass_on() -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"]}}}',
        "src/paths.ts": "export const up = 'up'; const down = 'down'; export default down",
        "src/all.ts": "export * from './paths'; export { default as down, up as b } from './paths'",
    }
    source = FS + "import { up, down, b } from '@/all'; fs.mkdirSync(up); fs.rmSync(down); fs.unlinkSync(b)"

    assert written(loads(source, files, "src/index.ts")) == ["up", "down", "up"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("import { logs } from './config'", "export let logs = 'logs'; logs = other()"),
        ("import { logs } from './config'", "export const logs = process.env.LOGS"),
        ("import { logs } from './config'", "export const others = 'logs'"),
        ("import { logs } from './missing'", ""),
        ("import { logs } from 'some-package'", ""),
        ("import { logs } from './config'; function f(logs) {}", "export const logs = 'logs'"),
        ("import c from './config'; const { logs } = c", "export default { logs: 'logs', ...others }"),
        ("import c from './config'; const logs = c.logs", "export default configs[process.env.NODE_ENV]"),
        ("import c from './config'; const logs = c.get('logs')", "export default { logs: 'logs' }"),
        ("import c from './config'; const logs = c.logs", "const c = { logs: 'a' }; c.logs = 'b'; export default c"),
        ("import { f } from './config'; const logs = f()", "export const f = (a) => a"),
        ("import { f } from './config'; const logs = f", "export const f = () => 'logs'"),
        (
            "import { f } from './config'; const logs = f()",
            "export function f() { return a.map(() => { return 'a' }) }",
        ),
        ("import { logs } from './config'", "export { logs } from './index'"),
        ("import { logs } from './config'", "export * from './config'"),
    ],
)
def test_unknown(line: str, text: str) -> None:
    found = loads(f"{FS}{line}; fs.mkdirSync(logs);", {"src/config.js": text})

    assert written(found) == []
    assert found.unknown_writes


def test_constants_that_name_each_other_come_to_an_end() -> None:
    text = "".join(f"export const a{i} = x{i} ? a{i - 1} + a{i - 1} : b{i - 1};" for i in range(1, 60))
    imports = "import { " + ", ".join(f"b{i}" for i in range(60)) + " } from './b';"
    back = "import { " + ", ".join(f"a{i}" for i in range(60)) + " } from './a';"
    files = {
        "src/a.js": imports + "export const a0 = 'a';" + text,
        "src/b.js": back + "".join(f"export const b{i} = a{i + 1} + a{i + 2};" for i in range(60)),
    }
    start = time.perf_counter()
    loads(FS + "import { a59 } from './a'; fs.mkdirSync(a59); fs.rmSync(a59)", files)

    assert time.perf_counter() - start < 5
