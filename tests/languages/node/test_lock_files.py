"""Lock files: which one, whose, and does it agree."""

from __future__ import annotations

import json

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.project import detect

from .projects import npm_lock, project

YARN_1 = """\
# yarn lockfile v1


"@scope/a@^1.0.0", "@scope/a@^1.1.0":
  version "1.2.0"
  resolved "https://example.com/a.tgz"

express@^4.18.0:
  version "4.18.2"
  dependencies:
    bindings "^1.0.0"
"""
BERRY = """\
__metadata:
  version: 8

"express@npm:^4.18.0":
  version: 4.18.2
  resolution: "express@npm:4.18.2"

"x@workspace:.":
  version: 0.0.0-use.local
"""
PNPM_9 = """\
lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      express:
        specifier: ^4.18.0
        version: 4.18.2

packages:

  '@scope/a@1.0.0':
    resolution: {integrity: sha512-x}

  express@4.18.2:
    resolution: {integrity: sha512-x}

snapshots:

  express@4.18.2:
    dependencies:
      node-gyp-build: 4.0.0
"""
PNPM_5 = """\
lockfileVersion: 5.4

specifiers:
  express: ^4.18.0

dependencies:
  express: 4.18.2

packages:

  /express/4.18.2:
    resolution: {integrity: sha512-x}
    requiresBuild: true
    dev: true
"""
BUN = """\
{
  "lockfileVersion": 1,
  "workspaces": {"": {"name": "x", "dependencies": {"express": "^4.18.0",},}},
  "packages": {"express": ["express@4.18.2", "", {"dependencies": {"nan": "1"}}, "sha512-x"],}
}
"""
EXPRESS = {"express": "^4.18.0"}


@pytest.mark.parametrize(
    ("files", "field", "manager", "lock"),
    [
        ({}, None, "npm", None),
        ({"package-lock.json": "{}"}, None, "npm", "package-lock.json"),
        ({"package-lock.json": "{}", "npm-shrinkwrap.json": "{}"}, None, "npm", "npm-shrinkwrap.json"),
        ({"package-lock.json": "{}", "yarn.lock": YARN_1}, None, "yarn", "yarn.lock"),
        ({"yarn.lock": BERRY}, None, "yarn-berry", "yarn.lock"),
        ({"yarn.lock": "", ".yarnrc.yml": ""}, None, "yarn-berry", "yarn.lock"),
        ({"pnpm-lock.yaml": "", "yarn.lock": ""}, None, "pnpm", "pnpm-lock.yaml"),
        ({"bun.lockb": "\0"}, None, "bun", "bun.lockb"),
        ({"bun.lock": BUN, "package-lock.json": "{}"}, None, "bun", "bun.lock"),
        ({"package-lock.json": "{}"}, "pnpm@9.1.0", "pnpm", None),
        ({"yarn.lock": ""}, "yarn@4.1.0", "yarn-berry", "yarn.lock"),
        ({"yarn.lock": ""}, "yarn@1.22.22+sha1.x", "yarn", "yarn.lock"),
    ],
)
def test_manager(files: dict[str, str], field: str | None, manager: str, lock: str | None) -> None:
    found = project(files, **({"packageManager": field} if field else {}))

    assert (found.manager, found.lock_file) == (manager, lock)
    assert set(found.lock_files) == {name for name in files if "lock" in name or "shrinkwrap" in name}


def test_a_hidden_lock_file_is_said_to_be_hidden() -> None:
    context = BuildContext(None, ("package.json",), lambda path, limit: b"{}", hidden=("yarn.lock",))
    found = detect(context)

    assert found is not None
    assert (found.manager, found.lock_file, found.lock_hidden) == ("yarn", None, True)


@pytest.mark.parametrize(
    ("lock", "manifest", "in_sync"),
    [
        (npm_lock(dependencies=EXPRESS), {"dependencies": EXPRESS}, True),
        (npm_lock(dependencies=EXPRESS), {"dependencies": {"express": "^5.0.0"}}, False),
        (npm_lock(dependencies=EXPRESS), {"dependencies": {**EXPRESS, "koa": "1"}}, False),
        (npm_lock(dependencies={**EXPRESS, "koa": "1"}), {"dependencies": EXPRESS}, False),
        (npm_lock(dependencies=EXPRESS), {"devDependencies": EXPRESS}, True),
        (npm_lock(dependencies=EXPRESS), {"dependencies": EXPRESS, "optionalDependencies": {"x": "1"}}, False),
        (npm_lock(dependencies=EXPRESS), {"dependencies": EXPRESS, "peerDependencies": {"x": "1"}}, True),
        (
            json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": EXPRESS}}}),
            {"dependencies": EXPRESS},
            False,
        ),
        (json.dumps({"dependencies": {"express": {"version": "4.18.2"}}}), {"dependencies": EXPRESS}, True),
        (json.dumps({"dependencies": {"express": {"version": "4.18.2"}}}), {"dependencies": {"koa": "1"}}, False),
        (json.dumps({"lockfileVersion": 1}), {}, True),
        (json.dumps({"lockfileVersion": 1}), {"dependencies": EXPRESS}, False),
        ("{", {"dependencies": EXPRESS}, None),
        ("[" * 100_000, {"dependencies": EXPRESS}, None),
    ],
)
def test_npm_lock_in_sync(lock: str, manifest: dict[str, dict[str, str]], in_sync: bool | None) -> None:
    assert project({"package-lock.json": lock}, **manifest).lock_in_sync is in_sync


