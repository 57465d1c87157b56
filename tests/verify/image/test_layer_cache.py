"""Which layers are known, and which are forgotten first."""

from __future__ import annotations

from dataclasses import replace

from dockerslim.verify.image.layer_cache import LayerCache
from dockerslim.verify.image.layer_content import UNKNOWN_LAYER
from tests.verify.image_archives import layer, member

ONE = layer(member("a"))
TWO = layer(member("a"), member("b"))


def test_by_diff_id_and_by_blob() -> None:
    cache = LayerCache()
    cache.put("sha256:1", ONE, "sha256:packed")

    assert cache.get("sha256:1") is ONE
    assert cache.get("sha256:packed") is ONE
    assert cache.get("sha256:2") is None
    assert cache.has(["sha256:1"]) and not cache.has(["sha256:1", "sha256:2"])


def test_a_size_that_is_not_known() -> None:
    cache = LayerCache()
    cache.put("sha256:1", ONE)

    assert cache.has(["sha256:1"]) and not cache.has(["sha256:1"], compress=True)

    cache.put("sha256:1", replace(ONE, compressed=5))
    cache.put("sha256:1", ONE)

    assert cache.has(["sha256:1"], compress=True)


def test_an_unreadable_layer_is_not_known() -> None:
    cache = LayerCache()
    cache.put("sha256:1", UNKNOWN_LAYER)

    assert not cache.has(["sha256:1"])


def test_what_was_not_used_for_the_longest_goes() -> None:
    cache = LayerCache(entries_limit=4)
    cache.put("sha256:1", ONE)
    cache.put("sha256:2", TWO)
    cache.get("sha256:1")
    cache.put("sha256:3", TWO)

    assert cache.has(["sha256:1", "sha256:3"]) and not cache.has(["sha256:2"])
