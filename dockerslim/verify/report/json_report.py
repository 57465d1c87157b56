"""The report for programs: JSON with a schema that only grows.

`version` is 1. What is not known, not measured or not there is `null`; sizes are bytes, times seconds.

    {
      "version": 1,
      "verdict": "same" | "differs" | "fails the same way" | "could not tell",    the worst of all files
      "files": [
        {
          "path": "api/Dockerfile",
          "verdict": as above,
          "nothing_to_do": false,                true: the file needs no rewrite and nothing was built
          "transforms": ["go/split-stages"],     in what was verified
          "reason": null, "help": null,          of "could not tell"
          "before": image or null,
          "after": image or null,
          "changed": {"source": "main.go", "dependency": "go.mod"},    for the rebuilds; each may be null
          "differences": [{"what": "GET :8080/", "before": "200", "after": "404", "detail": null}],
          "checks": ["GET :8080/ 200"],
          "notes": ["..."],
          "culprits": [{"transform": "go/split-stages", "left_out": true, "difference": as above, "log": null}],
          "runtime_tried": [{"image": "...", "result": "same"}],
          "logs": ["..."]
        }
      ]
    }

An image is

    {
      "size": 905000000, "compressed": 310000000, "layers": 9, "files": 12345, "packages": 312,
      "shell": "/bin/sh", "package_managers": ["apt"], "user": "root",
      "seconds": {"cold_build": 31.2, "source_change": 31.6, "dependency_change": null}
    }
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from dockerslim.verify.report.words import is_left_out, judged, overall
from dockerslim.verify.verification import Comparison, Culprit, Difference, ImageFigures, Verification

VERSION = 1

Json = dict[str, object]


def render_json(verifications: Sequence[Verification]) -> str:
    """The report, ASCII alone, with its keys always in the same order and a newline at its end."""
    report = {"version": VERSION, "verdict": overall(verifications), "files": [_file(one) for one in verifications]}
    return json.dumps(report, indent=2) + "\n"


def _file(verification: Verification) -> Json:
    comparison = verification.comparison or Comparison(verification.verdict)
    return {
        "path": _text(verification.shown),
        "verdict": judged(verification),
        "nothing_to_do": verification.nothing_to_do,
        "transforms": _texts(verification.steps),
        "reason": _text(verification.reason),
        "help": _text(verification.help),
        "before": _image(verification.before),
        "after": _image(verification.after),
        "changed": {"source": _text(verification.source_file), "dependency": _text(verification.dependency_file)},
        "differences": [_difference(difference) for difference in comparison.differences],
        "checks": _texts(comparison.checks),
        "notes": _texts(comparison.notes),
        "culprits": [_culprit(culprit, verification) for culprit in verification.culprits],
        "runtime_tried": [
            {"image": _text(image), "result": _text(result)} for image, result in verification.runtime_tried
        ],
        "logs": [_text(str(path)) for path in verification.logs],
    }


def _image(figures: ImageFigures | None) -> Json | None:
    if figures is None:
        return None
    times = figures.times
    return {
        "size": figures.size,
        "compressed": figures.compressed,
        "layers": figures.layers,
        "files": figures.files,
        "packages": figures.packages,
        "shell": _text(figures.shell),
        "package_managers": _texts(figures.package_managers),
        "user": _text(figures.user),
        "seconds": {
            "cold_build": _seconds(times.cold),
            "source_change": _seconds(times.source_change),
            "dependency_change": _seconds(times.dependency_change),
        },
    }


def _difference(difference: Difference) -> Json:
    return {
        "what": _text(difference.what),
        "before": _text(difference.before),
        "after": _text(difference.after),
        "detail": _text(difference.detail),
    }


def _culprit(culprit: Culprit, verification: Verification) -> Json:
    return {
        "transform": _text(culprit.transform),
        "left_out": is_left_out(culprit, verification),
        "difference": _difference(culprit.difference),
        "log": None if culprit.log is None else _text(str(culprit.log)),
    }


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _texts(values: Sequence[str]) -> list[str | None]:
    return [_text(value) for value in values]


def _text(value: str) -> str | None:
    """None for an empty one; bytes that were no UTF-8 as escapes, since many readers refuse half a surrogate pair."""
    return value.encode("utf-8", "backslashreplace").decode() or None
