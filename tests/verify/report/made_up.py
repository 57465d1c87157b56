"""Verifications that no engine was needed for."""

from __future__ import annotations

from pathlib import Path

from dockerslim.verify.verification import Comparison, Culprit, Difference, ImageFigures, Times, Verification

LARGE = ImageFigures(905_000_000, 310_000_000, 9, 12_345, 312, "/bin/bash", ("apt",), "root", Times(31.2, 31.6, 40.1))
SMALL = ImageFigures(9_900_000, 4_040_000, 3, 1_234, 3, "", (), "65532:65532", Times(41.2, 0.9, 5.1))
LOST = Difference("GET :8080/static/x.css", "200", "404", "--- before\n+++ after\n-body { color: red }\n+not found")
HOSTILE = "\x1b[31m[bold]a|b`c</summary><img src=x>\n@someone #1 www.x.example http://x.example\u202e\udce9"

SAME = Verification(
    "api/Dockerfile",
    "same",
    Comparison("same", notes=("the date in GET :8080/ differs",), checks=("GET :8080/ 200", "exit code 0")),
    LARGE,
    SMALL,
    ("go/split-stages", "add-user"),
    source_file="main.go",
    dependency_file="go.mod",
)
DIFFERS = Verification(
    "web/Dockerfile",
    "differs",
    Comparison("differs", (LOST, Difference("ENV LANG", "C.UTF-8", "not set")), (), ("GET :8080/ 200",)),
    LARGE,
    SMALL,
    ("go/split-stages",),
    (Culprit("go/split-stages", LOST, Path("/logs/go-split-stages.log")),),
    logs=(Path("/logs/after.log"),),
)
LEFT_OUT = Verification(
    "web/Dockerfile",
    "same",
    Comparison("same", checks=("GET :8080/ 200",)),
    LARGE,
    LARGE,
    ("add-user",),
    (Culprit("go/split-stages", LOST),),
    runtime_tried=(("gcr.io/distroless/static", "GET :8080/: 200 before, no answer after"), ("debian:12", "same")),
)
FAILS = Verification(
    "job/Dockerfile",
    "fails the same way",
    Comparison("fails the same way", checks=("exit code 1", "output")),
    ImageFigures(5_000_000, None, 2, None, None, "/bin/sh", ("apk",), "1000"),
    ImageFigures(5_000_000, None, 2, None, None, "/bin/sh", ("apk",), "1000"),
    ("use-exec-form",),
)
UNKNOWN = Verification(
    "old/Dockerfile",
    "could not tell",
    reason="the Dockerfile does not build as it is: `RUN make` failed with exit code 2",
    help="make it build, then verify again",
    logs=(Path("/logs/before.log"),),
)
IDLE = Verification("done/Dockerfile", "same", nothing_to_do=True)
ALL = (SAME, DIFFERS, LEFT_OUT, FAILS, UNKNOWN, IDLE)

HARMFUL = Verification(
    HOSTILE,
    "differs",
    Comparison("differs", (Difference(HOSTILE, HOSTILE, HOSTILE, f"```\n{HOSTILE}"),), (HOSTILE,), (HOSTILE,)),
    ImageFigures(1, None, 1, None, None, HOSTILE, (HOSTILE,), HOSTILE),
    ImageFigures(1, None, 1, None, None, HOSTILE, (HOSTILE,), HOSTILE, Times(None, 1.0, 1.0)),
    (HOSTILE,),
    (Culprit(HOSTILE, Difference(HOSTILE, HOSTILE, HOSTILE, HOSTILE), Path("/x") / HOSTILE),),
    HOSTILE,
    HOSTILE,
    (Path("/y") / HOSTILE,),
    HOSTILE,
    HOSTILE,
    ((HOSTILE, HOSTILE),),
)
"""Whatever can hold a text of a project holds one that wants to be more than text."""
