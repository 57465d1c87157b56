"""A user that a file names is made by it, or is in the base image, after a rewrite as before."""

from __future__ import annotations

import pytest

from dockerslim.engine.contract import violations
from tests.engine.cases import case_of, replacing, run_on

NOTHING: frozenset[str] = frozenset()
LOST = "nothing makes the user or group `app` that {} names"


def broken(before: str, after: str) -> tuple[str, ...]:
    return violations(case_of(before), case_of(after), NOTHING)


@pytest.mark.parametrize(
    "make",
    [
        "RUN useradd app\n",
        "RUN adduser -D -u 5 app\n",
        "RUN groupadd -g 5 app && useradd -u 5 -g app app\n",
        "RUN set -e; \\\n    useradd \\\n      --uid 5 \\\n      app\n",
        "RUN <<EOF\naddgroup app\nadduser app\nEOF\n",
        "RUN if true; then useradd app; fi\n",
        "RUN echo app:x:5:5::/:/bin/sh >> /etc/passwd\n",
        "COPY --from=alpine /etc/passwd /etc/passwd\n",
    ],
)
@pytest.mark.parametrize("base", ["debian:12", "example.com/unknown:1"])
def test_whoever_makes_a_user_must_stay(base: str, make: str) -> None:
    before = f"FROM {base}\n{make}RUN a\nUSER app\n"

    assert broken(before, before) == ()
    assert broken(before, before.replace(make, "")) == (LOST.format("USER"),)


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ("FROM node:20\nUSER node\n", "FROM node:20-slim\nUSER node\n", False),
        ("FROM debian:12\nUSER www-data\n", "FROM debian:12-slim\nUSER www-data\n", False),
        ("FROM debian:12\nRUN useradd app\nUSER app\n", "FROM debian:12\nUSER app\nRUN useradd app\n", True),
        (
            "FROM debian:12 AS a\nRUN useradd app\n\nFROM a\nUSER app\n",
            "FROM debian:12 AS a\n\nFROM a\nRUN useradd app\nUSER app\n",
            False,
        ),
        (
            "FROM debian:12 AS a\nRUN useradd app\n\nFROM a\nUSER app\n",
            "FROM debian:12 AS a\nRUN useradd app\n\nFROM debian:12\nUSER app\n",
            True,
        ),
        ("FROM debian:12\nRUN useradd app\nCOPY --chown=app a b\n", "FROM debian:12\nCOPY --chown=app a b\n", True),
        ("FROM debian:12\nRUN useradd app\nCOPY --chown=5:app a b\n", "FROM debian:12\nCOPY --chown=5:app a b\n", True),
        ("FROM debian:12\nENV U=app\nRUN useradd app\nUSER $U\n", "FROM debian:12\nENV U=app\nUSER $U\n", True),
        # What was never there, or is not named, is nobody's loss.
        ("FROM debian:12\nUSER app\n", "FROM debian:12\nUSER app\n", False),
        ("FROM debian:12\nRUN ./make-users.sh\nUSER app\n", "FROM debian:12\nUSER app\n", False),
        ("FROM debian:12\nRUN useradd app\nUSER 5\n", "FROM debian:12\nUSER 5\n", False),
        ("FROM debian:12\nRUN useradd app\nUSER root\n", "FROM debian:12\nUSER root\n", False),
        ("FROM debian:12\nRUN useradd app\nRUN a\n", "FROM debian:12\nRUN a\n", False),
        (
            "FROM debian:12\nRUN useradd app-2 && useradd app\nUSER app\n",
            "FROM debian:12\nRUN useradd app-2\nUSER app\n",
            True,
        ),
    ],
)
def test_where_a_user_comes_from(before: str, after: str, lost: bool) -> None:
    found = [text for text in broken(before, after) if text.startswith("nothing makes")]

    assert bool(found) is lost


def test_a_step_that_takes_the_user_away_is_dropped() -> None:
    text = 'FROM debian:12\nRUN useradd --uid 5 app\nCOPY a /a\nUSER app\nCMD ["/a"]\n'

    result = run_on(text, replacing("RUN useradd --uid 5 app\n", "", "lose-user"))

    assert result.text == text
    assert [(d.transform, d.proof, d.detail) for d in result.dropped] == [
        ("lose-user", "contract", LOST.format("USER"))
    ]
