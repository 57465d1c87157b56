"""Small Dockerfiles against what BuildKit's own parser says of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dockerslim.dockerfile import Dockerfile, Instruction

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("parser_cases.json").read_text("utf-8"))
PARSED = [case for case in CASES if "error" not in case]

FRONTEND_ONLY = frozenset({"syntax_slashes", "syntax_shebang"})
"""A frontend is chosen from these files' lines, but they are no directives to the parser."""


def ids(cases: list[dict[str, Any]]) -> list[str]:
    return [case["name"] for case in cases]


def parse(case: dict[str, Any]) -> Dockerfile:
    return Dockerfile.parse(case["text"].encode("utf-8", "surrogateescape"))


def arguments(instruction: Instruction) -> list[str] | None:
    """The arguments as BuildKit lists them; None for those that are compared in another way."""
    if instruction.json is not None and instruction.keyword != "HEALTHCHECK":
        return list(instruction.json)
    match instruction.keyword:
        case "COPY" | "ADD" | "FROM" | "EXPOSE" | "VOLUME":
            return [word.text for word in instruction.words]
        case "RUN" | "CMD" | "ENTRYPOINT" | "SHELL" | "USER" | "WORKDIR" | "STOPSIGNAL" | "MAINTAINER":
            return [instruction.value] if instruction.value else []
        case "ENV" | "LABEL":
            pairs = instruction.assignments
            return [text for pair in pairs for text in (pair.key, pair.value or "", "" if pair.legacy else "=")]
        case "ARG":
            pairs = instruction.assignments
            return [pair.key if pair.value is None else f"{pair.key}={pair.value}" for pair in pairs]
    return None


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_prints_back(case: dict[str, Any]) -> None:
    assert parse(case).data == case["text"].encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("case", CASES, ids=ids(CASES))
def test_refuses_what_buildkit_refuses(case: dict[str, Any]) -> None:
    problem = parse(case).problem

    assert (problem is not None and problem.is_syntax) == ("error" in case), problem
    if "error" not in case:
        assert (problem is not None) == ("instruction_error" in case), problem


@pytest.mark.parametrize("case", PARSED, ids=ids(PARSED))
def test_reads_the_same_instructions(case: dict[str, Any]) -> None:
    got = [
        {
            "keyword": instruction.keyword,
            "lines": (instruction.first_line, instruction.last_line),
            "flags": [
                f"--{flag.name}" if flag.value is None else f"--{flag.name}={flag.value}" for flag in instruction.flags
            ],
            "json": instruction.json is not None,
            "heredocs": [heredoc.name for heredoc in instruction.heredocs],
        }
        for instruction in parse(case).instructions
    ]

    assert got == [
        {
            "keyword": instruction["keyword"].upper(),
            "lines": (instruction["start"], instruction["end"]),
            "flags": instruction.get("flags", []),
            "json": instruction.get("json", False),
            "heredocs": instruction.get("heredocs", []),
        }
        for instruction in case["instructions"]
    ]


@pytest.mark.parametrize("case", PARSED, ids=ids(PARSED))
def test_reads_the_same_arguments(case: dict[str, Any]) -> None:
    for instruction, expected in zip(parse(case).instructions, case["instructions"], strict=True):
        got = arguments(instruction)
        if got is not None:
            assert got == expected.get("args", []), expected
        if "onbuild" in expected:
            assert instruction.onbuild is not None
            assert instruction.onbuild.keyword == expected["onbuild"]["keyword"].upper()
            trigger = arguments(instruction.onbuild)
            assert trigger is None or trigger == expected["onbuild"].get("args", [])


@pytest.mark.parametrize("case", PARSED, ids=ids(PARSED))
def test_knows_stages_warnings_and_syntax(case: dict[str, Any]) -> None:
    dockerfile = parse(case)

    assert len(dockerfile.stages) == sum(i["keyword"].upper() == "FROM" for i in case["instructions"])
    warned = [i for i in dockerfile.instructions if i.has_empty_continuation]
    assert len(warned) == len(case.get("warnings", []))
    if case["name"] not in FRONTEND_ONLY:
        syntax = dockerfile.directive("syntax")
        chooses = syntax is not None and not syntax.indented
        assert (syntax.value.partition(" ")[0] if syntax and chooses else None) == case.get("syntax")
