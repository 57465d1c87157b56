"""Shell text of a RUN: its commands, how they are joined, and where they stand in the file."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dockerslim.dockerfile import Dockerfile
from dockerslim.dockerfile.shell import Opaque, Script, ShellCommand, run_script, shell_script
from dockerslim.dockerfile.shell_tree import plain_word


def script_of(line: str, head: str = "") -> tuple[Script, str]:
    """The script of the instruction after FROM, and the file's text."""
    text = f"{head}FROM a\n{line}"
    dockerfile = Dockerfile.parse(text.encode("utf-8", "surrogateescape"))
    return run_script(dockerfile.instructions[1], dockerfile.text), dockerfile.text


def shape(script: Script) -> list[tuple[str, str]]:
    """Operator and text of each part; the kind in angle brackets for what is opaque."""
    return [
        (part.operator, f"<{part.kind}>" if isinstance(part, Opaque) else script.text(part.start, part.end))
        for part in script.parts
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", [("", "a")]),
        ("a && b && c", [("", "a"), ("&&", "b"), ("&&", "c")]),
        ("a; b ;c;", [("", "a"), (";", "b"), (";", "c")]),
        ("a || b", [("", "a"), ("||", "b")]),
        ("a\nb\n\n# note\nc\n", [("", "a"), (";", "b"), (";", "c")]),
        ("a && # note\nb", [("", "a"), ("&&", "b")]),
        ("a && \\\n b", [("", "a"), ("&&", "b")]),
        ("a # && b", [("", "a")]),
        ("a | b && c", [("", "<pipeline>"), ("&&", "c")]),
        ("a |& b", [("", "<pipeline>")]),
        ("a && b | c > f && d | e || g", [("", "a"), ("&&", "<pipeline>"), ("&&", "<pipeline>"), ("||", "g")]),
        # in the tree, all of this is one pipeline
        ('a "x" | b | c -x && d "$V" >> f && e', [("", "<pipeline>"), ("&&", 'd "$V" >> f'), ("&&", "e")]),
        ("a & b", [("", "<background>"), ("&", "b")]),
        ("a && b &", [("", "a"), ("&&", "<background>")]),
        ("(a; b) && c", [("", "<subshell>"), ("&&", "c")]),
        ("{ a; b; }", [("", "<compound_statement>")]),
        ("if a; then b; fi; c", [("", "<if_statement>"), (";", "c")]),
        ("for i in x; do y; done", [("", "<for_statement>")]),
        ("while a; do b; done", [("", "<while_statement>")]),
        ("case x in y) z;; esac", [("", "<case_statement>")]),
        ("f() { a; }; f", [("", "<function_definition>"), (";", "f")]),
        ("! a", [("", "<negated_command>")]),
        ("[ -f x ] && a", [("", "<test_command>"), ("&&", "a")]),
        ("eval a; b", [("", "<eval>"), (";", "b")]),
        ("trap 'a' EXIT", [("", "<trap>")]),
        ("> f", [("", "<redirected_statement>")]),
        ("cat <<X\nbody\nX\nb", [("", "cat <<X\nbody\nX"), (";", "b")]),
        ("cat <<X > f && rm y\nbody\nX\nb", [("", "<command>"), (";", "b")]),
    ],
)
def test_parts(text: str, parts: list[tuple[str, str]]) -> None:
    assert shape(shell_script(text)) == parts


@pytest.mark.parametrize(
    ("text", "is_plain", "is_chain"),
    [
        ("a", True, True),
        ("a && b", True, True),
        ("a; b", True, False),
        ("a\nb", True, False),
        ("a || b", False, False),
        ("a | b", False, False),
        ("a & b", False, False),
        ("(a)", False, False),
        ("eval a", False, False),
        ("a ;; b", False, False),
        ("a 'open", False, False),
        ("", True, True),
    ],
)
def test_plain_and_chain(text: str, is_plain: bool, is_chain: bool) -> None:
    script = shell_script(text)
    assert (script.is_plain, script.is_chain) == (is_plain, is_chain)


