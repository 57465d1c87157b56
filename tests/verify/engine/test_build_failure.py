"""Why a build failed, from what it printed."""

from __future__ import annotations

import pytest

from dockerslim.verify.engine.build_failure import build_failure
from dockerslim.verify.errors import BuildFailed

RUN_FAILS = """\
#5 [build 2/3] RUN --mount=type=cache,target=/root/.npm     npm ci
#5 0.101 npm error code ERESOLVE
#5 ERROR: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
------
 > [build 2/3] RUN --mount=type=cache,target=/root/.npm     npm ci:
0.101 npm error code ERESOLVE
0.102 npm error could not resolve
------
Dockerfile:5
--------------------
   4 |     COPY package.json ./
   5 | >>> RUN --mount=type=cache,target=/root/.npm \\
   6 | >>>     npm ci
   7 |
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1
"""

COPY_FAILS = """\
#6 ERROR: failed to calculate checksum of ref d9e7::mfv1: "/nope.txt": not found
------
 > [2/2] COPY nope.txt /:
------
app.Dockerfile:2
--------------------
   1 |     FROM alpine:3
   2 | >>> COPY nope.txt /
--------------------
ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref d9e7::mfv1: \
"/nope.txt": not found
"""

IMAGE_MISSING = """\
#2 ERROR: docker.io/library/nosuch:9: not found
------
 > [internal] load metadata for docker.io/library/nosuch:9:
------
Dockerfile:1
--------------------
   1 | >>> FROM nosuch:9
--------------------
ERROR: failed to build: failed to solve: nosuch:9: failed to resolve source metadata for docker.io/library/nosuch:9: \
docker.io/library/nosuch:9: not found
"""

PODMAN_FAILS = """\
STEP 2/2: RUN npm ci
npm error code ERESOLVE
Error: building at STEP "RUN npm ci": while running runtime: exit status 1
"""


def test_names_the_step_its_line_and_its_exit_code() -> None:
    error = build_failure(RUN_FAILS.splitlines(keepends=True), "docker")

    assert isinstance(error, BuildFailed)
    assert error.message == "`RUN npm ci` (line 5) failed with exit code 1"
    assert error.help == "its last words: npm error could not resolve"
    assert error.output == RUN_FAILS


def test_a_copy_of_what_is_not_there() -> None:
    error = build_failure(COPY_FAILS.splitlines(), "docker")

    assert isinstance(error, BuildFailed)
    assert error.message == '`COPY nope.txt /` (line 2) failed: "/nope.txt": not found'


def test_an_instruction_that_there_is_not() -> None:
    log = "ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: FOO"

    error = build_failure([log], "docker")

    assert isinstance(error, BuildFailed)
    assert error.message == "line 2: unknown instruction: FOO"


def test_a_step_of_podman() -> None:
    error = build_failure(PODMAN_FAILS.splitlines(), "podman")

    assert isinstance(error, BuildFailed)
    assert error.message == "`RUN npm ci` failed with exit status 1"


def test_an_image_that_can_not_be_had_is_no_fault_of_the_dockerfile() -> None:
    error = build_failure(IMAGE_MISSING.splitlines(), "docker")

    assert not isinstance(error, BuildFailed)
    assert error.message == "the image `nosuch:9` was not found"


def test_a_program_that_filled_the_disk() -> None:
    error = build_failure(RUN_FAILS.replace("could not resolve", "ENOSPC: no space").splitlines(), "docker")

    assert not isinstance(error, BuildFailed)
    assert error.message == "the disk is full"


def test_what_a_program_prints_is_not_taken_for_the_engines_words() -> None:
    log = RUN_FAILS.replace("could not resolve", "Cannot connect to the Docker daemon").replace(
        "npm ci", "secret a: not found"
    )

    assert isinstance(build_failure(log.splitlines(), "docker"), BuildFailed)


def test_a_long_instruction_is_cut() -> None:
    error = build_failure(RUN_FAILS.replace("npm ci", "npm ci " + "x" * 500).splitlines(), "docker")

    assert len(error.message) < 160


def test_the_lack_of_memory_is_guessed_from_the_exit_code() -> None:
    error = build_failure(RUN_FAILS.replace("exit code: 1", "exit code: 137").splitlines(), "docker")

    assert error.message.endswith("failed with exit code 137")
    assert "memory" in error.help


@pytest.mark.parametrize("log", ["", "\n", "ERROR: ", "------\n > \n", "------", " > [a] b:", "#1 ERROR\n\x00\n"])
def test_reads_any_log(log: str) -> None:
    assert build_failure(log.splitlines(), "docker").message
