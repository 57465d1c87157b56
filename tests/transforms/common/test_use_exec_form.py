"""The same words reach the same program, or the command keeps its shell."""

from __future__ import annotations

import pytest

from tests.transforms.rewriting import rewrite, service

BASE = "FROM debian:12\n"
NEEDS_SHELL = "the command needs a shell"
NOT_JSON = "the array is no JSON, so that a shell gets it"
ARGUMENTS_FOLLOW = "the shell form of ENTRYPOINT ignores the CMD below it, the exec form would not"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("node server.js", '["node", "server.js"]'),
        ("'a b' c", '["a b", "c"]'),
        ('a "b  c"', '["a", "b  c"]'),
        (r"a\ b c", '["a b", "c"]'),
        (r"a \"x\" y", r'["a", "\"x\"", "y"]'),
        ("""echo 'it'"'"'s'""", '["echo", "it\'s"]'),
        ("a '$HOME'", '["a", "$HOME"]'),
        (r"a \$X", '["a", "$X"]'),
        ("a '*.js' '~'", '["a", "*.js", "~"]'),
        ("a '' \"\"", '["a", "", ""]'),
        ("a x~ b#c d=e %x^y:z@1,2+3", '["a", "x~", "b#c", "d=e", "%x^y:z@1,2+3"]'),
        ("exec node x", '["node", "x"]'),
        ("exec env A=1 b", '["env", "A=1", "b"]'),
        ("env A=1 b", '["env", "A=1", "b"]'),
        ("nohup a", '["nohup", "a"]'),
        ("sh x.sh", '["sh", "x.sh"]'),
        ("echo hi", '["echo", "hi"]'),
        ("a é", '["a", "é"]'),
        ("a\tb", '["a", "b"]'),
        ("a \\\n  b", '["a", "b"]'),
        (r"a \\", r'["a", "\\"]'),
    ],
)
def test_plain_words(command: str, words: str) -> None:
    assert rewrite("use-exec-form", f"{BASE}CMD {command}\n").text == f"{BASE}CMD {words}\n"
    assert rewrite("use-exec-form", f"{BASE}ENTRYPOINT {command}\n").text == f"{BASE}ENTRYPOINT {words}\n"


@pytest.mark.parametrize(
    "command",
    [
        "serve :$PORT",
        'a "$HOME"',
        "${APP}",
        "a $",
        "a `b`",
        "a $(b)",
        "a && b",
        "a || b",
        "a; b",
        "a;",
        "a ;",
        "a &",
        "a | b",
        "(a)",
        "{ a; }",
        "! a b",
        "a > x",
        "a 2>&1",
        "a < x",
        "a <<< x",
        "a *.js",
        "a ?",
        "a [x]",
        "a {b,c}",
        "a ~/x",
        "a -x=~/y",
        "a # comment",
        "a #b",
        "A=1 node x",
        "A=1",
        "cd /x",
        ". ./env",
        "source x",
        "test -f x",
        "[ -f x ]",
        "printf x",
        "ulimit -n 5",
        "time a",
        "command a",
        "kill 1",
        "trap x TERM",
        "while true; do a; done",
        "if x",
        "function f",
        r'a "b\n"',
        r"echo 'a\nb'",
        "echo -e x",
        "a !b",
    ],
)
def test_needs_a_shell(command: str) -> None:
    text = f"{BASE}CMD {command}\n"

    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert got.reasons == (NEEDS_SHELL,)


@pytest.mark.parametrize("array", ["['a']", '["a", "b",]', "['node', 'x.js',]", "[a]", "[“a”]"])
def test_an_array_that_is_no_json_goes_to_a_shell(array: str) -> None:
    text = f"{BASE}CMD {array}\n"

    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert got.reasons == (NOT_JSON,)


