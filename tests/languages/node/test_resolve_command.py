"""From a start command to the programs that run."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.scripts import resolve_command

from .projects import project

BASE = {
    "start": "node dist/index.js",
    "serve": "serve -s build",
    "dev": "nodemon src/index.js",
    "build": "tsc -p .",
    "test": "jest",
}


@pytest.mark.parametrize(
    "script",
    [
        "nodemon index.js",
        "ts-node-dev src/index.ts",
        "tsx watch src/index.ts",
        "next dev",
        "next",
        "vite",
        "vite --host 0.0.0.0",
        "vite serve",
        "ng serve --host 0.0.0.0",
        "react-scripts start",
        "webpack serve",
        "webpack-dev-server --open",
        "nest start --watch",
        "node --watch index.js",
        "vue-cli-service serve",
        "parcel index.html",
        "gatsby develop",
        "nuxt dev",
        "nuxt",
        "astro dev",
        "remix dev",
        "npm run dev",
        "npm-run-all --parallel build dev",
        "run-p dev build",
        "concurrently \"npm run dev\" 'tsc -w'",
        "concurrently -n a,b 'npm:dev' 'npm:build'",
        "cross-env NODE_ENV=development nodemon a.js",
        "dotenv -e .env.local -- next dev",
        "env-cmd -f .env vite",
        "NODE_ENV=development env A=1 nodemon a.js",
        "npm run build && npm run dev",
        "npx nodemon a.js",
        "yarn dev",
        "pnpm dev",
        "pnpm run dev",
        "yarn nodemon a.js",
        "exec nodemon a.js",
        "sh -c 'nodemon a.js'",
        "node ./node_modules/.bin/nodemon a.js",
        "./node_modules/.bin/nodemon a.js",
        "node_modules/.bin/vite",
        "bun --watch index.ts",
        "tsc -w & node dist/index.js",
    ],
)
def test_development_servers(script: str) -> None:
    command = resolve_command(project(scripts={**BASE, "start": script}), ["npm", "start"])

    assert command.kind == "dev-server"
    assert command.development_tool is not None
    assert command.development_evidence is not None and command.development_evidence.file == "package.json"


@pytest.mark.parametrize(
    "argv",
    [
        ["nodemon", "a.js"],
        ["npm", "run", "dev"],
        ["yarn", "dev"],
        ["npx", "next", "dev"],
        ["sh", "-c", "npm run dev"],
        ["/bin/bash", "-lc", "exec npm run dev"],
        ["tini", "--", "npm", "run", "dev"],
        ["npm", "--silent", "run", "dev"],
        ["npm", "run-script", "dev"],
    ],
)
def test_development_servers_by_command(argv: list[str]) -> None:
    assert resolve_command(project(scripts=BASE), argv).kind == "dev-server"


@pytest.mark.parametrize(
    "script",
    [
        "npm run build && node dist/index.js",
        "tsc && node dist/index.js",
        "vite build && vite preview",
        "next build && next start",
        "nest start",
        "npm install && node index.js",
        "yarn && node index.js",
        "yarn install && node index.js",
        "webpack --mode production; node dist/index.js",
    ],
)
def test_builds_at_start(script: str) -> None:
    command = resolve_command(project(scripts={**BASE, "start": script}), ["npm", "start"])

    assert command.kind == "build-at-start"
    assert command.build_evidence is not None


def test_a_hook_that_builds_counts() -> None:
    assert (
        resolve_command(project(scripts={**BASE, "prestart": "npm run build"}), ["npm", "start"]).kind
        == "build-at-start"
    )


@pytest.mark.parametrize(
    ("argv", "entries"),
    [
        (["npm", "start"], ("dist/index.js",)),
        (["npm", "run", "start"], ("dist/index.js",)),
        (["yarn", "start"], ("dist/index.js",)),
        (["yarn"], ()),
        (["pnpm", "start"], ("dist/index.js",)),
        (["bun", "run", "start"], ("dist/index.js",)),
        (["node", "app.js"], ("app.js",)),
        (["node", "app"], ("app.js",)),
        (["node", "lib"], ("lib/main.js",)),
        (["node", "."], ("app.js",)),
        (["node", "./dist/main"], ("dist/main",)),
        (["node", "-r", "dotenv/config", "app.js"], ("app.js",)),
        (["node", "--require=./first.js", "app.js"], ("first.js", "app.js")),
        (["node", "--max-old-space-size=512", "app.js", "--port", "1"], ("app.js",)),
        (["node", "--env-file", ".env", "app.js"], ("app.js",)),
        (["/usr/local/bin/node", "app.js"], ("app.js",)),
        (["app.js"], ("app.js",)),
        (["dumb-init", "--", "node", "app.js"], ("app.js",)),
        (["gosu", "node", "node", "app.js"], ("app.js",)),
        (["pm2-runtime", "app.js"], ("app.js",)),
        (["pm2-runtime", "start", "app.js", "-i", "max"], ("app.js",)),
        (["pm2-runtime", "ecosystem.config.js"], ("app.js",)),
        (["pm2-runtime", "process.json"], ("app.js",)),
        (["pm2-runtime", "npm", "--", "start"], ("dist/index.js",)),
        (["forever", "app.js"], ("app.js",)),
        (["ts-node", "src/index.ts"], ("src/index.ts",)),
        (["npx", "ts-node", "-P", "tsconfig.x.json", "src/index.ts"], ("src/index.ts",)),
        (["sh", "-c", "cd lib && node main.js"], ("lib/main.js",)),
        (["sh", "-c", "node migrate.js && exec node app.js"], ("migrate.js", "app.js")),
        (["npm", "--prefix", "lib", "start"], ("lib/main.js",)),
        (["bun", "app.ts"], ("app.ts",)),
    ],
)
def test_entry_files(argv: list[str], entries: tuple[str, ...]) -> None:
    files = {
        "app.js": "",
        "app.ts": "",
        "lib/package.json": '{"main": "main.js", "scripts": {"start": "node main"}}',
        "lib/main.js": "",
        "ecosystem.config.js": "module.exports = {apps: [{name: 'x', script: './app.js', instances: 2}]}",
        "process.json": '{"apps": [{"script": "app.js"}]}',
    }
    command = resolve_command(project(files, main="app.js", scripts=BASE), argv)

    assert command.entry_files == entries
    assert command.kind == ("server" if entries else "build-at-start")


def test_npm_without_a_start_script_runs_server_js() -> None:
    assert resolve_command(project({"server.js": ""}), ["npm", "start"]).entry_files == ("server.js",)
    assert resolve_command(project({"server.js": ""}), ["npm", "run", "other"]).kind == "unknown"


def test_binaries_and_global_tools() -> None:
    found = project(scripts={"start": "cross-env A=1 next start"}, dependencies={"next": "14", "cross-env": "7"})
    command = resolve_command(found, ["npm", "start"])

    assert command.kind == "server"
    assert command.binaries == ("cross-env", "next")
    assert command.environment == (("A", "1"),)
    assert command.programs == (("next", "start"),)
    assert resolve_command(found, ["pm2-runtime", "a.js"]).global_tools == ("pm2-runtime",)
    assert resolve_command(found, ["serve", "-s", "build"]).global_tools == ("serve",)


def test_workspace_members() -> None:
    files = {
        "a/package.json": '{"name": "@x/a", "scripts": {"start": "node index.js"}}',
        "a/index.js": "",
    }
    found = project(files, workspaces=["a"])

    for argv in (
        ["npm", "start", "-w", "@x/a"],
        ["npm", "run", "start", "--workspace=a"],
        ["yarn", "workspace", "@x/a", "start"],
        ["pnpm", "--filter", "@x/a", "start"],
    ):
        assert resolve_command(found, argv).entry_files == ("a/index.js",), argv
    assert resolve_command(found, ["npm", "start", "-w", "b"]).kind == "unknown"


@pytest.mark.parametrize(
    ("script", "features"),
    [
        ("node a.js", ()),
        ("node a.js --port $PORT", ("$",)),
        ("node m.js && node a.js", ("&&",)),
        ("node a.js > log", (">",)),
    ],
)
def test_shell_features(script: str, features: tuple[str, ...]) -> None:
    command = resolve_command(project({"a.js": ""}, scripts={"start": script}), ["npm", "start"])

    assert command.uses_shell
    assert command.needs_shell_features == features
    assert not resolve_command(project(), ["node", "a.js"]).uses_shell


def test_hooks_run_around_their_script() -> None:
    scripts = {"start": "node b.js", "prestart": "node a.js", "poststart": "node c.js"}

    assert resolve_command(project(scripts=scripts), ["npm", "start"]).entry_files == ("a.js", "b.js", "c.js")
    berry = project({".yarnrc.yml": "", "yarn.lock": ""}, scripts=scripts)
    assert resolve_command(berry, ["yarn", "start"]).entry_files == ("b.js",)


def test_arguments_go_to_the_last_command() -> None:
    found = project(scripts={"start": "node a.js && node b.js"})

    assert resolve_command(found, ["npm", "start", "--", "--port", "1"]).programs == (
        ("node", "a.js"),
        ("node", "b.js", "--port", "1"),
    )
    assert resolve_command(found, ["yarn", "start", "--port"]).programs[-1] == ("node", "b.js", "--port")
    assert resolve_command(found, ["npm", "start", "--port"]).programs[-1] == ("node", "b.js")


@pytest.mark.parametrize(
    "argv",
    [
        ["./start.sh"],
        ["sh", "start.sh"],
        ["docker-entrypoint.sh", "node", "a.js"],
        ["./env", "node", "a.js"],
        ["node"],
        ["node", "-e", "1"],
        ["node", "/srv/a.js"],
        ["node", "../a.js"],
        ["nginx"],
        ["npm", "run", "nothing"],
        ["npm", "config", "list"],
        ["npm", "run", "$X"],
        ["sh", "-c", "npm run $X"],
        ["sh", "-c", "node $FILE"],
        ["sh", "-c", "if x; then node a.js; fi"],
        ["pm2-runtime", "missing.config.js"],
        ["env", "A=1"],
        ["npm", "run", "own"],
        [],
        [""],
    ],
)
def test_what_is_not_known(argv: list[str]) -> None:
    command = resolve_command(project({"start.sh": ""}, scripts={"own": "my-tool start"}), argv)

    assert command.kind == "unknown"
    assert command.unknown or argv in ([], [""])


def test_scripts_that_call_each_other_end() -> None:
    scripts = {"a": "npm run b && npm run b", "b": "npm run a && npm run a"}
    command = resolve_command(project(scripts=scripts), ["npm", "run", "a"])

    assert command.kind == "unknown"
    assert "without an end" in command.unknown[-1].text


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("npx next start -p ${PORT:-3000}", (("next", "start", "-p", "${PORT:-3000}"),)),
        ("npm run go -- --port $PORT", (("next", "start", "--port", "$PORT"),)),
        ("yarn go -p $PORT", (("next", "start", "-p", "$PORT"),)),
        ("pnpm exec serve -l $PORT build", (("serve", "-l", "$PORT", "build"),)),
    ],
)
def test_a_variable_that_decides_nothing(text: str, programs: tuple[tuple[str, ...], ...]) -> None:
    found = project(scripts={"go": "next start"}, dependencies={"next": "14", "serve": "14"})
    command = resolve_command(found, ["sh", "-c", text])

    assert (command.programs, command.kind, command.unknown) == (programs, "server", ())


@pytest.mark.parametrize(
    "text",
    [
        "npm run $SCRIPT",
        "npm $OPTIONS start",
        "npm start --prefix $FOLDER",
        "yarn workspace $MEMBER go",
        "npx $PROGRAM",
        "npx next $VERB -p 3000",
        "pnpm -r run $SCRIPT",
        'npx -c "node $FILE"',
    ],
)
def test_a_variable_that_decides(text: str) -> None:
    found = project(scripts={"go": "next start", "start": "next start"}, dependencies={"next": "14"})
    command = resolve_command(found, ["sh", "-c", text])

    assert command.kind != "server"
    assert command.unknown


@pytest.mark.parametrize(
    ("files", "manifest", "entries", "binaries"),
    [
        (
            {},
            {"prisma": {"seed": "ts-node prisma/seed.ts"}},
            ("prisma/seed.ts", "server.js"),
            ("prisma", "ts-node"),
        ),
        (
            {"prisma.config.ts": "export default { migrations: { seed: 'tsx prisma/seed.ts' } }\n"},
            {},
            ("prisma/seed.ts", "server.js"),
            ("prisma", "tsx"),
        ),
        ({"prisma.config.ts": "export default { schema: 'x' }\n"}, {}, ("server.js",), ("prisma",)),
        ({}, {}, ("server.js",), ("prisma",)),
    ],
)
def test_what_prisma_seeds_with(
    files: dict[str, str], manifest: dict[str, dict[str, str]], entries: tuple[str, ...], binaries: tuple[str, ...]
) -> None:
    dev = {"ts-node": "10", "tsx": "4"}
    scripts = {"start": "prisma migrate deploy && prisma db seed && node server.js"}
    found = project(files, dependencies={"prisma": "5"}, devDependencies=dev, scripts=scripts, **manifest)
    command = resolve_command(found, ["npm", "start"])

    assert (command.kind, command.entry_files, command.binaries) == ("server", entries, binaries)


@pytest.mark.parametrize("arguments", ["migrate deploy", "migrate reset --skip-seed", "db push", "generate"])
def test_prisma_without_a_seed(arguments: str) -> None:
    found = project(dependencies={"prisma": "5"}, prisma={"seed": "node seed.js"})

    assert resolve_command(found, ["npx", "prisma", *arguments.split()]).entry_files == ()


def test_a_computed_seed() -> None:
    found = project({"prisma.config.ts": "export default { migrations: { seed } }\n"}, dependencies={"prisma": "5"})
    command = resolve_command(found, ["npx", "prisma", "db", "seed"])

    assert [item.text for item in command.unknown] == ["what `prisma db seed` runs is not known"]
