"""The directive comes with a mount, on the first line, and only there."""

from __future__ import annotations

import pytest

from dockerslim.context.evidence import Evidence
from dockerslim.context.usage import Usage
from dockerslim.dockerfile import Dockerfile
from tests.transforms.rewriting import rewrite

DIRECTIVE = "# syntax=docker/dockerfile:1\n"
FROM = "FROM x\n"
MOUNT = FROM + "RUN --mount=type=cache,target=/y z\n"


@pytest.mark.parametrize(
    "text",
    [
        MOUNT,
        MOUNT.rstrip(),
        MOUNT.lower(),
        FROM + "RUN --mount=type=bind,target=/y z\n",
        FROM + "RUN --network=none --mount=type=secret,id=a z\n",
        FROM + "RUN --mount=type=cache,target=/y <<EOF\necho 1 << 2\nEOF\n",
        "ARG A=1\nFROM x:$A\nRUN --mount=type=cache,target=/y z\n",
        "# escape=\\\n" + MOUNT,
        "# check=skip=all\n" + MOUNT,
        "# a comment\n\n" + MOUNT,
        # The comment above makes a comment of this one as well, for BuildKit.
        "# a comment\n# syntax=docker/dockerfile:1\n" + MOUNT,
        FROM + "# syntax=docker/dockerfile:1\nRUN --mount=type=cache,target=/y z\n",
        "\n\n" + MOUNT,
    ],
)
def test_puts_it_on_the_first_line(text: str) -> None:
    assert rewrite("add-syntax-directive", text).text == DIRECTIVE + text


def test_behind_a_byte_order_mark_and_with_the_file_s_line_ends() -> None:
    got = rewrite("add-syntax-directive", "\ufeff" + MOUNT.replace("\n", "\r\n"))

    assert got.text == "\ufeff" + (DIRECTIVE + MOUNT).replace("\n", "\r\n")


@pytest.mark.parametrize(
    "text",
    [
        FROM + "RUN z\n",
        FROM + "RUN --network=none z\n",
        FROM + "COPY --link a b\n",
        FROM + "RUN <<EOF\nRUN --mount=type=cache,target=/y z\nEOF\n",
        FROM + "ONBUILD RUN --mount=type=cache,target=/y z\n",
        DIRECTIVE + MOUNT,
        "# syntax=docker/dockerfile:1.4\n" + MOUNT,
        "# SYNTAX = example.com/other\n" + MOUNT,
        "  # syntax=docker/dockerfile:1\n" + MOUNT,
        "#!/usr/bin/env x\n" + MOUNT,
        "#!/usr/bin/env x\n# syntax=docker/dockerfile:1\n" + MOUNT,
    ],
)
def test_leaves_alone(text: str) -> None:
    got = rewrite("add-syntax-directive", text)

    assert got.text == text
    assert got.reasons == ()


def test_another_builder() -> None:
    usage = Usage(other_builder=(Evidence("ci.yml", 3, "kaniko"),))

    got = rewrite("add-syntax-directive", MOUNT, usage=usage)

    assert got.text == MOUNT
    assert got.reasons == ("the repository shows another builder than BuildKit",)


@pytest.mark.parametrize("shift", ["1 << 2", "$(( 1 << 2 ))"])
def test_a_file_that_today_s_frontend_rejects_is_never_touched(shift: str) -> None:
    """Older frontends read a shift where newer ones begin a heredoc: the directive would break the build."""
    problem = Dockerfile.of_text(f"{MOUNT}RUN echo {shift}\n").problem

    assert problem is not None
    assert problem.message == "unterminated heredoc"


def test_a_quoted_shift_is_none() -> None:
    text = MOUNT + "RUN echo '1 << 2' $((1<<2))\n"

    assert rewrite("add-syntax-directive", text).text == DIRECTIVE + text