@pytest.mark.parametrize(
    ("name", "lock", "ranges", "in_sync"),
    [
        ("yarn.lock", YARN_1, {**EXPRESS, "@scope/a": "^1.1.0"}, True),
        ("yarn.lock", YARN_1, {"express": "^5.0.0"}, False),
        ("yarn.lock", YARN_1, {"koa": "1"}, False),
        ("yarn.lock", YARN_1, {**EXPRESS, "own": "link:./own"}, True),
        ("yarn.lock", BERRY, EXPRESS, True),
        ("yarn.lock", BERRY, {"koa": "1"}, False),
        ("yarn.lock", BERRY, {"express": "catalog:"}, None),
        ("pnpm-lock.yaml", PNPM_9, EXPRESS, True),
        ("pnpm-lock.yaml", PNPM_9, {"express": "^5"}, False),
        ("pnpm-lock.yaml", PNPM_5, EXPRESS, True),
        ("pnpm-lock.yaml", "{" * 5_000, EXPRESS, None),
        ("bun.lock", BUN, EXPRESS, True),
        ("bun.lock", BUN, {"express": "1"}, False),
        ("bun.lockb", "\0", EXPRESS, None),
    ],
)
def test_other_locks_in_sync(name: str, lock: str, ranges: dict[str, str], in_sync: bool | None) -> None:
    files = {name: lock, **({"own/package.json": "{}"} if "own" in ranges else {})}

    assert project(files, dependencies=ranges).lock_in_sync is in_sync


def test_overrides_make_a_yarn_lock_that_differs_unsure() -> None:
    assert (
        project({"yarn.lock": YARN_1}, dependencies={"express": "4"}, resolutions={"express": "^4.18.0"}).lock_in_sync
        is None
    )


def test_members_must_agree_too() -> None:
    lock = json.dumps({"packages": {"": {}, "a": {"dependencies": EXPRESS}, "node_modules/express": {"version": "4"}}})
    same, other = ({"dependencies": EXPRESS}, {"dependencies": {"express": "1"}})

    for below, expected in ((same, True), (other, False)):
        files = {"package-lock.json": lock, "a/package.json": json.dumps(below)}
        assert project(files, workspaces=["a"]).lock_in_sync is expected
    assert project({"package-lock.json": npm_lock(), "a/package.json": "{}"}, workspaces=["a"]).lock_in_sync is False


@pytest.mark.parametrize(
    ("name", "lock"), [("yarn.lock", YARN_1), ("pnpm-lock.yaml", PNPM_9), ("pnpm-lock.yaml", PNPM_5), ("bun.lock", BUN)]
)
def test_a_locked_package_that_builds_is_marked(name: str, lock: str) -> None:
    found = project({name: lock}).lock

    assert found is not None
    assert [(p.name, p.version, p.has_install_script) for p in found.packages if p.name == "express"] == [
        ("express", "4.18.2", True)
    ]


def test_another_manager_has_its_own_lock() -> None:
    found = project({"yarn.lock": YARN_1, "package-lock.json": npm_lock(dependencies=EXPRESS)}, dependencies=EXPRESS)

    assert found.lock_file == "yarn.lock"
    assert found.lock_file_of("npm") == "package-lock.json"
    assert found.lock_agrees("npm") is True
    assert found.lock_agrees("pnpm") is None


@pytest.mark.parametrize(
    ("spec", "is_git"),
    [
        ("github:a/b", True),
        ("a/b#main", True),
        ("git+ssh://git@host/a.git", True),
        ("https://host/a.git#v1", True),
        ("^1.0.0", False),
        ("file:../a", False),
        ("npm:@a/b@1", False),
        ("https://host/a.tgz", False),
    ],
)
def test_git_dependencies(spec: str, is_git: bool) -> None:
    assert project(dependencies={"x": spec}).git_dependencies == (("x",) if is_git else ())
