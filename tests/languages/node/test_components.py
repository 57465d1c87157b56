"""The scripts of Vue's, Svelte's and Astro's files."""

from __future__ import annotations

import pytest

from dockerslim.languages.node.components import script_of


@pytest.mark.parametrize(
    ("path", "text", "script"),
    [
        ("a.vue", "<template/>\n<script setup lang='ts'>\nlet a\n</script>\n", "\n\nlet a\n"),
        ("a.vue", "<script>a</script>\n<script setup>b</script>", "a\nb"),
        ("a.svelte", "<SCRIPT>a</SCRIPT>", "a"),
        ("a.astro", "---\nlet a\n---\n<p>{a}</p>\n<script>b</script>", "\nlet a\n"),
        ("a.astro", "<p/>\n", ""),
        ("a.astro", "<p/>\n---\n---\n", ""),
        ("a.vue", "<script>never ends", ""),
        ("a.vue", "", ""),
    ],
)
def test_the_script(path: str, text: str, script: str) -> None:
    assert script_of(path, text) == script
