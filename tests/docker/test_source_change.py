"""After a change of source nothing is installed again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docker import built_images
from tests.docker.build_log import cached_runs, executed_runs
from tests.docker.built_images import BuiltImages
from tests.docker.probe import build
from tests.fixtures_catalogue import DOCKERFILE, FixtureCase, load_cases

pytestmark = pytest.mark.docker

CASES = [case for case in load_cases() if case.source_change is not None]

INSTALLS = re.compile(r"\b(go mod download|npm (ci|install|i)|bun (ci|install|i)|pip3? install|apt-get install)\b")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_install_runs_again(case: FixtureCase, images: BuiltImages, tmp_path: Path) -> None:
    assert case.after is not None, "nothing is written down yet"
    assert case.source_change is not None
    assert images.observe(built_images.after(case)).build.ok
    context = case.lay_out(tmp_path / "project", case.after, case.after_ignore)
    case.source_change.apply(context, number=1)

    second = build(context / DOCKERFILE, context, images.new_tag())

    assert second.ok, second.log[-4000:]
    assert [command for command in executed_runs(second.log) if INSTALLS.search(command)] == []
    assert [command for command in cached_runs(second.log) if INSTALLS.search(command)] != []


def test_a_build_log_tells_what_was_cached() -> None:
    log = (
        "#6 [build 2/4] RUN --mount=type=cache,target=/go/pkg/mod     go mod download\n#6 CACHED\n\n"
        "#7 [build 3/4] COPY . .\n#7 DONE 0.0s\n\n"
        "#8 [build 4/4] RUN go build -o app .\n#8 0.133 go: downloading\n#8 DONE 10.2s\n\n"
        "#9 [stage-1 2/3] RUN useradd app\n#9 CACHED\n"
    )

    assert executed_runs(log) == ("go build -o app .",)
    assert cached_runs(log) == ("--mount=type=cache,target=/go/pkg/mod     go mod download", "useradd app")
