"""The README says what is true today."""

from __future__ import annotations

import os
import re
from pathlib import Path

from dockerslim.engine.registry import load
from dockerslim.output.diff import proven_diff

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
START, END = "<!-- transforms -->\n", "<!-- /transforms -->"


def transforms_table() -> str:
    rows = ["| transform | for | does |", "|---|---|---|"]
    for transform in sorted(load(), key=lambda t: (t.id, t.name)):
        languages = ", ".join(sorted(transform.languages)) or "any"
        rows.append(f"| `{transform.name}` | {languages} | {transform.title} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_transforms_is_the_registrys() -> None:
    text = README.read_text("utf-8")
    before, rest = text.split(START)
    current, after = rest.split(END)

    if os.environ.get("UPDATE_README") and not os.environ.get("CI"):
        README.write_text(before + START + transforms_table() + END + after, "utf-8")
        return

    assert current == transforms_table(), "run UPDATE_README=1 pytest tests/test_readme.py"


def test_the_diff_that_the_readme_starts_with_is_the_fixtures() -> None:
    diff = re.search(r"```diff\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert diff is not None
    fixture = ROOT / "fixtures" / "go" / "static-http"
    before, after = ((fixture / f"{name}.Dockerfile").read_bytes() for name in ("before", "after"))

    assert diff[1].encode() == proven_diff(before, after, "Dockerfile")


def test_the_refusal_in_the_readme_is_one_that_the_tool_makes() -> None:
    text = README.read_text("utf-8")
    output = (ROOT / "fixtures" / "go" / "opaque-script" / "output.txt").read_text("utf-8")

    assert "what `./deploy/prepare.sh` writes is not known" in text
    assert "skipped[go/split-stages]: what `./deploy/prepare.sh` writes is not known" in output