@pytest.mark.parametrize("text", ["a &&", "a 'open", 'a "open', "a $(b", "if a", "\0", "a\rb", "x" * 100_001])
def test_unreadable(text: str) -> None:
    script = shell_script(text)
    assert script.problem is not None
    assert script.parts == ()


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a 'b c' \"d e\" f\\ g", ["a", "b c", "d e", "f g"]),
        ("a x'y'\"z\"", ["a", "xyz"]),
        ('a $B "$C" $(d) `e`', ["a", None, None, None, None]),
        ("a *.txt {b,c} ~/d x=~/y", ["a", None, None, None, None]),
        (
            "a b~ x#y x!y x^y k=v --o=p @e a:b %f +g",
            ["a", "b~", "x#y", "x!y", "x^y", "k=v", "--o=p", "@e", "a:b", "%f", "+g"],
        ),
        ("a $'b'", ["a", None]),
        ('a "b\\"c"', ["a", None]),
        ("a \\; 12", ["a", ";", "12"]),
        ("export A=1 B", ["export", "A=1", "B"]),
        ("unset A", ["unset", "A"]),
        # words behind a redirect are the command's
        ("a >&2 b c", ["a", "b", "c"]),
        ("a 2>/dev/null b 3>x c", ["a", "b", "c"]),
        ("> f a b", ["a", "b"]),
        ("npm ci > log --omit=dev", ["npm", "ci", "--omit=dev"]),
    ],
)
def test_words(text: str, values: list[str | None]) -> None:
    (command,) = shell_script(text).commands
    assert [word.literal for word in command.words] == values
    for word in command.words:
        assert text[word.start : word.end] == word.text


@pytest.mark.parametrize(
    ("text", "redirects"),
    [
        ("a > f 2>&1 < g", ("> f", "2>&1", "< g")),
        ("a >&2 b", (">&2",)),
        ("> f a", ("> f",)),
        ("a &> f", ("&> f",)),
        ("a <<< x", ("<<< x",)),
        ("a", ()),
    ],
)
def test_redirects(text: str, redirects: tuple[str, ...]) -> None:
    (command,) = shell_script(text).commands
    assert command.redirects == redirects
    assert command.is_literal == (not redirects)


def test_a_redirect_at_the_end_of_a_list_is_the_last_commands() -> None:
    first, second = shell_script("a && b > f c").commands
    assert first.redirects == ()
    assert second.redirects == ("> f",)
    assert second.arguments == ("b", "c")


def test_assignments() -> None:
    first, second = shell_script('A=1 B="x y" C= cmd && D=2').commands
    assert [(name, word.literal) for name, word in first.assignments] == [("A", "1"), ("B", "x y"), ("C", "")]
    assert first.name == "cmd"
    assert [(name, word.literal) for name, word in second.assignments] == [("D", "2")]
    assert second.words == ()
    assert second.name == ""


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("a", "a"),
        ("a\\ b", "a b"),
        ("\\\\", "\\"),
        ("\\$x", "$x"),
        ("\\~", "~"),
        ("a~", "a~"),
        ("a=b", "a=b"),
        ("=", "="),
        ("", ""),
        ("~", None),
        ("~/x", None),
        ("a=~", None),
        ("a:~/b", None),
        ("#", None),
        ("!", None),
        ("^", None),
        ("a\\", None),
        ("a\\\nb", None),
        ("a*", None),
        ("a?", None),
        ("a[b]", None),
        ("$a", None),
        ("`a`", None),
        ("a'b", None),
        ('a"b', None),
        ("a b", None),
    ],
)
def test_plain_word(word: str, value: str | None) -> None:
    assert plain_word(word) == value


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("npm ci", "npm ci"),
        ("exec npm ci", "npm ci"),
        ("exec -a name npm ci", "npm ci"),
        ("time -p npm ci", "npm ci"),
        ("nice -n 5 npm ci", "npm ci"),
        ("nice -5 npm ci", "npm ci"),
        ("nohup npm ci", "npm ci"),
        ("command npm ci", "npm ci"),
        ("command -v npm", "command -v npm"),
        ("sudo -u app -E npm ci", "npm ci"),
        ("env -i -u X A=1 npm ci", "npm ci"),
        ("/usr/bin/env npm ci", "npm ci"),
        ("env -S 'npm ci'", "env -S npm ci"),
        ("timeout 10 npm ci", "npm ci"),
        ("timeout -k 5 --signal=9 1.5m npm ci", "npm ci"),
        ("timeout 10", "timeout 10"),
        ("sudo env A=1 timeout 10 exec npm ci", "npm ci"),
        ("exec", "exec"),
        ("env A=1", "env A=1"),
        ("env $X npm ci", "env $X npm ci"),
        ("xargs npm ci", "xargs npm ci"),
        ("sh -c 'npm ci'", "sh -c npm ci"),
        ("su -c npm", "su -c npm"),
        ("A=1 npm ci", "npm ci"),
    ],
)
def test_looks_through_wrappers(text: str, inner: str) -> None:
    (command,) = shell_script(text).commands
    assert " ".join(command.inner().known_arguments()) == inner


