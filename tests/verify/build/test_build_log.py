"""What is read from the plain progress of a build."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dockerslim.verify.build.build_log import BuildLog, read_line

LOG = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 119B done
#1 DONE 0.0s

#3 [build 1/4] FROM docker.io/library/node:20@sha256:0123456789abcdef
#3 CACHED

#4 [build 2/4] RUN npm ci
#4 CACHED

#5 [build 3/4] COPY . .
#5 DONE 0.1s

#6 [build 4/4] RUN npm run   build
#6 0.523 > build
#6 0.600 sha256:0123456789abcdef is what the program printed
#6 0.700 CACHED
#6 DONE 3.2s

#7 exporting to image
#7 exporting layers 0.1s done
#7 writing image sha256:0123456789abcdef done
#7 DONE 0.2s
"""


def test_the_steps_of_a_build() -> None:
    log = BuildLog.of(LOG.splitlines())

    assert [step.shown for step in log.steps] == [
        "load build definition from Dockerfile",
        "build 1/4: FROM docker.io/library/node:20@sha256:0123456789abcdef",
        "build 2/4: RUN npm ci",
        "build 3/4: COPY . .",
        "build 4/4: RUN npm run build",
        "exporting to image",
    ]
    assert [step.is_cached for step in log.steps] == [False, True, True, False, False, False]
    assert log.steps[4].seconds == 3.2
    assert not log.fetched_image
    assert log.failed is None


def test_what_was_cached() -> None:
    log = BuildLog.of(LOG.splitlines())

    assert log.was_cached("RUN npm ci") is True
    assert log.was_cached("COPY . .") is False
    assert log.was_cached("RUN something else") is None


def test_the_current_step_while_steps_run_at_the_same_time() -> None:
    log = BuildLog()
    shown = []
    for line in (
        "#4 [web 2/3] RUN npm ci",
        "#5 [api 2/3] RUN go build",
        "#4 1.2 added 3 packages",
        "#4 ...",
        "",
        "#5 [api 2/3] RUN go build",
        "#5 DONE 4.0s",
    ):
        step = log.add(line)
        shown.append(step.place if step else None)

    assert shown == ["web 2/3", "api 2/3", "web 2/3", "web 2/3", "web 2/3", "api 2/3", "api 2/3"]
    assert log.current is not None and log.current.text == "RUN go build"


@pytest.mark.parametrize(
    ("line", "fetched"),
    [
        ("#4 sha256:0123456789abcdef0123456789abcdef 12.58MB / 29.12MB 1.2s", True),
        ("#4 sha256:0123456789abcdef0123456789abcdef 29.12MB / 29.12MB 1.4s done", True),
        ("#4 extracting sha256:0123456789abcdef0123456789abcdef", True),
        ("#4 extracting sha256:0123456789abcdef0123456789abcdef 0.4s done", True),
        ("Copying blob 0123456789ab done", True),
        ("#4 resolve docker.io/library/alpine:3@sha256:0123456789abcdef done", False),
        ("#4 writing image sha256:0123456789abcdef done", False),
        ("#4 exporting manifest sha256:0123456789abcdef done", False),
        ("#4 0.2 sha256:0123456789abcdef0123456789abcdef 12.58MB / 29.12MB", False),
        ("#4 DONE 2.0s", False),
    ],
)
def test_whether_an_image_was_fetched(line: str, fetched: bool) -> None:
    log = BuildLog.of(("#4 [1/2] FROM docker.io/library/alpine:3", line))

    assert log.fetched_image is fetched


def test_the_step_that_failed() -> None:
    log = BuildLog.of(
        (
            "#4 [2/2] RUN false",
            '#4 ERROR: process "/bin/sh -c false" did not complete successfully: exit code: 1',
            "------",
            " > [2/2] RUN false:",
            "------",
        )
    )

    assert log.failed is not None
    assert log.failed.shown == "2/2: RUN false"
    assert log.failed.error == 'process "/bin/sh -c false" did not complete successfully: exit code: 1'


def test_podman_numbers_its_steps_otherwise() -> None:
    log = BuildLog.of(
        (
            "[1/2] STEP 1/2: FROM docker.io/library/golang:1.24 AS build",
            "[1/2] STEP 2/2: RUN go build",
            "--> Using cache 0123456789ab",
            "[2/2] STEP 1/1: FROM scratch",
            "COMMIT app",
        )
    )

    assert [(step.shown, step.is_cached) for step in log.steps] == [
        ("1/2: FROM docker.io/library/golang:1.24 AS build", False),
        ("2/2: RUN go build", True),
        ("1/1: FROM scratch", False),
    ]


@given(st.text())
def test_any_line_can_be_read(line: str) -> None:
    read_line(line)
    BuildLog.of((line, f"#1 {line}", f"#1 [{line}", line))
