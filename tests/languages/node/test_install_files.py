"""What an install needs before the source."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.project import NodeProject

from .projects import npm_lock, project

PATCH = {"patch-package": "8"}


def needs(found: NodeProject) -> set[str]:
    assert found.install_files is not None, found.install_reason
    return {*found.install_files, *(f"{folder}/" for folder in found.install_folders)} - {"package.json"}


@pytest.mark.parametrize(
    ("files", "manifest", "expected"),
    [
        ({}, {}, set()),
        ({"package-lock.json": npm_lock()}, {}, {"package-lock.json"}),
        ({".npmrc": "registry=https://x\n"}, {}, {".npmrc"}),
        ({".npmrc": "cafile=certs/ca.pem", "certs/ca.pem": "", "certs/x": ""}, {}, {".npmrc", "certs/ca.pem"}),
        ({".yarnrc.yml": "yarnPath: tools/yarn.cjs\n", "tools/yarn.cjs": ""}, {}, {".yarnrc.yml", "tools/yarn.cjs"}),
        ({".yarnrc.yml": "", ".yarn/releases/y.cjs": ""}, {}, {".yarnrc.yml", ".yarn/releases/"}),
        ({"patches/a.patch": ""}, {"devDependencies": PATCH}, {"patches/"}),
        ({"patches/a.patch": ""}, {"scripts": {"postinstall": "patch-package"}}, {"patches/"}),
        ({"patches/a.patch": ""}, {}, set()),
        ({"patches/a.patch": ""}, {"pnpm": {"patchedDependencies": {"a@1": "patches/a.patch"}}}, {"patches/"}),
        ({"prisma/schema.prisma": ""}, {"dependencies": {"@prisma/client": "5"}}, {"prisma/schema.prisma"}),
        (
            {"db/s.prisma": ""},
            {"prisma": {"schema": "db/s.prisma"}, "dependencies": {"@prisma/client": "5"}},
            {"db/s.prisma"},
        ),
        ({"prisma/schema.prisma": ""}, {"scripts": {"postinstall": "prisma generate"}}, {"prisma/schema.prisma"}),
        ({"lib/package.json": "{}", "lib/a.js": ""}, {"dependencies": {"lib": "file:lib"}}, {"lib/"}),
        ({"lib/package.json": "{}"}, {"dependencies": {"lib": "link:./lib"}}, {"lib/"}),
        ({"lib.tgz": ""}, {"dependencies": {"lib": "file:lib.tgz"}}, {"lib.tgz"}),
        ({"a/package.json": "{}", "a/x.js": ""}, {"workspaces": ["a"]}, {"a/package.json"}),
        (
            {"pnpm-workspace.yaml": "packages: [a]\n", "a/package.json": "{}"},
            {},
            {"pnpm-workspace.yaml", "a/package.json"},
        ),
    ],
)
def test_files(files: dict[str, str], manifest: dict[str, object], expected: set[str]) -> None:
    assert needs(project(files, **manifest)) == expected


@pytest.mark.parametrize(
    "script",
    [
        "husky",
        "husky install",
        "husky || true",
        "is-ci || husky install",
        "npx only-allow npm",
        "npx --yes only-allow pnpm",
        "exit 0",
        "echo done && exit 0",
        "ngcc",
        "electron-builder install-app-deps",
        "npm run hello",
        "yarn husky install",
        "node -e \"console.log('hello')\"",
        "cross-env CI=1 husky",
        "opencollective-postinstall || exit 0",
        "node -e \"try { require('husky').install() } catch (e) {}\"",
    ],
)
@pytest.mark.parametrize("name", ["preinstall", "postinstall", "prepare"])
def test_scripts_that_need_nothing(name: str, script: str) -> None:
    assert (
        needs(project({"src/a.js": ""}, scripts={name: script, "hello": "echo hello"}, devDependencies={"husky": "9"}))
        == set()
    )


@pytest.mark.parametrize(
    ("script", "files"),
    [
        ("npm run build", {}),
        ("tsc", {}),
        ("cd client && npm install", {}),
        ("npm install --prefix client", {"client/package.json": "{}"}),
        ("sh scripts/x.sh", {"scripts/x.sh": ""}),
        ("./scripts/x.sh", {"scripts/x.sh": ""}),
        ("node scripts/missing.js", {}),
        ("node scripts/x.js", {"scripts/x.js": "require('./y')", "scripts/y.js": ""}),
        ("node scripts/x.js", {"scripts/x.js": "require('fs').readFileSync('src/a.js')"}),
        ("node scripts/x.js", {"scripts/x.js": "require('child_process').execSync('tsc')"}),
        ("node scripts/x.js", {"scripts/x.js": "require(process.argv[2])"}),
        ("node -e \"require('./src/a')\"", {"src/a.js": ""}),
        ("node $X", {}),
        ("(husky)", {}),
        ("npm run loop", {}),
        ("prisma generate --schema other.prisma", {}),
        ("prisma generate", {}),
        ("unknown-tool", {}),
    ],
)
def test_scripts_that_may_need_more(script: str, files: dict[str, str]) -> None:
    scripts = {"postinstall": script, "build": "tsc", "loop": "npm run loop"}
    found = project(files, scripts=scripts)

    assert found.install_files is None
    assert found.install_folders == ()
    assert "postinstall" in found.install_reason or "prisma" in found.install_reason


def test_a_script_file_comes_along() -> None:
    files = {"scripts/x.js": "const os = require('os'); const chalk = require('chalk'); console.log(os.EOL)"}

    assert needs(project(files, scripts={"postinstall": "node scripts/x.js"})) == {"scripts/x.js"}
    assert needs(project(files, scripts={"postinstall": "node scripts/x"})) == {"scripts/x.js"}


@pytest.mark.parametrize(
    ("files", "manifest", "reason"),
    [
        ({"binding.gyp": ""}, {}, "binding.gyp"),
        ({"a/package.json": '{"scripts": {"prepare": "tsc"}}'}, {"workspaces": ["a"]}, "a/package.json"),
        ({"a/package.json": "{"}, {"workspaces": ["a"]}, "member `a`"),
        ({}, {"dependencies": {"lib": "file:../lib"}}, "`lib`"),
        ({}, {"dependencies": {"lib": "file:."}}, "project itself"),
        (
            {"prisma/schema.prisma": 'generator c {\n output = "../src/gen"\n}', "src/gen/index.js": ""},
            {"dependencies": {"@prisma/client": "5"}},
            "src/gen",
        ),
        ({".pnpmfile.cjs": "const x = require('./lib')"}, {}, ".pnpmfile.cjs"),
    ],
)
def test_refusals(files: dict[str, str], manifest: dict[str, object], reason: str) -> None:
    found = project(files, **manifest)

    assert found.install_files is None
    assert reason in found.install_reason
