"""Names and labels of a run."""

from __future__ import annotations

import re

from dockerslim.verify.engine.run_identity import RunIdentity


def test_no_two_are_the_same() -> None:
    ids = {RunIdentity.new().id for _ in range(100)}

    assert len(ids) == 100
    assert all(re.fullmatch(r"[0-9a-f]{12}", found) for found in ids)


def test_everything_is_named_for_the_run() -> None:
    run = RunIdentity("0123456789ab")

    assert run.tag("before") == "dockerslim-verify:0123456789ab-before"
    assert run.name("helper") == "dockerslim-0123456789ab-helper"
    assert run.labels == {"io.dockerslim.run": "0123456789ab"}
    assert run.id in run.cache_namespace
    assert run.temporary_folder("x").name.startswith(run.folder_prefix)
