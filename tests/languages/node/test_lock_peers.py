"""Lock files that don't hold what their own packages ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dockerslim.context.build_context import BuildContext
from dockerslim.languages.node.lock_peers import unmet_peer


def unmet(packages: dict[str, dict[str, Any]]) -> str | None:
    text = json.dumps({"lockfileVersion": 3, "packages": {"": {}, **packages}})
    return unmet_peer(BuildContext.in_memory({"package-lock.json": text}), "package-lock.json")


PLUGIN = {"version": "1.0.0", "peerDependencies": {"react": "^18"}}


@pytest.mark.parametrize(
    "packages",
    [
        {"node_modules/plugin": PLUGIN, "node_modules/react": {"version": "18.2.0"}},
        {"node_modules/plugin": PLUGIN, "node_modules/plugin/node_modules/react": {"version": "18.0.0"}},
        {"node_modules/plugin": {**PLUGIN, "peerDependenciesMeta": {"react": {"optional": True}}}},
        {"node_modules/plugin": PLUGIN, "node_modules/react": {"link": True}},
        {"node_modules/plugin": PLUGIN, "node_modules/react": {"version": "19.0.0-rc.1"}},
        {"node_modules/plugin": {**PLUGIN, "optional": True}},
        {},
    ],
)
def test_all_is_there(packages: dict[str, dict[str, Any]]) -> None:
    assert unmet(packages) is None


@pytest.mark.parametrize(
    "packages",
    [
        {"node_modules/plugin": PLUGIN},
        {"node_modules/plugin": PLUGIN, "node_modules/react": {"version": "19.0.0"}},
        {
            "node_modules/plugin": {**PLUGIN, "peerDependenciesMeta": {"react": {"optional": True}}},
            "node_modules/react": {"version": "19.0.0"},
        },
        {
            "node_modules/a/node_modules/plugin": PLUGIN,
            "node_modules/a/node_modules/react": {"version": "17.0.0"},
            "node_modules/react": {"version": "18.0.0"},
        },
    ],
)
def test_a_peer_is_missing_or_another_version(packages: dict[str, dict[str, Any]]) -> None:
    assert unmet(packages) == "react"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"packages": []}', '{"packages": {"a": 1}}'])
def test_no_lock_that_can_be_read(text: str) -> None:
    assert unmet_peer(BuildContext.in_memory({"package-lock.json": text}), "package-lock.json") is None