def test_a_wrappers_assignments_are_the_commands() -> None:
    (command,) = shell_script("A=1 env B=2 cmd").commands
    assert [(name, word.literal) for name, word in command.inner().assignments] == [("A", "1"), ("B", "2")]


# --- places in the file


def check_places(script: Script, text: str) -> None:
    for part in script.parts:
        if isinstance(part, ShellCommand):
            for word in part.words:
                cut = script.span(word.start, word.end).cut(text)
                assert "\n" in cut or cut == word.text
            if part.operator and part.operator != ";":
                assert script.text(part.operator_start, part.operator_start + len(part.operator)) == part.operator


@pytest.mark.parametrize(
    ("line", "cuts"),
    [
        ("RUN a \\\n  && b\n", ["a", "b"]),
        ("RUN a && \\\r\n  b\r\n", ["a", "b"]),
        ("RUN a && \\\n  # note\n\n  b x\n", ["a", "b x"]),
        ("RUN a &\\\n& b\n", ["a", "b"]),
        ("RUN np\\\nm ci && b\n", ["np\\\nm ci", "b"]),
        ("RUN \\\n  a ; \\\n b ;\n", ["a", "b"]),
        ("RUN --mount=type=cache,target=/x a && b", ["a", "b"]),
        ("RUN echo \u00e9\U0001f600 && \\\n  np\u00fc ci\n", ["echo \u00e9\U0001f600", "np\u00fc ci"]),
        ("RUN echo \udcff && b", ["echo \udcff", "b"]),
        ("RUN <<EOF\na x\n# note\n  b \\\n  y\nEOF\n", ["a x", "b \\\n  y"]),
        ("RUN <<-EOF\n\ta\n\tb\n\tEOF\n", ["a", "b"]),
        ("RUN <<'E F'\na\nE F\n", ["a"]),
        ("RUN << EOF\na\nEOF\n", ["a"]),
        ("CMD a && b", ["a", "b"]),
        ("HEALTHCHECK --interval=5s CMD a && b", ["a", "b"]),
    ],
)
def test_spans_cut_the_file(line: str, cuts: list[str]) -> None:
    script, text = script_of(line, head="# \u00e9\n")
    assert script.problem is None
    assert [script.span(part.start, part.end).cut(text) for part in script.parts] == cuts
    check_places(script, text)


@pytest.mark.parametrize(
    "line",
    [
        "RUN cat <<EOF\na\nEOF\n",
        "RUN <<A <<B\na\nA\nb\nB\n",
        "RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF\n",
        "RUN <<EOF\r\na\r\nEOF\r\n",
    ],
)
def test_heredocs_that_are_no_script(line: str) -> None:
    assert script_of(line)[0].problem is not None


def test_exec_form_is_one_command() -> None:
    script, text = script_of('RUN ["npm", "ci && x"]\n')
    (command,) = script.commands
    assert command.arguments == ("npm", "ci && x")
    assert script.span(command.start, command.end).cut(text) == '["npm", "ci && x"]'
    assert script_of("RUN []\n")[0].parts == ()


def test_comments_inside_are_known() -> None:
    script, text = script_of("RUN a \\\n  # note\n  && b\n")
    assert [span.cut(text) for span in script.comments] == ["# note"]


@settings(deadline=None)
@given(st.text(alphabet="ab &|;(){}'\"$`\\\n#=<>!~\u00e9\udcff\0\r", max_size=40))
def test_any_text(text: str) -> None:
    script = shell_script(text)
    end = 0
    for part in script.parts:
        assert end <= part.start < part.end <= len(text)
        end = part.end
    check_places(script, text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 20_000 + "a" + ")" * 20_000,
        "(" * 90_000,
        "$(" * 9_000 + "a" + ")" * 9_000,
        '"$(' * 9_000 + "a" + ')"' * 9_000,
        "`" * 9_001,
        "${a:-" * 9_000 + "}" * 9_000,
        "if a; then " * 5_000 + "b" + "; fi" * 5_000,
        "a && " * 15_000 + "b",
        "a | " * 15_000 + "b",
        "\u00e9 x; " * 15_000,
        "a 'b'\"c\"" * 9_000,
    ],
    ids=range(11),
)
def test_deep_and_long_scripts_are_quick(text: str) -> None:
    start = time.perf_counter()
    shell_script(text)
    assert time.perf_counter() - start < 3
