"""Which user a text means in an image."""

from __future__ import annotations

import pytest

from dockerslim.verify.image.image_tree import ImageTree
from dockerslim.verify.image.user_names import ProcessUser, process_user, shown_owner, shown_user
from tests.verify.image_archives import member, tree

PASSWD = b"""root:x:0:0:root:/root:/bin/sh
node:x:1000:1000:Node:/home/node:/bin/sh
app:x:1001:33::/srv:/bin/false

short:x
"""
GROUP = b"""root:x:0:
www:x:33:
node:x:1000:app
audio:x:29:node,app
"""
IMAGE = tree(member("etc/passwd", PASSWD), member("etc/group", GROUP))


@pytest.mark.parametrize(
    ("text", "user"),
    [
        ("", ProcessUser(0, 0, home="/root", name="root")),
        ("root", ProcessUser(0, 0, home="/root", name="root")),
        ("0", ProcessUser(0, 0, home="/root", name="root")),
        ("node", ProcessUser(1000, 1000, frozenset({29}), "/home/node", "node")),
        ("1000", ProcessUser(1000, 1000, frozenset({29}), "/home/node", "node")),
        ("1000:1000", ProcessUser(1000, 1000, frozenset(), "/home/node", "node")),
        ("app", ProcessUser(1001, 33, frozenset({29, 1000}), "/srv", "app")),
        ("app:node", ProcessUser(1001, 1000, frozenset(), "/srv", "app")),
        ("app:7", ProcessUser(1001, 7, frozenset(), "/srv", "app")),
        ("65532", ProcessUser(65532, 0)),
        ("65532:65532", ProcessUser(65532, 65532)),
        ("short", ProcessUser(0, 0, frozenset(), "/", "short")),
        ("nobody", None),
        ("app:nobody", None),
        ("-1", None),
        ("99999999999999999999999", None),
        ("\u0661", None),
    ],
)
def test_as_whom_a_process_runs(text: str, user: ProcessUser | None) -> None:
    assert process_user(IMAGE, text) == user


@pytest.mark.parametrize(
    ("text", "user"), [("", ProcessUser(0, 0)), ("5:6", ProcessUser(5, 6)), ("5", ProcessUser(5, 0)), ("root", None)]
)
def test_an_image_without_users(text: str, user: ProcessUser | None) -> None:
    assert process_user(ImageTree(), text) == user


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "root"),
        ("0:0", "root"),
        ("root", "root"),
        ("node", "node (1000)"),
        ("app:node", "app:node (1001:1000)"),
        ("1000", "1000"),
        ("1000:1000", "1000:1000"),
        ("65532", "65532"),
        ("nobody", "nobody"),
    ],
)
def test_as_a_person_reads_it(text: str, shown: str) -> None:
    assert shown_user(IMAGE, text) == shown


def test_without_the_files_a_name_stays_a_name() -> None:
    assert shown_user(None, "node") == "node"


@pytest.mark.parametrize(
    ("owner", "shown"), [((0, 0), "root"), ((1001, 33), "app:www"), ((5, 5), "5:5"), ((0, 29), "root:audio")]
)
def test_owners(owner: tuple[int, int], shown: str) -> None:
    assert shown_owner(IMAGE, *owner) == shown


def test_owners_where_the_image_has_no_names() -> None:
    assert shown_owner(ImageTree(), 0, 0) == "root"
    assert shown_owner(ImageTree(), 5, 0) == "5:root"


def test_membership() -> None:
    user = ProcessUser(1, 2, frozenset({3}))

    assert user.is_member(2) and user.is_member(3) and not user.is_member(1)
