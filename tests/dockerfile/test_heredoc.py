"""Heredoc markers as BuildKit's shell lexer finds them."""

from __future__ import annotations

import pytest

from dockerslim.dockerfile import Dockerfile
from dockerslim.dockerfile.heredoc import HeredocMarker, heredoc_marker, heredoc_markers
from dockerslim.dockerfile.words import WordError


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("RUN <<EOF", ["EOF"]),
        ("RUN cat <<A <<-B > /f", ["A", "B"]),
        ("RUN 3<<EOF", ["EOF"]),
        ("RUN << EOF", ["EOF"]),
        ("RUN <<EOF>f", ["EOF>f"]),
        ("RUN <<EOF;", ["EOF;"]),
        ('RUN <<"E F"', ["E F"]),
        ("RUN <<\\EOF", ["EOF"]),
        ("RUN <<E'O'F", ["EOF"]),
        ("RUN <<$X", ["$X"]),
        ("RUN echo $(( 1 << 2 ))", ["2"]),
        ("RUN ${X:- <<EOF}", ["EOF}"]),
        # none
        ("RUN cat<<EOF", []),
        ("RUN <<<EOF", []),
        ('RUN "<<EOF"', []),
        ("RUN '<<EOF'", []),
        ("RUN \\<<EOF", []),
        ("RUN it's <<EOF", []),
        ('RUN "open <<EOF', []),
        ("RUN ${} <<EOF", []),
        ("RUN ${x:#y} <<EOF", []),
        ("RUN <<", []),
        ("RUN <<''", []),
        ("RUN <<${X:-b}", []),
        ("RUN a < b", []),
    ],
)
def test_names(line: str, names: list[str]) -> None:
    assert [marker.name for marker in heredoc_markers(line)] == names


@pytest.mark.parametrize(
    ("word", "marker"),
    [
        ("<<EOF", HeredocMarker("EOF", True, False)),
        ("<<-EOF", HeredocMarker("EOF", True, True)),
        ("<<'EOF'", HeredocMarker("EOF", False, False)),
        ('<<-"EOF"', HeredocMarker("EOF", False, True)),
        ("<<\\EOF", HeredocMarker("EOF", True, False)),
        ("EOF", None),
        ("<<'open", None),
        ("<<a b", None),
    ],
)
def test_marker(word: str, marker: HeredocMarker | None) -> None:
    assert heredoc_marker(word) == marker


def test_a_name_that_can_not_be_read_is_an_error() -> None:
    with pytest.raises(WordError):
        heredoc_markers("RUN ${X:- <<\\'x}")


def test_bodies() -> None:
    text = "FROM a\nCOPY <<A <<-'B' /d/\none\r\nA\n\ttwo \\\n# no comment\n\tB\nUSER x\n"
    _, copy, user = Dockerfile.parse(text.encode()).instructions
    assert [h.body.cut(text) for h in copy.heredocs] == ["one\r\n", "\ttwo \\\n# no comment\n"]
    assert [h.terminator.cut(text) for h in copy.heredocs] == ["A", "\tB"]
    assert (copy.first_line, copy.last_line, user.first_line) == (2, 7, 8)


def test_onbuild_has_the_heredoc_of_its_trigger() -> None:
    onbuild = Dockerfile.parse(b"FROM a\nONBUILD RUN <<EOF\nx\nEOF\n").instructions[1]
    assert onbuild.onbuild is not None
    assert onbuild.heredocs == onbuild.onbuild.heredocs
    assert onbuild.last_line == onbuild.onbuild.last_line == 4
