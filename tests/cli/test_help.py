"""Help, `list` and `explain`; and no text names an option that doesn't exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from dockerslim.cli.app import app
from dockerslim.engine.registry import load
from tests.cli.command import ROOT, dockerslim

COMMANDS = ("fix", "verify", "list", "explain")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")
DOCKERFILE_FLAGS = frozenset(
    "--from --chown --chmod --link --parents --exclude --mount --network --security --platform --checksum"
    " --keep-git-dir --unpack --interval --timeout --start-period --start-interval --retries".split()
)
"""Flags of instructions, that messages may name."""
INSTALLER_OPTIONS = frozenset({"--system", "--no-cache-dir"})
"""What the pages of the cache mounts say that pip is told."""
OTHER_PROGRAMS = re.compile(
    r"`?\b(?:npm|npx|pip|apt-get|apt|apk|go|git|docker|compose|yarn|pnpm|bun|uv|poetry|useradd|adduser|python|make|gunicorn"
    r"|uvicorn|flask|node|pytest|manage\.py)\b[^`\n]*"
)
"""A command line of another program: its options are not ours."""


def help_of(folder: Path, *arguments: str) -> str:
    done = dockerslim(folder, *arguments)
    assert done.code == 0
    return done.out.decode()


def options() -> frozenset[str]:
    """The options that the commands take."""
    group = get_command(app)
    commands = [group, *group.commands.values()]  # type: ignore[attr-defined]
    named = {option for command in commands for parameter in command.params for option in parameter.opts}
    return frozenset(named | {"--help"})


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_of_each_command(tmp_path: Path, flag: str) -> None:
    for command in COMMANDS:
        assert help_of(tmp_path, command, flag).startswith(f"Usage: dockerslim {command} ")
    text = help_of(tmp_path, flag)
    assert [command for command in COMMANDS if f"  {command} " not in text] == []


def test_no_arguments_is_help(tmp_path: Path) -> None:
    done = dockerslim(tmp_path)

    assert done.code in (0, 2)  # the versions of typer differ
    assert "Usage: dockerslim" in done.out.decode() + done.err


def test_version(tmp_path: Path) -> None:
    assert re.fullmatch(r"dockerslim \d+\.\d+\.\d+\S*\n", help_of(tmp_path, "--version"))


def test_help_fits_a_terminal(tmp_path: Path) -> None:
    for command in COMMANDS:
        assert max(map(len, help_of(tmp_path, command, "-h").splitlines())) <= 100


def test_list(tmp_path: Path) -> None:
    lines = help_of(tmp_path, "list").splitlines()

    assert [line.split()[0] for line in lines] == [transform.name for transform in load()]


@pytest.mark.parametrize("transform", load(), ids=lambda t: t.name)
def test_explain(tmp_path: Path, transform) -> None:  # type: ignore[no-untyped-def]
    text = help_of(tmp_path, "explain", transform.name)

    assert text.startswith(f"{transform.name}: {transform.title}\n")
    assert transform.documentation in text
    assert [example.name for example in transform.examples if f"Example: {example.name}" not in text] == []
    assert text in help_of(tmp_path, "explain", transform.id) or transform.name == transform.id


def test_explain_what_is_unknown(tmp_path: Path) -> None:
    done = dockerslim(tmp_path, "explain", "split-stage")

    assert (done.code, done.out) == (2, b"")
    assert done.err.startswith("error: no transform is called `split-stage`\n   = help: did you mean ")


def test_options_that_texts_name_exist(tmp_path: Path) -> None:
    known = options() | DOCKERFILE_FLAGS | INSTALLER_OPTIONS
    assert {"--write", "--check", "--select", "--unsafe", "--version"} <= known
    unknown = {
        f"{where}: {option}"
        for where, text in texts(tmp_path)
        for option in OPTION.findall(OTHER_PROGRAMS.sub("", text))
        if option not in known
    }

    assert unknown == set()


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Whatever a person may read."""
    for command in COMMANDS:
        yield f"{command} -h", help_of(folder, command, "-h")
    for transform in load():
        yield f"explain {transform.name}", transform.documentation
    yield "README.md", (ROOT / "README.md").read_text("utf-8")
    for top in ("dockerslim", "transforms"):
        for path in sorted((ROOT / top).rglob("*.py")):
            for line, text in said_in(path.read_text("utf-8")):
                yield f"{path.relative_to(ROOT)}:{line}", text


def said_in(source: str) -> Iterator[tuple[int, str]]:
    """Sentences in a program: strings of several words, their variable parts left out."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if id(node) in docstrings:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [str(p.value) if isinstance(p, ast.Constant) else "X" for p in node.values]
            text = "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        is_sentence = len(re.findall(r"\b[a-z]{2,}\b", text)) >= 4 and "\n" not in text.strip()
        if is_sentence and not text.lstrip().startswith(("-", "RUN ", "FROM ", "COPY ", "CMD ")):
            yield node.lineno, text
