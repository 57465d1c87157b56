"""What BuildKit's instruction parser refuses, and what it lets pass."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile import Dockerfile
from dockerslim.dockerfile.duration import parse_duration

FINE = [
    "FROM --platform=$BUILDPLATFORM b AS My_stage.1",
    "RUN",
    "RUN --mount=type=cache,target=/x --mount=type=secret,id=a --network=none --security=insecure x",
    "RUN --mount='\"type=cache\",target=/x' x",
    "RUN --mount=nonsense=1 x",
    "RUN --mount=from=a$ x",
    "RUN --device=vendor.com/a=b,required=true x",
    "RUN --device=name=a,required x",
    "COPY --from=x --chown=1:1 --chmod=755 --link --parents --exclude=a --exclude=b a b",
    "COPY --link=TRUE a b",
    "COPY <<EOF /x\nEOF",
    "ADD --checksum=sha256:1 --keep-git-dir=false --unpack a b",
    "ENV A b",
    "ARG A B=2",
    "ARG --unknown A",
    "STOPSIGNAL --unknown 9",
    "LABEL a=b",
    "USER app # no comment",
    'WORKDIR ["/a"]',
    "EXPOSE 80/tcp 81",
    'VOLUME ["/a", "/b"]',
    'SHELL ["/bin/sh", "-c"]',
    "CMD",
    "CMD []",
    "ENTRYPOINT []",
    "MAINTAINER a b",
    "HEALTHCHECK NONE",
    "HEALTHCHECK --unknown NONE",
    "HEALTHCHECK none []",
    "HEALTHCHECK --interval=1m30.5s --timeout=0 --start-period=1ms --start-interval=.5h --retries=+3 cmd x",
    "HEALTHCHECK --interval= --retries= CMD x",
    "HEALTHCHECK --interval=0.1ns --retries=-0 CMD x",
    'HEALTHCHECK CMD ["x"]',
    "ONBUILD RUN x",
    "ONBUILD COPY a",
    "ONBUILD X",
]

REFUSED = [
    ("X y", "unknown instruction"),
    ("\u017fHELL x", "unknown instruction"),
    ("FROM", "either one or three"),
    ("FROM b AS", "either one or three"),
    ("FROM b # c", "either one or three"),
    ("FROM b AS 1x", "invalid name"),
    ("FROM --link b", "unknown flag: --link"),
    ("RUN --MOUNT=x y", "unknown flag"),
    ("RUN --mount x", "missing a value"),
    ("RUN --mount= x", "csv"),
    ('RUN --mount=a\\"b x', "csv"),
    ("RUN --mount=from=$X,target=/x x", "variable expansion"),
    ("RUN --network=other x", "network mode"),
    ("RUN --security=other x", "security"),
    ("RUN --device=a,b x", "device"),
    ("RUN --device=a,required=2 x", "device"),
    ("RUN --network=none --network=host x", "duplicate flag"),
    ("CMD --link x", "unknown flag"),
    ("COPY a", "at least two"),
    ("COPY a <<EOF\nEOF", "heredoc as a destination"),
    ("COPY --link=1 a b", "boolean"),
    ("COPY --link= a b", "boolean"),
    ("COPY --checksum=a a b", "unknown flag"),
    ("ENV", "at least one"),
    ("ENV =b", "blank"),
    ("LABEL =b", "blank"),
    ("ARG", "at least one"),
    ("ARG =b", "blank"),
    ("USER", "exactly one"),
    ("WORKDIR", "exactly one"),
    ("STOPSIGNAL", "exactly one"),
    ("EXPOSE", "at least one"),
    ("VOLUME", "at least one"),
    ('VOLUME [" "]', "empty string"),
    ("SHELL", "at least one"),
    ("SHELL []", "at least one"),
    ("SHELL /bin/sh", "JSON form"),
    ("HEALTHCHECK", "at least one"),
    ("HEALTHCHECK NONE x", "takes no arguments"),
    ("HEALTHCHECK CMD", "Missing command"),
    ("HEALTHCHECK CMD []", "Missing command"),
    ("HEALTHCHECK other x", "Unknown type"),
    ("HEALTHCHECK --interval=1 CMD x", "invalid duration"),
    ("HEALTHCHECK --interval=1us CMD x", "less than 1ms"),
    ("HEALTHCHECK --interval=-1h CMD x", "less than 1ms"),
    ("HEALTHCHECK --retries=1.5 CMD x", "--retries"),
    ("HEALTHCHECK --retries=-1 CMD x", "--retries"),
    ("HEALTHCHECK --retries=2147483648 CMD x", "--retries"),
    ("HEALTHCHECK --unknown=1 CMD x", "unknown flag"),
    ("ONBUILD", "at least one"),
    ("ONBUILD ONBUILD RUN x", "Chaining"),
    ("ONBUILD FROM b", "isn't allowed"),
    ("ONBUILD maintainer b", "isn't allowed"),
]

SYNTAX = [
    ("ENV A", "two arguments"),
    ("ENV A=1 B", "can't find ="),
    ("LABEL a", "two arguments"),
    ("CMD [1]", "strings only"),
    ("HEALTHCHECK NONE [1]", "strings only"),
    ("ONBUILD ENV A", "two arguments"),
    ("RUN <<EOF", "unterminated heredoc"),
]


@pytest.mark.parametrize("line", FINE)
def test_lets_pass(line: str) -> None:
    assert Dockerfile.parse(f"FROM a\n{line}\n".encode()).problem is None


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_refuses(line: str, message: str) -> None:
    problem = Dockerfile.parse(f"FROM a\n{line}\nCMD x\n".encode()).problem
    assert problem is not None
    assert message in problem.message
    assert (problem.line, problem.is_syntax) == (2, False)


@pytest.mark.parametrize(("line", "message"), SYNTAX)
def test_refuses_what_the_line_parser_refuses(line: str, message: str) -> None:
    problem = Dockerfile.parse(f"FROM a\n{line}\n".encode()).problem
    assert problem is not None
    assert message in problem.message
    assert (problem.line, problem.is_syntax) == (2, True)


@pytest.mark.parametrize(
    ("text", "message", "is_syntax"),
    [
        ("", "no instructions", True),
        ("# note\n", "no instructions", True),
        ("RUN x\n", "no build stage", False),
        ("ARG A\nRUN x\nFROM a\n", "no build stage", False),
        ("ARG A\n", "no stages", False),
        ("# syntax=a\n# syntax=b\nFROM a\n", "only one syntax", True),
        ("# escape=x\nFROM a\n", "invalid escape token", True),
        ("# escape= \nFROM a\n", "invalid escape token", True),
        ("FROM {{ base }}\n", "either one or three", False),
    ],
)
def test_refuses_the_file(text: str, message: str, is_syntax: bool) -> None:
    problem = Dockerfile.parse(text.encode()).problem
    assert problem is not None
    assert message in problem.message
    assert problem.is_syntax == is_syntax


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("0", 0),
        ("+0", 0),
        ("1ns", 1),
        ("1.5s", 1_500_000_000),
        (".5ms", 500_000),
        ("1h1m1s", 3_661_000_000_000),
        ("-2us", -2_000),
        ("00001s", 1_000_000_000),
        ("0.00000000000000000000001s", 0),
        ("", None),
        ("1", None),
        ("s", None),
        (".s", None),
        ("1d", None),
        ("1 s", None),
        ("99999999999h", None),
        ("\u0661s", None),
    ],
)
def test_durations(text: str, nanoseconds: int | None) -> None:
    assert parse_duration(text) == nanoseconds
