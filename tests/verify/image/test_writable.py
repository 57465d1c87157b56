"""What a user may write, by owners and modes."""

from __future__ import annotations

import pytest

from dockerslim.verify.image.user_names import ProcessUser
from dockerslim.verify.image.writable import Unwritable, unwritable
from tests.verify.image_archives import member, tree

USER = ProcessUser(1000, 1000, frozenset({29}))
OWN = (1000, 1000)

IMAGE = tree(
    member("etc/passwd", b"root:x:0:0::/:\nother:x:1001:1001::/:\n"),
    member("app/", owner=OWN),
    member("app/own", owner=OWN),
    member("app/read-only", mode=0o444, owner=OWN),
    member("app/roots"),
    member("app/everybody", mode=0o666),
    member("app/groups", mode=0o664, owner=(0, 29)),
    member("app/not-others", mode=0o606, owner=(0, 29)),
    member("app/data/"),
    member("app/data/x/"),
    member("app/log", target="/var/log/app"),
    member("app/stdout", target="/dev/stdout"),
    member("app/loop", target="loop"),
    member("var/log/app/", owner=OWN),
    member("closed/", mode=0o700),
    member("closed/open/", mode=0o777),
    member("closed/out", target="/tmp"),
    member("unsearchable/", mode=0o666, owner=(0, 29)),
    member("tmp/", mode=0o1777),
    member("tmp/others", mode=0o666, owner=(1001, 1001)),
    member("tmp/roots", mode=0o666),
    member("volume/", owner=OWN),
)


def why(path: str, volumes: tuple[str, ...] = ()) -> str | None:
    refused = unwritable(IMAGE, USER, [path], volumes)
    assert all(one.path == path and one.paths == (path,) for one in refused)
    return refused[0].why if refused else None


@pytest.mark.parametrize(
    "path",
    [
        "/app/own",
        "/app/new",
        "/app/new/deep/down",
        "/app",
        "/app/everybody",
        "/app/groups",
        "/app/log/new",
        "/app/stdout",
        "/tmp/new",
        "/tmp/roots",
        "/dev/shm/x",
        "/proc/self/comm",
        "/app/../app/own",
    ],
)
def test_what_can_be_written(path: str) -> None:
    assert unwritable(IMAGE, USER, [path]) == ()


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/app/read-only", "/app/read-only belongs to 1000:1000 (444)"),
        ("/app/roots", "/app/roots belongs to root (644)"),
        ("/app/not-others", "/app/not-others belongs to root:29 (606)"),
        ("/app/data", "/app/data belongs to root (755)"),
        ("/app/data/new", "/app/data belongs to root (755)"),
        ("/app/data/a/b", "/app/data/a is not in the image and /app/data belongs to root (755)"),
        ("/data/a", "/data is not in the image and / belongs to root (755)"),
        ("/closed/open/x", "/closed belongs to root (700)"),
        ("/closed/out/x", "/closed belongs to root (700)"),
        ("/unsearchable/x", "/unsearchable belongs to root:29 (666)"),
        ("/tmp/others", "/tmp/others belongs to other:1001 (666)"),
    ],
)
def test_what_can_not(path: str, reason: str) -> None:
    assert why(path) == f"{reason}, the process runs as 1000:1000"


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/app/loop", "/app/loop goes in circles"), ("/app/own/x", "/app/own is no folder")],
)
def test_paths_that_lead_nowhere(path: str, reason: str) -> None:
    assert why(path) == reason


def test_root_writes_everything() -> None:
    assert unwritable(IMAGE, ProcessUser(0, 0), ["/app/read-only", "/closed/x", "/etc/passwd"]) == ()


def test_a_volume_that_is_no_folder_of_the_image_is_roots() -> None:
    assert why("/app/cache/x") is None
    assert why("/app/cache/x", volumes=("/app/cache",)) == (
        "the engine makes /app/cache for root, the process runs as 1000:1000"
    )
    assert why("/volume/x", volumes=("/volume",)) is None


def test_many_paths_below_one_folder_are_told_once() -> None:
    paths = ["/app/data/a", "/app/data/x/b", "/app/data/c", "/app/own", "/etc/passwd"]

    assert unwritable(IMAGE, USER, paths) == (
        Unwritable(
            "/app/data",
            "/app/data belongs to root (755), the process runs as 1000:1000",
            ("/app/data/a", "/app/data/c", "/app/data/x/b"),
        ),
        Unwritable("/etc/passwd", "/etc/passwd belongs to root (644), the process runs as 1000:1000", ("/etc/passwd",)),
    )


def test_the_root_folder_does_not_stand_for_all() -> None:
    assert [one.path for one in unwritable(IMAGE, USER, ["/a", "/b", "/data/x", "/data/y", "/etc/x"])] == [
        "/",
        "/data",
        "/etc/x",
    ]


def test_folders_above_a_written_path_are_not_asked_for() -> None:
    assert unwritable(IMAGE, USER, ["/var", "/var/log", "/var/log/app", "/var/log/app/x"]) == ()
    assert [one.path for one in unwritable(IMAGE, USER, ["/var", "/var/log"])] == ["/var/log"]
