"""A Node program on distroless, where somebody asks for it."""

from __future__ import annotations

import pytest

from dockerslim.case import Options
from tests.transforms.node.rewriting import Rewritten, lock, manifest, rewrite

FILES = {
    "package.json": manifest("ms", scripts={"start": "node server.js --fast", "slow": "SLOW=1 node server.js"}),
    "package-lock.json": lock("ms"),
    "server.js": "require('ms')\n",
}
BUILD = "FROM node:22 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci\n\n"
COPIES = "WORKDIR /app\nCOPY --from=build /app ./\n"


def distroless(
    end: str, base: str = "node:22-slim", files: dict[str, str] | None = None, runtime: str = "distroless"
) -> Rewritten:
    text = f"{BUILD}FROM {base}\n{COPIES}{end}"
    return rewrite("use-distroless", text, {**FILES, **(files or {})}, options=Options(runtime=runtime))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('CMD ["node", "server.js"]\n', 'CMD ["server.js"]\n'),
        ('CMD [ "node", "server.js", "--fast" ]\n', 'CMD ["server.js", "--fast"]\n'),
        ('CMD ["npm", "start"]\n', 'CMD ["server.js", "--fast"]\n'),
        ('ENTRYPOINT ["node", "server.js"]\n', 'ENTRYPOINT ["/nodejs/bin/node", "server.js"]\n'),
        ('ENTRYPOINT ["node"]\nCMD ["server.js"]\n', 'ENTRYPOINT ["/nodejs/bin/node"]\nCMD ["server.js"]\n'),
        ('USER 1000\nCMD ["node", "server.js"]\n', 'USER 1000\nCMD ["server.js"]\n'),
        ('HEALTHCHECK NONE\nCMD ["node", "server.js"]\n', 'HEALTHCHECK NONE\nCMD ["server.js"]\n'),
    ],
)
def test_node_is_the_entrypoint(before: str, after: str) -> None:
    got = distroless(before)

    assert got.text == f"{BUILD}FROM gcr.io/distroless/nodejs22-debian13\n{COPIES}{after}", got.reasons


@pytest.mark.parametrize("base", ["node:22", "node:22-bookworm-slim", "node:22.1.0", "node:jod-slim"])
def test_lines_of_node(base: str) -> None:
    assert "FROM gcr.io/distroless/nodejs22-debian13\n" in distroless('CMD ["node", "server.js"]\n', base).text


@pytest.mark.parametrize("base", ["node", "node:lts-slim", "node:20-slim", "node:22-alpine"])
def test_lines_without_such_an_image(base: str) -> None:
    reasons = distroless('CMD ["node", "server.js"]\n', base).reasons

    assert reasons == (f"there is no distroless image that surely runs what `{base}` does",)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ('RUN mkdir x\nCMD ["node", "server.js"]\n', "the last stage runs a command, and there is no shell"),
        ('HEALTHCHECK CMD curl x\nCMD ["node", "server.js"]\n', "a health check runs a program"),
        ('USER node\nCMD ["node", "server.js"]\n', "there is no user `node`"),
        ('CMD ["npm", "run", "slow"]\n', "the command is more than `node` and a file"),
        ('CMD ["node", "--inspect", "server.js"]\n', "the command is more than `node` and a file"),
        ("CMD node server.js\n", "the command is more than `node` and a file"),
    ],
)
def test_refuses_what_needs_more(end: str, reason: str) -> None:
    (found,) = distroless(end).reasons

    assert found.startswith(reason)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"server.js": "require('child_process').execFileSync('git', ['log'])\n"}, "the program starts `git`"),
        ({"server.js": "require(process.argv[2])\n"}, "whether the program starts others is not known"),
        (
            {
                "package.json": manifest("canvas"),
                "package-lock.json": lock("canvas"),
                "server.js": "require('canvas')\n",
            },
            "`canvas` needs programs or libraries of the system",
        ),
    ],
)
def test_refuses_programs_and_libraries(files: dict[str, str], reason: str) -> None:
    (found,) = distroless('CMD ["node", "server.js"]\n', files=files).reasons

    assert found.startswith(reason)


def test_an_image_of_it_is_asked_for_too() -> None:
    runtime = "gcr.io/distroless/nodejs22-debian13"

    assert f"FROM {runtime}\n" in distroless('CMD ["node", "server.js"]\n', runtime=runtime).text


@pytest.mark.parametrize("runtime", ["auto", "slim", "alpine", "gcr.io/other/image"])
def test_nobody_asks_for_it(runtime: str) -> None:
    got = distroless('CMD ["node", "server.js"]\n', runtime=runtime)

    assert "node:22-slim" in got.text
    assert not got.reasons
