"""The JSON that programs read."""

from __future__ import annotations

import json
from typing import Any

from dockerslim.verify.report.json_report import render_json
from tests.verify.report.made_up import ALL, DIFFERS, FAILS, HARMFUL, IDLE, SAME, UNKNOWN

IMAGE_KEYS = ["size", "compressed", "layers", "files", "packages", "shell", "package_managers", "user", "seconds"]
FILE_KEYS = [
    "path",
    "verdict",
    "nothing_to_do",
    "transforms",
    "reason",
    "help",
    "before",
    "after",
    "changed",
    "differences",
    "checks",
    "notes",
    "culprits",
    "runtime_tried",
    "logs",
]


def read(*verifications: Any) -> dict[str, Any]:
    return json.loads(render_json(verifications))  # type: ignore[no-any-return]


def test_keys_are_always_the_same() -> None:
    report = read(*ALL, HARMFUL)

    assert list(report) == ["version", "verdict", "files"]
    assert report["version"] == 1
    assert [list(file) for file in report["files"]] == [FILE_KEYS] * (len(ALL) + 1)
    images = [file[side] for file in report["files"] for side in ("before", "after") if file[side]]
    assert [list(image) for image in images] == [IMAGE_KEYS] * len(images)


def test_figures() -> None:
    (file,) = read(SAME)["files"]

    assert file["before"]["size"] == 905_000_000
    assert file["after"] == {
        "size": 9_900_000,
        "compressed": 4_040_000,
        "layers": 3,
        "files": 1_234,
        "packages": 3,
        "shell": None,
        "package_managers": [],
        "user": "65532:65532",
        "seconds": {"cold_build": 41.2, "source_change": 0.9, "dependency_change": 5.1},
    }
    assert file["changed"] == {"source": "main.go", "dependency": "go.mod"}


def test_what_is_not_known_is_null() -> None:
    (unknown,) = read(UNKNOWN)["files"]
    (fails,) = read(FAILS)["files"]

    assert (unknown["before"], unknown["after"]) == (None, None)
    assert unknown["reason"].startswith("the Dockerfile does not build")
    assert fails["after"]["compressed"] is None
    assert fails["after"]["seconds"] == {"cold_build": None, "source_change": None, "dependency_change": None}
    assert (fails["reason"], fails["help"], fails["changed"]["source"]) == (None, None, None)


def test_differences_and_culprits() -> None:
    (file,) = read(DIFFERS)["files"]
    difference = {
        "what": "GET :8080/static/x.css",
        "before": "200",
        "after": "404",
        "detail": "--- before\n+++ after\n-body { color: red }\n+not found",
    }

    assert file["differences"][0] == difference
    assert file["differences"][1]["detail"] is None
    assert file["culprits"] == [
        {
            "transform": "go/split-stages",
            "left_out": False,
            "difference": difference,
            "log": "/logs/go-split-stages.log",
        }
    ]
    assert file["logs"] == ["/logs/after.log"]


def test_the_verdict_is_the_worst() -> None:
    assert read(SAME, DIFFERS, UNKNOWN)["verdict"] == "differs"
    assert read(SAME, FAILS, UNKNOWN)["verdict"] == "could not tell"
    assert read(SAME, FAILS)["verdict"] == "fails the same way"
    assert read(SAME, IDLE)["verdict"] == "same"
    assert read()["verdict"] == "could not tell"


def test_any_text_is_valid_for_strict_readers() -> None:
    text = render_json([HARMFUL])

    assert text.isascii()
    assert "\\udce9" in json.loads(text)["files"][0]["path"]
    json.dumps(json.loads(text), ensure_ascii=False).encode()
