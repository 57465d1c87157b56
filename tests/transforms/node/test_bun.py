"""Files on Bun's images: order, caches, stages, images and users."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dockerslim.context.compose import Mount
from dockerslim.context.usage import ServiceUse, Usage
from tests.transforms.node.rewriting import manifest, rewrite
from tests.transforms.rewriting import rewrite as rewrite_all

SCRIPTS = {
    "build": "tsc",
    "compile": "bun build --compile --outfile server src/index.ts",
    "start": "bun src/index.ts",
    "dev": "bun --watch src/index.ts",
}


def bun_lock(*dependencies: str, dev: tuple[str, ...] = ()) -> str:
    """A bun.lock that agrees with `manifest` of the same dependencies."""
    root = {"dependencies": dict.fromkeys(dependencies, "1.0.0"), "devDependencies": dict.fromkeys(dev, "1.0.0")}
    packages = {name: [f"{name}@1.0.0", "", {}, "sha512-x"] for name in (*dependencies, *dev)}
    return json.dumps({"lockfileVersion": 1, "workspaces": {"": root}, "packages": packages})


FILES = {
    "package.json": manifest("hono", dev=("typescript",), scripts=SCRIPTS),
    "bun.lock": bun_lock("hono", dev=("typescript",)),
    "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
    "src/index.ts": "import { Hono } from 'hono'\nexport default new Hono()\n",
    ".dockerignore": "node_modules\n",
}
HEAD = "FROM oven/bun:1\nWORKDIR /app\n"
START = 'CMD ["bun", "start"]\n'
MOUNT = "RUN --mount=type=cache,target=/root/.bun/install/cache \\\n    "


# --- the whole run


def test_a_server_that_bun_runs_as_it_is() -> None:
    got = rewrite_all("", f"{HEAD}COPY . .\nRUN bun install\nEXPOSE 3000\n{START}", FILES)

    assert got.text == (
        "# syntax=docker/dockerfile:1\nFROM oven/bun:1-slim\nWORKDIR /app\nCOPY package.json bun.lock ./\n"
        f"{MOUNT}bun install\nCOPY . .\nEXPOSE 3000\nUSER 1000:1000\n{START}"
    )
    assert (got.reasons, got.risks) == ((), ())


def test_a_build_step() -> None:
    before = f'{HEAD}COPY . .\nRUN bun install --frozen-lockfile\nRUN bun run build\nCMD ["bun", "dist/index.js"]\n'
    got = rewrite_all("", before, FILES)

    assert got.text == (
        "# syntax=docker/dockerfile:1\nFROM oven/bun:1 AS build\nWORKDIR /app\nCOPY package.json bun.lock ./\n"
        f"{MOUNT}bun install --frozen-lockfile\nCOPY . .\nRUN bun run build\n"
        f"{MOUNT}rm -rf node_modules && bun install --frozen-lockfile --production\n\n"
        "FROM oven/bun:1-slim\nWORKDIR /app\nCOPY --from=build /app ./\n"
        'USER 1000:1000\nCMD ["bun", "dist/index.js"]\n'
    )
    assert (got.reasons, got.risks) == ((), ())


def test_the_work_folder_of_the_image() -> None:
    got = rewrite_all("", f"FROM oven/bun:1-slim\nCOPY . .\nRUN bun install\nRUN bun run build\n{START}", FILES)

    assert "\nFROM oven/bun:1-slim\nCOPY --from=build /home/bun/app ./\nUSER 1000:1000\n" in got.text


def test_spelling_comments_and_line_ends() -> None:
    before = (
        "from oven/bun:alpine\r\nworkdir /app\r\ncopy . .\r\n# all of them\r\nrun bun install \\\r\n"
        "  # quietly\r\n  --silent\r\ncmd bun start"
    )
    got = rewrite_all("", before, FILES)

    assert got.text == (
        "# syntax=docker/dockerfile:1\r\nfrom oven/bun:alpine\r\nworkdir /app\r\n# all of them\r\n"
        "copy package.json bun.lock ./\r\nrun --mount=type=cache,target=/root/.bun/install/cache \\\r\n"
        "  bun install \\\r\n  # quietly\r\n  --silent\r\ncopy . .\r\nuser 1000:1000\r\n"
        'cmd ["bun", "start"]'
    )


@pytest.mark.parametrize("command", ["bun --watch src/index.ts", "bun --hot src/index.ts", "bun run dev", "bun dev"])
def test_a_server_for_development_keeps_its_image_and_user(command: str) -> None:
    got = rewrite_all("", f"{HEAD}COPY . .\nRUN bun install\nCMD {command}\n", FILES)

    assert "FROM oven/bun:1\n" in got.text
    assert "USER" not in got.text
    assert f"CMD {command}\n" in got.text


# --- dependencies first


@pytest.mark.parametrize(
    ("files", "copied"),
    [
        ({}, "package.json bun.lock"),
        ({"bun.lockb": "\0"}, "package.json bun.lock"),  # the older format, which Bun passes by then
        ({"bunfig.toml": "telemetry = false\n"}, "package.json bun.lock bunfig.toml"),
        ({".npmrc": "registry=https://example.com\n"}, "package.json bun.lock .npmrc"),
        ({"package-lock.json": "{}"}, "package.json bun.lock"),
    ],
)
def test_what_the_install_needs(files: dict[str, str], copied: str) -> None:
    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN bun install\n{START}", {**FILES, **files})

    assert got.text == f"{HEAD}COPY {copied} ./\nRUN bun install\nCOPY . .\n{START}"


def test_patches() -> None:
    package = manifest("hono", patchedDependencies={"hono@1.0.0": "patches/hono@1.0.0.patch"})
    files = {**FILES, "package.json": package, "patches/hono@1.0.0.patch": ""}
    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN bun ci\n{START}", files)

    assert got.text == (f"{HEAD}COPY package.json bun.lock ./\nCOPY patches ./patches/\nRUN bun ci\nCOPY . .\n{START}")


def test_members_of_a_workspace() -> None:
    files = {
        **FILES,
        "package.json": manifest(scripts={"start": "bun run --cwd apps/web start"}, workspaces=["apps/*"]),
        "apps/web/package.json": manifest("hono"),
        "apps/web/index.ts": "",
    }
    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN bun install\n{START}", files)

    assert got.text == (
        f"{HEAD}COPY package.json bun.lock ./\nCOPY apps/web/package.json ./apps/web/\n"
        f"RUN bun install\nCOPY . .\n{START}"
    )


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("bun scripts/make.ts", "the script `postinstall` of package.json runs `bun scripts/make.ts`"),
        ("bun run build", "the script `postinstall` of package.json runs `tsc`"),
        ("bun build src/index.ts", "the script `postinstall` of package.json runs `bun build src/index.ts`"),
    ],
)
def test_a_script_of_the_install_that_needs_the_source(script: str, reason: str) -> None:
    text = f"{HEAD}COPY . .\nRUN bun install\n{START}"
    package = manifest("hono", scripts={**SCRIPTS, "postinstall": script})
    got = rewrite("copy-dependencies-first", text, {**FILES, "package.json": package, "scripts/make.ts": ""})

    assert got.text == text
    assert got.reasons == (reason,)


def test_an_install_stays_what_it_is() -> None:
    """Without the option it may change the lock file, and the image then has what that says."""
    got = rewrite("copy-dependencies-first", f"{HEAD}COPY . .\nRUN bun install --no-save\n{START}", FILES)

    assert "RUN bun install --no-save\n" in got.text


# --- caches


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN bun ci", f"{MOUNT}bun ci"),
        ("RUN bun install --no-cache --production", f"{MOUNT}bun install --production"),
        ("RUN bun install && bun pm cache rm", f"{MOUNT}bun install"),
        ("RUN bun install && rm -rf ~/.bun/install/cache", f"{MOUNT}bun install"),
        (
            "ENV BUN_INSTALL=/bun\nRUN bun i",
            "ENV BUN_INSTALL=/bun\nRUN --mount=type=cache,target=/bun/install/cache \\\n    bun i",
        ),
        (
            "ENV BUN_INSTALL_CACHE_DIR=/c\nRUN bun i",
            "ENV BUN_INSTALL_CACHE_DIR=/c\nRUN --mount=type=cache,target=/c \\\n    bun i",
        ),
        ("RUN bun add --global serve", f"{MOUNT}bun add --global serve"),
    ],
)  # fmt: skip
def test_caches(before: str, after: str) -> None:
    got = rewrite("add-cache-mounts", f"{HEAD}COPY . .\n{before}\n{START}", FILES)

    assert got.text == f"{HEAD}COPY . .\n{after}\n{START}"


@pytest.mark.parametrize(
    ("lines", "files"),
    [
        ("RUN bun install --cache-dir /tmp/c", {}),
        ("RUN BUN_INSTALL_CACHE_DIR=/tmp/c bun install", {}),
        ("ENV XDG_CACHE_HOME=/c\nRUN bun install", {}),
        ("RUN bun install", {"bunfig.toml": '[install.cache]\ndir = "/tmp/c"\n'}),
        ("RUN bun install", {"bunfig.toml": "[install"}),
        ("RUN bun run build", {}),
    ],
)
def test_no_cache_is_mounted(lines: str, files: dict[str, str]) -> None:
    text = f"{HEAD}COPY . .\n{lines}\n{START}"
    got = rewrite("add-cache-mounts", text, {**FILES, **files})

    assert got.text == text
    assert got.reasons == ()


def test_a_cache_of_the_user_in_a_stage_that_only_installs() -> None:
    text = (
        "FROM oven/bun:1 AS build\nUSER bun\nWORKDIR /home/bun/work\nCOPY --chown=bun:bun package.json ./\n"
        "RUN bun install\n\nFROM oven/bun:1-slim\nCOPY --from=build /home/bun/work ./\nCMD bun start\n"
    )
    mount = "--mount=type=cache,target=/home/bun/.bun/install/cache,uid=1000,gid=1000"

    assert f"RUN {mount} \\\n    bun install\n" in rewrite("add-cache-mounts", text, FILES).text


def test_a_cache_of_the_user_who_runs_the_program() -> None:
    text = f"FROM oven/bun:1\nUSER bun\nCOPY --chown=bun:bun . .\nRUN bun install\n{START}"
    got = rewrite("add-cache-mounts", text, FILES)

    assert got.text == text
    assert got.reasons == ("the cache lies below the home of the user who runs the program",)


# --- development dependencies


def pruned(install: str, files: dict[str, str]) -> str:
    text = f"{HEAD}COPY . .\nRUN {install}\nRUN bun run build\nCMD bun dist/index.js\n"
    return rewrite("split-stages", text, {**FILES, **files}).text


@pytest.mark.parametrize(
    ("install", "again"),
    [
        ("bun install", "bun install --production"),
        ("bun i --frozen-lockfile", "bun i --frozen-lockfile --production"),
        ("bun ci", "bun ci --production"),
        ("bun install --linker hoisted", "bun install --linker=hoisted --production"),
    ],
)
def test_installs_anew_for_production(install: str, again: str) -> None:
    assert f"RUN bun run build\nRUN rm -rf node_modules && {again}\n\nFROM oven/bun:1-slim\n" in pruned(install, {})


@pytest.mark.parametrize(
    ("install", "files"),
    [
        pytest.param("bun install --production", {}, id="they never came"),
        pytest.param("bun install --omit dev", {}, id="left out by another name"),
        pytest.param("bun install", {"bunfig.toml": "[install]\nproduction = true\n"}, id="left out by the settings"),
        pytest.param("bun install", {"bun.lock": "{}"}, id="a lock file that does not agree"),
        pytest.param("bun install", {"bun.lock": "", "bun.lockb": "\0"}, id="a lock file that can't be read"),
        pytest.param(
            "bun install",
            {"package.json": manifest("hono", dev=("typescript",), scripts={**SCRIPTS, "prepare": "husky"})},
            id="a script that would run again",
        ),
        pytest.param(
            "bun install",
            {
                "package.json": manifest("hono", "@prisma/client", dev=("typescript",), scripts=SCRIPTS),
                "bun.lock": bun_lock("hono", "@prisma/client", dev=("typescript",)),
            },
            id="files that a build makes in node_modules",
        ),
        pytest.param("bun install", {"src/index.ts": "import 'typescript'\n"}, id="loaded at run time"),
    ],
)
def test_leaves_them_as_they_are(install: str, files: dict[str, str]) -> None:
    assert "rm -rf" not in pruned(install, files)


def test_a_lock_file_that_cannot_be_read_but_is_held_to() -> None:
    text = pruned("bun install --frozen-lockfile", {"bun.lock": "", "bun.lockb": "\0"})

    assert "bun install --frozen-lockfile --production" in text


# --- the image


@pytest.mark.parametrize(
    ("base", "slim"),
    [
        ("oven/bun", "oven/bun:slim"),
        ("oven/bun:1.3-debian AS run", "oven/bun:1.3-slim AS run"),
        ("--platform=linux/amd64 oven/bun:1.2.3", "--platform=linux/amd64 oven/bun:1.2.3-slim"),
    ],
)
def test_slim_twin(base: str, slim: str) -> None:
    rest = f"WORKDIR /app\nCOPY . .\nRUN ./prepare.sh && bun install\n{START}"

    assert rewrite("replace-runtime-image", f"FROM {base}\n{rest}", FILES).text == f"FROM {slim}\n{rest}"


def test_a_stage_that_all_others_are_built_from() -> None:
    rest = (
        "\nFROM base AS install\nCOPY package.json bun.lock /temp/\nRUN cd /temp && bun install --production\n"
        "\nFROM base\nCOPY --from=install /temp/node_modules node_modules\nCOPY . .\nUSER bun\nCMD bun start\n"
    )
    head = "ARG BUN=1.3\nFROM oven/bun:{} AS base\nWORKDIR /app\n"

    got = rewrite("replace-runtime-image", head.format("${BUN}") + rest, FILES)
    assert got.text == head.format("${BUN}-slim") + rest


@pytest.mark.parametrize(
    "base", ["oven/bun:1-slim", "oven/bun:alpine", "oven/bun:distroless", "team/bun:1", "denoland/deno"]
)
def test_another_image_stays(base: str) -> None:
    text = f"FROM {base}\nWORKDIR /app\nCOPY . .\n{START}"
    got = rewrite("replace-runtime-image", text, FILES)

    assert (got.text, got.reasons) == (text, ())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            f"FROM oven/bun:1@sha256:{'0a' * 32}\nCOPY . .\n{START}",
            "the image is pinned by its digest, and that of the slim one is not known",
        ),
        (
            f"FROM oven/bun:1\nRUN apt-get update && apt-get install -y openjdk-17-jre-headless\nCOPY . .\n{START}",
            "`openjdk-17-jre-headless` may not install where the folders of manual pages are missing",
        ),
    ],
)
def test_refuses_the_slim_twin(text: str, reason: str) -> None:
    got = rewrite("replace-runtime-image", text, FILES)

    assert (got.text, got.reasons) == (text, (reason,))


def test_a_source_that_is_mounted_is_for_development() -> None:
    mount = Mount(".", "/app", "bind", 1)
    usage = Usage(services=(ServiceUse("compose.yml", "web", 1, Path(), volumes=(mount,)),))
    text = f"{HEAD}COPY . .\nRUN bun install\n{START}"

    assert rewrite("replace-runtime-image", text, FILES, usage=usage).text == text


# --- users


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("Bun.serve({ fetch })", ""),
        ("Bun.write('out/a.txt', '')", "RUN mkdir -p out && chown -R 1000:1000 out\n"),
        ("import { Database } from 'bun:sqlite'\nnew Database('a.db')", "RUN chown 1000:1000 .\n"),
    ],
)
def test_owns_what_the_program_writes(source: str, lines: str) -> None:
    files = {**FILES, "src/index.ts": source + "\n"}
    text = f"FROM oven/bun:1-slim\nCOPY . .\nRUN bun install\n{START}"
    got = rewrite_all("add-user", text, files)

    assert got.text == text.replace(START, f"{lines}USER 1000:1000\n{START}")


def test_a_path_that_is_computed_needs_a_word() -> None:
    files = {**FILES, "src/index.ts": "Bun.write(process.argv[2], '')\n"}
    got = rewrite_all("add-user", f"FROM oven/bun:1-slim\nCOPY . .\nRUN bun install\n{START}", files)

    assert "USER" not in got.text
    assert got.risks == ("a path that the program writes is computed (src/index.ts:1)",)


@pytest.mark.parametrize("command", ['CMD ["src/index.ts"]', 'CMD ["run", "start"]', 'CMD ["--smol", "src/index.ts"]'])
def test_the_entrypoint_of_the_image_runs_bun(command: str) -> None:
    text = f"FROM oven/bun:1-slim\nCOPY . .\nRUN bun install\n{command}\n"

    assert f"USER 1000:1000\n{command}\n" in rewrite_all("add-user", text, FILES).text


def test_distroless_runs_bun_with_whatever_stands_there() -> None:
    text = (
        "FROM oven/bun:1 AS build\nWORKDIR /app\nCOPY . .\nRUN bun install --production\n\n"
        'FROM oven/bun:distroless\nWORKDIR /app\nCOPY --from=build /app ./\nCMD ["src/index.ts"]\n'
    )

    assert 'USER 65532:65532\nCMD ["src/index.ts"]\n' in rewrite_all("add-user", text, FILES).text


# --- Bun in the images of Node


def test_a_global_install_comes_along() -> None:
    text = (
        'FROM node:20\nRUN npm install -g bun\nWORKDIR /app\nCOPY . .\nRUN bun install\nCMD ["bun", "src/index.ts"]\n'
    )
    got = rewrite_all("", text, FILES)

    assert f"FROM node:20-slim\n{MOUNT.replace('.bun/install/cache', '.npm')}npm install -g bun\n" in got.text


@pytest.mark.parametrize("folder", ["/root/.bun/bin", "/usr/local/bin"])
def test_an_installer_from_the_web_is_refused(folder: str) -> None:
    text = (
        f"FROM node:22\nRUN curl -fsSL https://bun.sh/install | bash\nENV PATH={folder}:$PATH\nWORKDIR /app\n"
        f"COPY . .\nRUN bun install\n{START}"
    )
    got = rewrite_all("node/split-stages", text, FILES)

    assert got.text == text
    assert got.reasons == ("what `curl -fsSL https://bun.sh/install | bash` writes is not known",)
