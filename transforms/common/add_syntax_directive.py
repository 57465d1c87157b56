"""Add `# syntax=docker/dockerfile:1` to a file that uses `RUN --mount`.

What it does: puts the directive on the first line, above other directives.
Why: engines before 23.0 know `RUN --mount` only from the frontend that the directive names; newer ones get its fixes.
Left alone: a file without `RUN --mount`; one that has the directive; a file that today's frontend reads otherwise
(`1 << 2` in a RUN is a heredoc for it since 1.16); a repository that builds with something other than BuildKit.
Safety: safe. The directive only picks who reads the file, and the file is checked with that reader's rules.
Source: https://docs.docker.com/reference/dockerfile/#syntax
"""

from __future__ import annotations

from collections.abc import Iterator

from dockerslim.dockerfile import Dockerfile, Edit, Span
from dockerslim.engine.transform import Case, Example, Fix, Skip, Transform, Unchanged

DIRECTIVE = "# syntax=docker/dockerfile:1"
OTHER_BUILDER = "the repository shows another builder than BuildKit"

transform = Transform(
    id="add-syntax-directive",
    title="Name the frontend that knows RUN --mount",
    after=frozenset({"add-cache-mounts"}),
    examples=(
        Example(
            "a cache mount",
            "FROM x\nRUN --mount=type=cache,target=/y z\n",
            f"{DIRECTIVE}\nFROM x\nRUN --mount=type=cache,target=/y z\n",
        ),
        Example(
            "beside another directive",
            "# check=skip=all\nFROM x\nRUN --mount=type=cache,target=/y z\n",
            f"{DIRECTIVE}\n# check=skip=all\nFROM x\nRUN --mount=type=cache,target=/y z\n",
        ),
        Unchanged("no mount", "FROM x\nRUN z\n"),
        Unchanged("already there", f"{DIRECTIVE}\nFROM x\nRUN --mount=type=cache,target=/y z\n"),
    ),
)


@transform.plan
def plan(case: Case) -> Iterator[Fix | Skip]:
    dockerfile = case.dockerfile
    if not any(i.flag("mount") for i in dockerfile.instructions if i.keyword == "RUN"):
        return
    if dockerfile.directive("syntax") is not None or _has_shebang_syntax(dockerfile):
        return
    if case.usage.other_builder:
        evidence = case.usage.other_builder[0]
        yield Skip(dockerfile.instructions[0].span, OTHER_BUILDER, note=f"see {evidence}")
        return
    start = 1 if dockerfile.text.startswith("\ufeff") else 0
    yield Fix((Edit(Span(start, start), DIRECTIVE + "\n"),), why="`RUN --mount` works with every BuildKit")


def _has_shebang_syntax(dockerfile: Dockerfile) -> bool:
    """After a `#!` line BuildKit still looks for the directive; a second one would not be the first line."""
    return dockerfile.text.lstrip("\ufeff").startswith("#!")
