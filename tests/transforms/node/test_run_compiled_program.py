"""What `bun build --compile` makes: what of the project travels with it, and on which image it runs."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.node.rewriting import Rewritten, manifest, rewrite
from tests.transforms.rewriting import rewrite as rewrite_all

COMPILE = "bun build --compile --outfile=server src/index.ts"
FILES = {
    "package.json": manifest("hono", scripts={"compile": COMPILE}),
    "src/index.ts": "import { Hono } from 'hono'\nBun.serve(new Hono())\n",
    ".dockerignore": "node_modules\n",
}
BUILD = "FROM oven/bun:1 AS build\nWORKDIR /app\nCOPY . .\nRUN bun install && bun run compile\n\n"
COPY = "WORKDIR /app\nCOPY --from=build /app/server ./server\n"
START = 'CMD ["./server"]\n'
BASE = "gcr.io/distroless/base-debian13"


def run(runtime: str, files: dict[str, str] | None = None, build: str = BUILD, **options: object) -> Rewritten:
    return rewrite("run-compiled-program", build + runtime, {**FILES, **(files or {})}, **options)  # type: ignore[arg-type]


# --- the image


@pytest.mark.parametrize("base", ["oven/bun:1-slim", "oven/bun", "oven/bun:1.2-slim"])
def test_runs_without_bun(base: str) -> None:
    assert run(f"FROM {base}\n{COPY}{START}").text == f"{BUILD}FROM {BASE}\n{COPY}{START}"


@pytest.mark.parametrize(
    ("runtime", "after"),
    [
        (f"FROM oven/bun:slim AS run\n{COPY}{START}", f"FROM {BASE} AS run\n{COPY}{START}"),
        (
            f"FROM oven/bun:slim\nCOPY --from=build /app/server ./\n{START}",
            f"FROM {BASE}\nWORKDIR /home/bun/app\nCOPY --from=build /app/server ./\n{START}",
        ),
        (
            'FROM oven/bun:slim\nCOPY --from=build /app/server /usr/local/bin/server\nCMD ["/usr/local/bin/server"]\n',
            f"FROM {BASE}\nWORKDIR /home/bun/app\nCOPY --from=build /app/server /usr/local/bin/server\n"
            'CMD ["/usr/local/bin/server"]\n',
        ),
        (f"FROM oven/bun:slim\n{COPY}USER 1000\n{START}", f"FROM {BASE}\n{COPY}USER 1000\n{START}"),
        (
            f'FROM oven/bun:slim\n{COPY}HEALTHCHECK NONE\nENTRYPOINT ["./server"]\n',
            f'FROM {BASE}\n{COPY}HEALTHCHECK NONE\nENTRYPOINT ["./server"]\n',
        ),
    ],
)
def test_the_rest_of_the_stage_stays(runtime: str, after: str) -> None:
    assert run(runtime).text == BUILD + after


def test_line_ends_and_comments() -> None:
    text = f"{BUILD}FROM oven/bun:slim\n# the program\nCOPY --from=build /app/server ./\n{START}".replace("\n", "\r\n")

    got = rewrite("run-compiled-program", text, FILES)
    assert got.text == text.replace("oven/bun:slim\r\n", f"{BASE}\r\nWORKDIR /home/bun/app\r\n")


@pytest.mark.parametrize(
    "command",
    [
        "bun build --compile --minify ./src/index.ts --outfile server",
        "bun build src/index.ts --compile --outfile=server --target bun-linux-x64-baseline",
    ],
)
def test_a_command_of_the_file_makes_it(command: str) -> None:
    build = f"FROM oven/bun:1 AS build\nWORKDIR /app\nCOPY . .\nRUN bun install\nRUN {command}\n\n"
    files = {"package.json": manifest("hono")}

    assert f"FROM {BASE}\n" in run(f"FROM oven/bun:1-slim\n{COPY}{START}", files, build).text


@pytest.mark.parametrize(
    ("runtime", "files"),
    [
        pytest.param(f"FROM oven/bun:alpine\n{COPY}{START}", {}, id="another C library"),
        pytest.param(f"FROM debian:bookworm-slim\n{COPY}{START}", {}, id="another image"),
        pytest.param(f'FROM oven/bun:1-slim\n{COPY}CMD ["bun", "src/index.ts"]\n', {}, id="Bun runs the source"),
        pytest.param(f"FROM oven/bun:1-slim\n{COPY}CMD ./server $PORT\n", {}, id="a shell"),
        pytest.param(
            f"FROM oven/bun:1-slim\n{COPY}{START}",
            {"package.json": manifest("hono", scripts={"compile": "bun build --outfile=server src/index.ts"})},
            id="a bundle that is no program",
        ),
        pytest.param(
            f"FROM oven/bun:1-slim\n{COPY}{START}",
            {
                "package.json": manifest(
                    "hono",
                    scripts={
                        "compile": "bun build --compile --target=bun-linux-x64-musl --outfile=server src/index.ts"
                    },
                )
            },
            id="for another C library",
        ),
        pytest.param(
            f"FROM oven/bun:1-slim\n{COPY}{START}",
            {
                "package.json": manifest(
                    "hono", scripts={"compile": "bun build --compile --external hono --outfile=server src/index.ts"}
                )
            },
            id="packages stay outside",
        ),
    ],
)
def test_nothing_to_do(runtime: str, files: dict[str, str]) -> None:
    got = run(runtime, files)

    assert got.text == BUILD + runtime
    assert got.reasons == ()


def test_a_person_asked_for_another_image() -> None:
    runtime = f"FROM oven/bun:1-slim\n{COPY}{START}"

    assert run(runtime, options=Options(runtime="slim")).text == BUILD + runtime


@pytest.mark.parametrize(
    ("lines", "files", "reason"),
    [
        (f"{COPY}RUN mkdir data\n{START}", {}, "RUN needs programs, and there are none in a distroless image"),
        (
            f"{COPY}HEALTHCHECK CMD bun -e 1\n{START}",
            {},
            "HEALTHCHECK needs programs, and there are none in a distroless image",
        ),
        (f"{COPY}USER bun\n{START}", {}, "there is no user `bun` in a distroless image"),
        (
            f"WORKDIR /app\nCOPY --from=build --chown=bun:bun /app/server ./server\n{START}",
            {},
            "there is no user `bun:bun` in a distroless image",
        ),
        (
            f"WORKDIR run\nCOPY --from=build /app/server ./server\n{START}",
            {},
            "the work folder counts from `/home/bun/app` of the image",
        ),
        (
            COPY + START,
            {"src/index.ts": "Bun.spawn(['git', 'log'])\n"},
            "the program starts `git` (src/index.ts:1)",
        ),
        (
            COPY + START,
            {"src/index.ts": "await import(name)\n"},
            "whether the program starts others is not known (src/index.ts:1)",
        ),
        (
            COPY + START,
            {"package.json": manifest("hono", "bcrypt", scripts={"compile": COMPILE})},
            "`bcrypt` may need libraries of the system (package.json)",
        ),
    ],
)  # fmt: skip
def test_refuses(lines: str, files: dict[str, str], reason: str) -> None:
    runtime = f"FROM oven/bun:1-slim\n{lines}"
    got = run(runtime, files)

    assert got.text == BUILD + runtime
    assert got.reasons == (reason,)


# --- what travels with it


SINGLE = "FROM oven/bun:1\nWORKDIR /app\nCOPY . .\nRUN bun install\nRUN bun run compile\n" + START


def copied(files: dict[str, str]) -> list[str]:
    text = rewrite("split-stages", SINGLE, {**FILES, **files}).text
    return [line.removeprefix("COPY --from=build ") for line in text.split("\n") if line.startswith("COPY --from")]


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ({}, ["/app/server ./"]),
        ({".env": "A=1\n", "bunfig.toml": "smol = true\n"}, ["/app/server ./", "/app/.env ./", "/app/bunfig.toml ./"]),
        (
            {"src/index.ts": "await Bun.file('titles.json').text()\n", "titles.json": "[]"},
            ["/app/server ./", "/app/titles.json ./"],
        ),
        (
            {"src/index.ts": "import { readdirSync } from 'fs'\nreaddirSync('pages')\n", "pages/a.txt": ""},
            ["/app/server ./", "/app/pages ./pages/"],
        ),
        ({"src/index.ts": "import a from './a.txt' with { type: 'text' }\n", "src/a.txt": ""}, ["/app/server ./"]),
        ({"src/index.ts": "Bun.file('made.txt')\n"}, ["/app/server ./"]),
    ],
)
def test_the_program_and_what_it_reads(files: dict[str, str], lines: list[str]) -> None:
    assert copied(files) == lines


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"src/index.ts": "Bun.file(process.argv[2])\n"}, id="a path that is computed"),
        pytest.param({"src/index.ts": "require(process.argv[2])\n"}, id="a module that is computed"),
        pytest.param({"src/index.ts": "Bun.spawn(['./tool'])\n"}, id="a program"),
        pytest.param({"src/index.ts": "start('hono')\n"}, id="a package that a string names"),
    ],
)
def test_otherwise_no_part_of_the_project_is_left_out(files: dict[str, str]) -> None:
    package = manifest("hono", dev=("typescript",), scripts={"compile": COMPILE})
    assert copied({"package.json": package, **files}) in (["/app ./"], [])


def test_all_of_it() -> None:
    got = rewrite_all("", SINGLE.replace(START, "EXPOSE 3000\nCMD ./server\n"), FILES)

    assert got.text == (
        "# syntax=docker/dockerfile:1\nFROM oven/bun:1 AS build\nWORKDIR /app\nCOPY package.json ./\n"
        "RUN --mount=type=cache,target=/root/.bun/install/cache \\\n    bun install\nCOPY . .\nRUN bun run compile\n\n"
        f"FROM {BASE}:nonroot\nWORKDIR /app\nCOPY --from=build /app/server ./\nEXPOSE 3000\nUSER 65532:65532\n"
        'CMD ["./server"]\n'
    )
    assert (got.reasons, got.risks) == ((), ())
