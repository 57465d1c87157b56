"""Folders that a build has filled change hands where they are built, so that no layer holds their files again."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite

NEXT = {"package.json": '{"scripts": {"build": "next build"}, "dependencies": {"next": "15.0.0"}}\n', "app/a.js": ""}
BUILD = "FROM node:22 AS build\nWORKDIR /src\nCOPY . .\nRUN npm install\nRUN npm run build\n"
RUNTIME = "\nFROM node:22-slim\nWORKDIR /app\n{copies}CMD {command}\n"
START = '["npx", "next", "start"]'
STANDALONE = '["node", ".next/standalone/server.js"]'
GIVEN = "RUN mkdir -p {0}/cache {0}/server && chown -R 1000:1000 {0}/cache {0}/server\n"
USER = "USER 1000:1000\n"


def add_user(copies: str, command: str = START, build: str = BUILD) -> str:
    return rewrite("add-user", build + RUNTIME.format(copies=copies, command=command), NEXT).text


@pytest.mark.parametrize(
    ("copies", "command", "folder"),
    [
        ("COPY --from=build /src ./\n", START, ".next"),
        ("COPY --from=build /src /app\n", START, ".next"),
        ("COPY package.json .\nCOPY --from=build /src/.next ./.next\n", START, ".next"),
        (
            "COPY package.json .\nCOPY --from=build /src/node_modules ./node_modules\n"
            "COPY --from=build /src/.next/ ./.next/\n",
            START,
            ".next",
        ),
        (
            "COPY package.json .\nCOPY --from=build /src/.next/standalone ./.next/standalone/\n",
            STANDALONE,
            ".next/standalone/.next",
        ),
    ],
)
def test_in_the_stage_that_builds(copies: str, command: str, folder: str) -> None:
    text = add_user(copies, command)

    runtime = RUNTIME.format(copies=copies, command=command).replace("CMD", USER + "CMD")
    assert text == BUILD + GIVEN.format(folder) + runtime


@pytest.mark.parametrize(
    ("copies", "build"),
    [
        pytest.param("COPY --from=build --chown=0:0 /src ./\n", BUILD, id="an owner is given already"),
        pytest.param("COPY --from=build /src ./\nCOPY .next ./.next\n", BUILD, id="another COPY lays files there"),
        pytest.param(
            "COPY --from=build /src ./\nRUN rm -rf .next/cache .next/server\n", BUILD, id="a RUN changes them"
        ),
        pytest.param("COPY --from=build /src ./\n", BUILD + "USER node\n", id="the stage is not root's"),
        pytest.param("COPY package.json .\nCOPY .next ./.next\n", BUILD, id="they come from the context"),
    ],
)
def test_in_the_stage_that_runs(copies: str, build: str) -> None:
    text = rewrite(
        "add-user", build + RUNTIME.format(copies=copies, command=START), {**NEXT, ".next/BUILD_ID": "x"}
    ).text

    assert text == build + RUNTIME.format(copies=copies + GIVEN.format(".next") + USER, command=START)


@pytest.mark.parametrize("run", ["RUN apk add --no-cache tini\n", "RUN apt-get update && rm -rf /var/cache/*\n"])
def test_the_cache_of_packages_is_none_of_them(run: str) -> None:
    text = add_user(run + "COPY --from=build /src ./\n")

    assert text.startswith(BUILD + GIVEN.format(".next"))


def test_a_stage_of_paragraphs() -> None:
    build = "FROM node:22 AS build\n\nWORKDIR /src\n\nCOPY . .\n\n# both\nRUN npm install && npm run build\n"

    assert add_user("COPY --from=build /src ./\n", build=build).startswith(
        build + "\n" + GIVEN.format(".next") + "\nFROM"
    )


def test_line_ends_and_lower_case() -> None:
    text = (BUILD + RUNTIME.format(copies="COPY --from=build /src ./\n", command=START)).replace("\n", "\r\n")
    lower = "\n".join(
        w[0].lower() + " " + w[2] if (w := line.partition(" "))[0].isupper() else line for line in text.split("\n")
    )
    got = rewrite("add-user", lower, NEXT).text

    assert "\r\nrun mkdir -p .next/cache .next/server && chown" in got
    assert "\r\nuser 1000:1000\r\n" in got


def test_of_what_no_build_has_filled_nothing_is_stored_twice() -> None:
    files = {**NEXT, "server.js": "require('fs').writeFileSync('logs/a.log', '')\n"}
    copies = "COPY --from=build /src ./\n"
    text = BUILD + RUNTIME.format(copies=copies, command='["node", "server.js"]')

    given = "RUN mkdir -p logs && chown -R 1000:1000 logs\n" + USER
    assert rewrite("add-user", text, files).text == text.replace("CMD", given + "CMD")