def test_a_comment_inside_would_be_lost() -> None:
    text = BASE + "CMD a \\\n  # why b\n  b\n"

    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert got.reasons == ("a comment stands inside the command",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "FROM debian:12\r\n# go\r\nCMD a \\\r\n  b\r\n# end\r\n",
            'FROM debian:12\r\n# go\r\nCMD ["a", "b"]\r\n# end\r\n',
        ),
        ("\ufefffrom debian:12\ncmd   a   b", '\ufefffrom debian:12\ncmd   ["a", "b"]'),
        (BASE + "CMD\ta b  \t\n\n", BASE + 'CMD\t["a", "b"]  \t\n\n'),
        ("# escape=`\nFROM debian:12\nCMD a `\n  b\n", '# escape=`\nFROM debian:12\nCMD ["a", "b"]\n'),
        (
            BASE + "RUN <<EOF\nCMD a b\nEOF\nCMD a b\n",
            BASE + 'RUN <<EOF\nCMD a b\nEOF\nCMD ["a", "b"]\n',
        ),
        (BASE + "CMD a\nCMD b\n", BASE + 'CMD a\nCMD ["b"]\n'),
        (
            "FROM debian:12 AS a\nCMD x y\n\nFROM a\nRUN z\n",
            'FROM debian:12 AS a\nCMD ["x", "y"]\n\nFROM a\nRUN z\n',
        ),
        ("FROM node:20\nCMD node x\n", 'FROM node:20\nCMD ["node", "x"]\n'),
        (
            "FROM golang:1.23 AS dev\nCMD air -c x\n\nFROM debian:12\nCMD a b\n",
            'FROM golang:1.23 AS dev\nCMD air -c x\n\nFROM debian:12\nCMD ["a", "b"]\n',
        ),
    ],
)
def test_keeps_the_rest(text: str, expected: str) -> None:
    assert rewrite("use-exec-form", text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        BASE + 'CMD ["a"]\n',
        BASE + "CMD []\n",
        BASE + "CMD\n",
        BASE + "RUN a b\n",
        BASE + "ONBUILD CMD a b\n",
        BASE + "HEALTHCHECK CMD curl x\n",
        BASE + 'SHELL ["bash", "-c"]\nCMD a b\n',
        # `exec` hands process 1 over: nothing is left to gain.
        BASE + "CMD exec serve :$PORT\n",
        BASE + "CMD exec -a foo node\n",
        'FROM debian:12 AS a\nSHELL ["bash", "-c"]\n\nFROM a\nCMD x y\n',
        # The exec-form ENTRYPOINT gets a shell as its arguments: odd, and not ours to change.
        BASE + 'ENTRYPOINT ["./a"]\nCMD -v\n',
        'FROM debian:12 AS a\nENTRYPOINT ["x"]\n\nFROM a\nCMD z y\n',
        "FROM golang:1.23\nCMD air -c x\n",
    ],
)
def test_leaves_alone(text: str) -> None:
    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert got.reasons == ()


@pytest.mark.parametrize(
    "text",
    [
        BASE + 'ENTRYPOINT ./a\nCMD ["-v"]\n',
        BASE + "ENTRYPOINT ./a\nCMD []\n",
        BASE + "CMD -v\nENTRYPOINT ./a\n",
        'FROM debian:12 AS a\nENTRYPOINT ./a\n\nFROM a\nCMD ["-v"]\n',
        'FROM debian:12 AS a\nENTRYPOINT ./a\n\nFROM a AS b\nRUN x\n\nFROM b\nCMD ["-v"]\n',
    ],
)
def test_a_shell_entrypoint_that_arguments_follow(text: str) -> None:
    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert ARGUMENTS_FOLLOW in got.reasons


def test_a_cmd_of_another_entrypoint_does_not_follow() -> None:
    text = 'FROM debian:12 AS a\nENTRYPOINT ./a b\n\nFROM a\nENTRYPOINT ["c"]\nCMD ["-v"]\n'

    assert rewrite("use-exec-form", text).text == text.replace("./a b", '["./a", "b"]')


def test_arguments_that_compose_gives() -> None:
    text = BASE + "ENTRYPOINT ./a\n"

    assert rewrite("use-exec-form", text, usage=service(command=("-v",))).reasons == (ARGUMENTS_FOLLOW,)
    assert rewrite("use-exec-form", text, usage=service(entrypoint=("b",))).text == BASE + 'ENTRYPOINT ["./a"]\n'


@pytest.mark.parametrize("command", ["exec -a foo node", "exec exec a", "exec serve :$PORT"])
def test_exec_gives_the_shells_place_to_the_program(command: str) -> None:
    """Nothing is gained by an exec form, so nothing is said."""
    got = rewrite("use-exec-form", f"FROM x\nCMD {command}\n")

    assert got.text == f"FROM x\nCMD {command}\n"
    assert got.reasons == ()


@pytest.mark.parametrize(
    "comment",
    [
        'Use shell-style CMD so that the image uses ["/bin/sh", "-c", "npm start"]',
        "the shell form is on purpose",
        "run by sh -c",
        "it needs a shell: see the wrapper",
    ],
)
def test_a_comment_says_that_a_shell_is_meant(comment: str) -> None:
    text = f"FROM x\nEXPOSE 80\n# {comment}\nCMD python3 app.py\n"

    got = rewrite("use-exec-form", text)

    assert got.text == text
    assert got.reasons == ("the comment above says that a shell is meant to start it",)


@pytest.mark.parametrize("comment", ["start it", "no shell here", "deploy with shellcheck", "the push -c option"])
def test_other_comments_say_nothing_of_a_shell(comment: str) -> None:
    assert rewrite("use-exec-form", f"FROM x\n# {comment}\nCMD a b\n").text == f'FROM x\n# {comment}\nCMD ["a", "b"]\n'
