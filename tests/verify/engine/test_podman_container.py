"""What Podman tells of a container, read as if Docker had told it."""

from __future__ import annotations

import io
import tarfile

from dockerslim.verify.engine.podman_container import uid_in_archive, without_podmans_own


def test_what_podman_changes_itself_is_no_change_of_the_program() -> None:
    changed = {"/etc": "C", "/etc/passwd": "C", "/run": "A", "/etc/app.conf": "A", "/data": "A"}

    assert without_podmans_own(changed) == {"/etc/app.conf": "A", "/data": "A"}


def test_what_is_gone_was_removed_by_the_program() -> None:
    assert without_podmans_own({"/etc/passwd": "D"}) == {"/etc/passwd": "D"}


def test_finds_a_user_by_name() -> None:
    archive = _archive("passwd", b"root:x:0:0::/root:/bin/sh\nnonroot:x:65532:65532::/:/none\nshort\n")

    assert uid_in_archive(archive, "nonroot") == 65532
    assert uid_in_archive(archive, "short") is None
    assert uid_in_archive(archive, "else") is None


def test_no_table_names_nobody() -> None:
    assert uid_in_archive(b"", "root") is None
    assert uid_in_archive(b"no archive" * 200, "root") is None
    assert uid_in_archive(_archive("passwd", b"x" * 2000)[:900], "root") is None


def _archive(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()
