"""Both halves of the runtime contract, key by key."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dockerslim.context.usage import Usage
from dockerslim.engine.contract import violations
from tests.engine.cases import case_of

NOTHING: frozenset[str] = frozenset()


def broken(before: str, after: str, *allowed: str) -> tuple[str, ...]:
    return violations(case_of(before), case_of(after), frozenset(allowed))


AUTHORED = [
    ("ENV", "ENV A=1", "ENV A=2"),
    ("ENV A", "ENV A=1", "ENV A=2"),
    ("ENV A", "ARG B\nENV A=$B", "ARG C\nENV A=$C"),
    ("CMD", 'CMD ["a"]', 'CMD ["b"]'),
    ("CMD", "CMD a", 'CMD ["a"]'),
    ("ENTRYPOINT", 'ENTRYPOINT ["a"]', 'ENTRYPOINT ["b"]'),
    ("EXPOSE", "EXPOSE 80", "EXPOSE 81"),
    ("USER", "USER a", "USER b"),
    ("USER", "USER a", "USER a:b"),
    ("USER", "ARG U\nUSER $U", "ARG U\nARG V\nUSER $V"),
    ("WORKDIR", "WORKDIR /a", "WORKDIR /b"),
    ("VOLUME", "VOLUME /a", "VOLUME /b"),
    ("LABEL", "LABEL a=1", "LABEL a=2"),
    ("LABEL a", "LABEL a=1", "LABEL a=2"),
    ("HEALTHCHECK", "HEALTHCHECK CMD a", "HEALTHCHECK CMD b"),
    ("HEALTHCHECK", "HEALTHCHECK --retries=1 CMD a", "HEALTHCHECK --retries=2 CMD a"),
    ("STOPSIGNAL", "STOPSIGNAL SIGINT", "STOPSIGNAL SIGTERM"),
    ("ONBUILD", "ONBUILD RUN a", "ONBUILD RUN b"),
    ("SHELL", 'SHELL ["a"]', 'SHELL ["b"]'),
]


@pytest.mark.parametrize("base", ["debian:12", "example.com/unknown:1"])
@pytest.mark.parametrize(("key", "old", "new"), AUTHORED)
def test_what_the_author_said(base: str, key: str, old: str, new: str) -> None:
    before, changed, lost = (f"FROM {base}\n{line}\n" for line in (old, new, "RUN a"))

    assert broken(before, before) == ()
    assert broken(before, changed) != ()
    assert broken(before, changed, key) == ()
    assert broken(before, lost) != ()
    assert broken(before, lost, key) == ()
    assert broken(before, changed, "OTHER", "ENV OTHER") != ()


@pytest.mark.parametrize(("key", "old", "new"), AUTHORED)
def test_what_is_new(key: str, old: str, new: str) -> None:
    """A healthcheck or a label that nobody asked for changes what the image is, too."""
    assert broken("FROM debian:12\n", f"FROM debian:12\n{old}\n") != ()
    assert broken("FROM debian:12\n", f"FROM debian:12\n{old}\n", key) == ()


def test_spelling_and_place_do_not_count() -> None:
    before = "FROM debian:12\nENV A=1 B=2\nWORKDIR /a/b\nEXPOSE 80 81\nUSER root\n"
    after = "FROM debian:12\nUSER 0\nENV B 2\nENV A='1'\nWORKDIR /a\nWORKDIR b\nEXPOSE 81\nEXPOSE 80\n"

    assert broken(before, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("FROM python:3.11\n", "FROM debian:12\n", "ENV LANG is gone"),
        ("FROM node:20\n", "FROM debian:12\n", "ENTRYPOINT changed"),
        ("FROM node:20\n", "FROM debian:12\n", "CMD changed"),
        ("FROM node:20\nENTRYPOINT []\n", "FROM debian:12\n", "ENTRYPOINT changed"),
        ("FROM golang:1.23\n", "FROM debian:12\n", "WORKDIR changed"),
        ("FROM golang:1.23\n", "FROM gcr.io/distroless/static-debian12:nonroot\nWORKDIR /go\n", "USER changed"),
        ("FROM example.com/a\n", "FROM example.com/b\n", "the base image changed"),
        ("FROM $A\n", "FROM $B\n", "the base image changed"),
        ("FROM example.com/a\n", "FROM debian:12\n", "the base image changed"),
        ("FROM debian:12\n", "FROM example.com/b\n", "the base image changed"),
    ],
)
def test_what_the_base_supplied_must_be_carried(before: str, after: str, message: str) -> None:
    assert any(message in text for text in broken(before, after))


def test_what_only_describes_the_toolchain_may_go() -> None:
    command = 'WORKDIR /srv\nENTRYPOINT ["/app"]\n'

    assert broken(f"FROM golang:1.23\n{command}", f"FROM debian:12\n{command}") == ()
    assert broken(f"FROM golang:1.23\nENV GOPATH=/go\n{command}", f"FROM debian:12\n{command}") != ()
    assert broken(f"FROM python:3.11\n{command}", f"FROM python:3.11-slim\n{command}") == ()


def test_what_the_base_supplied_may_be_said() -> None:
    command = 'WORKDIR /srv\nENTRYPOINT ["/app"]\n'

    after = f"FROM debian:12\nENV LANG=C.UTF-8\n{command}"
    assert broken(f"FROM python:3.11\n{command}", after) == ()


def test_an_image_that_the_person_named_supplies_what_it_does() -> None:
    before = case_of('FROM debian:12\nENV A=1\nWORKDIR /srv\nCMD ["a"]\n', runtime="example.com/base:1")
    kept = case_of('FROM example.com/base:1\nENV A=1\nWORKDIR /srv\nCMD ["a"]\n', runtime="example.com/base:1")
    lost = case_of('FROM example.com/base:1\nWORKDIR /srv\nCMD ["a"]\n', runtime="example.com/base:1")

    assert violations(before, kept, NOTHING) == ()
    assert violations(before, lost, NOTHING) != ()


def test_a_stage_below_is_part_of_it() -> None:
    before = "FROM debian:12 AS base\nARG B\nARG C\nENV A=$B\nFROM base\nCMD a\n"

    assert broken(before, before.replace("=$B", "=$C")) != ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("FROM debian:12 AS a\nFROM debian:12 AS b\n", "FROM debian:12 AS x\nFROM debian:12 AS b\n"),
        ("FROM debian:12 AS a\nFROM debian:12 AS b\n", "FROM debian:12 AS b\n"),
        ("FROM debian:12 AS a\nENV A=1\nFROM debian:12 AS b\n", "FROM debian:12 AS a\nFROM debian:12 AS b\n"),
        ("FROM debian:12 AS a\nFROM debian:12 AS b\n", "FROM debian:12 AS b\nFROM debian:12 AS a\n"),
    ],
)
def test_stages_that_can_be_targets(before: str, after: str) -> None:
    assert broken(before, after) != ()


def test_a_stage_without_a_name_is_one_where_somebody_builds_it_by_number() -> None:
    before = case_of("FROM debian:12\nENV A=1\nFROM debian:12\n")
    after = case_of("FROM debian:12\nENV A=2\nFROM debian:12\n")
    usage = replace(Usage.none(), script_targets=("0",))

    assert violations(before, after, NOTHING) == ()
    assert violations(replace(before, usage=usage), replace(after, usage=usage), NOTHING) != ()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "FROM debian:12\nFROM alpine:3.20\nFROM scratch\nCOPY --from=1 /a /b\n",
            "FROM debian:12\nFROM debian:12\nFROM alpine:3.20\nFROM scratch\nCOPY --from=1 /a /b\n",
            "`1` meant the stage from alpine:3.20 and means the stage from debian:12",
        ),
        (
            "FROM debian:12\nFROM scratch\nRUN --mount=type=bind,from=0,target=/x a\n",
            "FROM alpine:3.20\nFROM debian:12\nFROM scratch\nRUN --mount=type=bind,from=0,target=/x a\n",
            "`0` meant the stage from debian:12",
        ),
        (
            "FROM debian:12\nCOPY --from=nginx /a /b\n",
            "FROM debian:12 AS nginx\nFROM debian:12\nCOPY --from=nginx /a /b\n",
            "`nginx` meant an image and means stage `nginx`",
        ),
        (
            "FROM debian:12 AS a\nFROM a\n",
            "FROM debian:12 AS b\nFROM a\n",
            "`a` meant stage `a` and means an image",
        ),
    ],
)
def test_references_to_stages_mean_the_same(before: str, after: str, message: str) -> None:
    assert any(message in text for text in broken(before, after))


def test_a_stage_that_gets_a_name_or_a_stage_below_it_breaks_nothing() -> None:
    before = "FROM alpine:3.20\nFROM debian:12\nCOPY --from=0 /a /b\nCMD a\n"
    after = "FROM alpine:3.20\nFROM debian:12 AS build\nCOPY --from=0 /a /b\n\nFROM debian:12\nCMD a\n"

    assert broken(before, after) == ()
