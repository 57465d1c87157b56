"""Layers laid over each other, and links followed inside the image."""

from __future__ import annotations

import tarfile
import time

from dockerslim.verify.image.image_tree import ImageTree, flatten
from dockerslim.verify.image.layer_content import UNKNOWN_LAYER, Entry, LayerContent
from tests.verify.image_archives import layer, member, tree


def laid(*layers: LayerContent) -> ImageTree:
    made = flatten(layers)
    assert made is not None
    return made


def paths(made: ImageTree) -> set[str]:
    return set(made.entries) - {""}


def test_a_whiteout_takes_all_below_it_from_lower_layers_only() -> None:
    lower = layer(member("a/"), member("a/b/"), member("a/b/c"), member("a/bc"), member("etc/passwd", b"root"))
    upper = layer(member("a/.wh.b"), member("etc/.wh.passwd"))

    assert paths(laid(lower, upper)) == {"a", "a/bc", "etc"}
    assert laid(lower, upper).contents == {}
    assert "a/b/c" in paths(laid(upper, lower))


def test_an_emptied_folder_keeps_what_its_own_layer_adds() -> None:
    lower = layer(member("a/"), member("a/old/"), member("a/old/x"))
    upper = layer(member("a/", mode=0o700), member("a/new"), member("a/.wh..wh..opq"))

    made = laid(lower, upper)

    assert paths(made) == {"a", "a/new"}
    assert made.entries["a"].mode == 0o700


def test_a_folder_that_becomes_a_link() -> None:
    lower = layer(member("lib/"), member("lib/x"), member("usr/lib/"), member("usr/lib/y"))
    upper = layer(member("lib", target="usr/lib"))

    made = laid(lower, upper)

    assert made.entry("/lib/x") is None
    assert made.entry("/lib/y") == made.entries["usr/lib/y"]


def test_a_replaced_file_has_its_new_content() -> None:
    lower = layer(member("etc/passwd", b"old"))

    assert laid(lower, layer(member("etc/passwd", b"new"))).content("/etc/passwd") == b"new"
    assert laid(lower, layer(member("etc/passwd", target="/gone"))).content("/etc/passwd") is None


def test_a_hard_link_is_what_it_links_to() -> None:
    lower = layer(member("bin/busybox", b"12", mode=0o755), member("etc/passwd", b"root"))
    upper = layer(
        member("bin/sh", kind=tarfile.LNKTYPE, target="bin/busybox"),
        member("etc/group", kind=tarfile.LNKTYPE, target="etc/passwd"),
        member("bin/.wh.busybox"),
        member("lost", kind=tarfile.LNKTYPE, target="nowhere"),
    )

    made = laid(lower, layer(*[member("etc/group", kind=tarfile.LNKTYPE, target="etc/passwd")]), lower)
    assert made.content("/etc/group") == b"root"
    assert "lost" not in paths(laid(lower, upper))
    assert laid(lower, layer(member("bin/sh", kind=tarfile.LNKTYPE, target="bin/busybox"))).entry("/bin/sh") == Entry(
        "bin/sh", "file", 2, 0o755, 0, 0
    )


def test_folders_that_no_layer_names_are_roots() -> None:
    assert tree(member("a/b/c")).entries["a/b"] == Entry("a/b", "folder", 0, 0o755, 0, 0)


def test_a_layer_that_is_not_known() -> None:
    assert flatten([layer(member("a")), UNKNOWN_LAYER]) is None


def test_the_root_has_an_entry() -> None:
    assert tree(member("./", mode=0o700)).entry("/") == Entry("", "folder", 0, 0o700, 0, 0)
    assert tree().entry("/.") == Entry("", "folder", 0, 0o755, 0, 0)


def test_files_are_counted_with_links() -> None:
    made = tree(
        member("a/"),
        member("a/x"),
        member("a/y", target="x"),
        member("a/z", kind=tarfile.LNKTYPE, target="a/x"),
        member("null", kind=tarfile.CHRTYPE),
    )

    assert made.files == 3


def test_links_are_followed_inside_the_image() -> None:
    made = tree(
        member("usr/bin/dash", b"x", mode=0o755),
        member("bin", target="usr/bin"),
        member("usr/bin/sh", target="dash"),
        member("usr/bin/up", target="../../../../../usr/bin/sh"),
        member("usr/bin/root", target="/bin/up"),
        member("usr/bin/text"),
    )

    assert made.entry("/bin/root") == made.entries["usr/bin/dash"]
    assert made.is_executable("/bin/root")
    assert not made.is_executable("/bin/text")
    assert not made.is_executable("/bin")
    assert made.walk("/bin/sh", follow=False).entry == made.entries["usr/bin/sh"]
    assert made.walk("/bin/sh").path == "/usr/bin/dash"


def test_a_link_in_circles() -> None:
    made = tree(member("a", target="b"), member("b", target="/a"))

    assert made.entry("/a") is None
    assert made.walk("/a/x").obstacle is not None


def test_a_walk_that_ends_early() -> None:
    made = tree(member("app/"), member("app/file"), member("app/out", target="/data/out"))

    assert made.walk("/app/a/b").missing == ("a", "b")
    assert made.walk("/app/a/b").path == "/app/a/b"
    assert made.walk("/app/out").path == "/data/out"
    assert made.walk("/app/file/x").obstacle == made.entries["app/file"]
    assert made.walk("/app/../app/file").left == (made.entries["app"],)


def test_what_is_below_a_folder() -> None:
    made = tree(member("a/b/c"), member("ab"))

    assert [entry.path for entry in made.below("/a")] == ["a/b", "a/b/c"]


def test_is_fast_for_many_entries() -> None:
    lower = LayerContent(
        tuple(Entry(f"a/{number % 100}/b/{number}", "file", 1, 0o644, 0, 0) for number in range(60_000))
    )
    upper = LayerContent((), frozenset(f"a/{number}" for number in range(50)))

    start = time.process_time()
    made = laid(lower, upper)

    assert made.files == 30_000
    assert time.process_time() - start < 3, "a tenth of that is usual"
