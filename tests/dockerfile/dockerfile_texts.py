"""Dockerfiles made at random for property tests: mostly well-formed, with all that a parser stumbles over."""

from __future__ import annotations

from hypothesis import strategies as st

BLANKS = st.sampled_from([" ", "  ", "\t", "\v", "\r", "\u00a0", "\u2003", "\ufeff", "\0"])
LINE_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r\r\n"])
CONTINUATIONS = st.sampled_from(
    [
        "\\\n",
        "\\ \t\n",
        "\\\r\n",
        "`\n",
        "\\\\\n",
        "\\\n\n",
        "\\\n# note\n",
        "\\\n  # note \\\n",
        "\\\n \t\n  ",
        "\\\f\n",
    ]
)
HEADS = st.sampled_from(
    [
        "",
        "",
        "",
        "\ufeff",
        "# syntax=docker/dockerfile:1\n",
        "# escape=`\n",
        "# note\n",
        "\n",
        "#!/bin/sh\n",
        "  # escape=`\n",
    ]
)
KEYWORDS = st.sampled_from(
    [
        *("FROM", "RUN", "run", "CMD", "COPY", "ADD", "ENV", "ARG", "LABEL", "EXPOSE", "USER", "WORKDIR", "VOLUME"),
        *("ONBUILD", "HEALTHCHECK", "SHELL", "Entrypoint", "STOPSIGNAL", "X"),
    ]
)
PLAIN = ["a", "&&", "/a/", "b=c", "\u00e9", "\udcff", "AS", "CMD", "NONE", "ENV", "RUN", "# no comment"]
QUOTED = ['k="v w"', "$X", "${X:-d}", "${", "'s t'", "it's", '"open', "\\x", "\\\\", "`"]
FLAGS = ["--link", "--from=x", "--", "--mount=type=cache", "--chown=\u00e9", '--li"nk"']
HEREDOCS = ["<<EOF", "<<-EOF", "<<'EOF'", "3<<EOF", "<<<x", "<< EOF"]
ARRAYS = ['["a", "b"]', '["a", 1]', "['a']", "[]"]
WORDS = st.one_of([st.sampled_from(words) for words in (PLAIN, QUOTED, FLAGS, HEREDOCS, ARRAYS)])
BODIES = st.sampled_from(["", "", "EOF\n", "text\nEOF\n", "FROM x\n# text\nEOF\n", "a \\\n\tEOF\n"])


@st.composite
def instructions(draw: st.DrawFn) -> str:
    parts = [draw(KEYWORDS)]
    for _ in range(draw(st.integers(0, 5))):
        parts += [draw(BLANKS), draw(WORDS)]
        if draw(st.integers(0, 5)) == 0:
            parts.append(draw(CONTINUATIONS))
    return "".join(parts) + draw(LINE_ENDS) + draw(BODIES)


@st.composite
def dockerfile_texts(draw: st.DrawFn) -> str:
    """The text of a Dockerfile, valid or not; undecodable bytes are there as surrogates."""
    between = st.sampled_from(["", "", "", "\n", "# note\n", "  # note\r\n", " \t\n"])
    lines = [draw(HEADS), draw(st.sampled_from(["FROM a\n", "from a AS b\r\n", ""]))]
    for _ in range(draw(st.integers(0, 4))):
        lines += [draw(instructions()), draw(between)]
    text = "".join(lines)
    return text.rstrip("\r\n") if draw(st.booleans()) else text
