"""A stranger's project never stops the reading of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.build_outputs import build_script_outputs
from dockerslim.languages.node.project import detect
from dockerslim.languages.node.pruning import can_prune
from dockerslim.languages.node.runtime_loads import runtime_loads
from dockerslim.languages.node.scripts import resolve_command

FILES = """package.json package-lock.json yarn.lock pnpm-lock.yaml bun.lock tsconfig.json index.js src/index.ts .npmrc
.yarnrc.yml pnpm-workspace.yaml a/package.json prisma/schema.prisma ecosystem.config.js"""
SOURCE = """require( 'a' path.join( __dirname ) ( { } ` ${ + || fs .writeFileSync( [ ]
=> x , ; // /* : type @D() import from const async " class A x="""
WORDS = """npm run a b start node index.js && || ; | & -- -w x cross-env A=1 concurrently 'b' npx -p yarn cd .. sh -c $X
( ' " > env pm2 tsc dotenv pnpm --filter run-s b:* husky prisma generate bun exec {a,b}"""
MEMBERS = """name main scripts dependencies devDependencies workspaces packages node_modules/a version compilerOptions
outDir rootDir paths extends include importers specifier prisma schema imports start postinstall a packageManager link
overrides apps script"""
NAMES = st.sampled_from(FILES.split())
PIECES = st.sampled_from([*SOURCE.split(), " ", "\n"])
SHELL = st.lists(st.sampled_from(WORDS.split()), max_size=8).map(" ".join)
KEYS = st.sampled_from(MEMBERS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS | st.just(""), below, max_size=5),
    max_leaves=20,
)
STARTS = ("npm start", "yarn a", "node index.js", "node dist/index.js", "pm2 ecosystem.config.js")


def look_at_everything(files: dict[str, str]) -> None:
    context = BuildContext.in_memory(files)
    for folder in ("", "a", "src"):
        found = detect(context, folder)
        if found is None:
            continue
        for start in STARTS:
            command = resolve_command(found, start.split())
            runtime_loads(found, command.entry_files)
            can_prune(found, command)
        for script in found.manifest.scripts:
            build_script_outputs(found, script)


@given(st.dictionaries(NAMES, JSON.map(json.dumps) | st.text(max_size=60), max_size=5), JSON)
@settings(max_examples=150, deadline=None)
def test_any_files(files: dict[str, str], manifest: object) -> None:
    look_at_everything({**files, "package.json": json.dumps(manifest)})


@given(
    st.dictionaries(
        st.sampled_from(["start", "a", "b", "prestart", "postinstall", "prepare", "build"]),
        SHELL | st.text(max_size=20),
    )
)
@settings(max_examples=150, deadline=None)
def test_any_scripts(scripts: dict[str, str]) -> None:
    look_at_everything({"package.json": json.dumps({"scripts": scripts}), "index.js": "require('./x')"})


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
@settings(max_examples=150, deadline=None)
def test_any_source(source: str) -> None:
    look_at_everything({"package.json": "{}", "index.js": source, "src/index.ts": source, "tsconfig.json": "{}"})


@given(st.lists(SHELL, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_command(words: list[str]) -> None:
    found = detect(BuildContext.in_memory({"package.json": '{"scripts": {"a": "npm run b", "b": "node x"}}'}))
    assert found is not None

    resolve_command(found, words)
    resolve_command(found, ["sh", "-c", " ".join(words)])
    resolve_command(found, " ".join(words).split())


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": "null", "ecosystem.config.js": '{"script": null}'},
        {"package.json": "[]", "yarn.lock": "", "ecosystem.config.js": '{"script": true}'},
    ],
)
def test_files_that_once_raised(files: dict[str, str]) -> None:
    look_at_everything({"package-lock.json": "", **files})


def test_bombs() -> None:
    constants = "".join(f"var a{i} = a{i + 1} + a{i + 1};\n" for i in range(200)) * 3
    for source in (
        constants + "require('fs').readFileSync(a0)",
        "require(" + "'a' + " * 20_000 + "'b')",
        "fs" + ".a" * 50_000 + "()",
        "f(" * 20_000 + ")" * 20_000,
        "[" * 50_000,
        "`${" * 10_000,
        "x = {a:" * 10_000,
        "fs.readFileSync(" * 5_000,
        "{a:" * 100_000,
        "case a:" * 50_000,
    ):
        look_at_everything({"package.json": "{}", "index.js": source})
    for name in (
        "package-lock.json",
        "bun.lock",
        "pnpm-workspace.yaml",
        ".yarnrc.yml",
        "pnpm-lock.yaml",
        "tsconfig.json",
    ):
        for text in ("[" * 90_000, '{"a":' * 20_000, '"\\"' * 30_000, "/*" * 40_000, "a: &a [*a, *a]\n", "," * 50_000):
            look_at_everything({"package.json": "{}", name: text, "index.js": ""})
