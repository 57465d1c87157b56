"""The copy of a build context, and the folders of the candidates."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from dockerslim.verify.build.candidate import Candidate
from dockerslim.verify.build.context_changes import ContextEdit
from dockerslim.verify.build.context_copy import CopyLimits
from dockerslim.verify.build.workspace import Workspace
from dockerslim.verify.engine.cleanup import remove_folders
from dockerslim.verify.errors import VerifyError

needs_posix = pytest.mark.skipif(os.name != "posix", reason="links, fifos and modes of POSIX")
not_as_root = pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 0)() == 0, reason="root reads files whatever their mode is"
)


def tree(folder: Path, *paths: str) -> Path:
    for path in paths:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith("/"):
            file.mkdir()
        else:
            file.write_text(path)
    return folder


def copied(tmp_path: Path, ignore: bytes | None = None, limits: CopyLimits | None = None) -> Workspace:
    root = tmp_path / "project"
    return Workspace.create(
        tmp_path / "work", root, root / "Dockerfile", ignore, *([limits] if limits is not None else [])
    )


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_all_that_is_not_hidden_is_copied(tmp_path: Path) -> None:
    tree(
        tmp_path / "project", "Dockerfile", ".dockerignore", ".git/HEAD", "src/app.py", "node_modules/a/index.js", "e/"
    )

    workspace = copied(tmp_path, b"node_modules\n")

    assert names(workspace.context) == {
        "Dockerfile", ".dockerignore", ".git", ".git/HEAD", "src", "src/app.py", "e",
    }  # fmt: skip
    assert (workspace.context / "src/app.py").read_text() == "src/app.py"


def test_what_a_rule_brings_back_comes_with_the_folders_above_it(tmp_path: Path) -> None:
    tree(tmp_path / "project", "dist/web/index.html", "dist/web/map", "dist/api/main.js", "dist/empty/")

    workspace = copied(tmp_path, b"dist\n!dist/web/*.html\n")

    assert names(workspace.context) == {"dist", "dist/web", "dist/web/index.html"}


@needs_posix
def test_modes_times_and_links_stay_as_they_are(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "run.sh", "shut/inside")
    (root / "run.sh").chmod(0o751)
    os.utime(root / "run.sh", ns=(10**18, 10**18 + 7))
    (root / "shut").chmod(0o555)
    os.utime(root / "shut", ns=(10**18, 10**18 + 9))
    for link, target in (("out", "/etc/hostname"), ("up", "../.."), ("odd", "./run.sh"), ("gone", "nothing")):
        os.symlink(target, root / link)  # noqa: PTH211 (as it is written)

    context = copied(tmp_path).context

    assert stat.S_IMODE((context / "run.sh").stat().st_mode) == 0o751
    assert (context / "run.sh").stat().st_mtime_ns == 10**18 + 7
    assert stat.S_IMODE((context / "shut").stat().st_mode) == 0o555
    assert (context / "shut").stat().st_mtime_ns == 10**18 + 9
    assert [os.readlink(context / link) for link in ("out", "up", "odd", "gone")] == [  # noqa: PTH115
        "/etc/hostname", "../..", "./run.sh", "nothing",
    ]  # fmt: skip
    assert remove_folders("0" * 12, [context.parent]).complete
    (root / "shut").chmod(0o755)


@needs_posix
def test_what_is_no_file_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path / "project", "file")
    os.mkfifo(root / "fifo")
    monkeypatch.chdir(root)  # the path of a socket has a short limit
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")

        assert names(copied(tmp_path).context) == {"file"}


@needs_posix
def test_nobody_else_may_look_into_it(tmp_path: Path) -> None:
    tree(tmp_path / "project", "file")

    assert stat.S_IMODE(copied(tmp_path).folder.stat().st_mode) == 0o700


def test_a_folder_that_is_there_already_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, "project/file", "work/of-somebody-else")

    with pytest.raises(VerifyError, match="no folder can be made"):
        copied(tmp_path)


def test_too_many_bytes_name_the_largest_folder(tmp_path: Path) -> None:
    tree(tmp_path / "project", "src/app.py", "web/small")
    (tmp_path / "project/web/media").mkdir()
    (tmp_path / "project/web/media/film").write_bytes(b"x" * 5000)

    with pytest.raises(VerifyError) as caught:
        copied(tmp_path, limits=CopyLimits(bytes=1000))

    assert "most of it in `web/media`" in caught.value.message
    assert caught.value.help == "put `web/media` into .dockerignore"
    assert not (tmp_path / "work/context").exists()


def test_too_many_files_name_the_largest_folder(tmp_path: Path) -> None:
    tree(tmp_path / "project", "src/app.py", *(f"data/{number}" for number in range(30)))

    with pytest.raises(VerifyError, match=r"more than 20 files, most of it in `data`"):
        copied(tmp_path, limits=CopyLimits(entries=20))


def test_no_single_folder_is_to_blame(tmp_path: Path) -> None:
    tree(tmp_path / "project", *(f"{folder}/{number}" for folder in "abc" for number in range(10)))

    with pytest.raises(VerifyError) as caught:
        copied(tmp_path, limits=CopyLimits(entries=30))

    assert "most of it" not in caught.value.message
    assert caught.value.help == "put what no COPY needs into .dockerignore"


def test_a_full_disk_is_told_before_anything_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path / "project", "file")
    monkeypatch.setattr("dockerslim.verify.build.context_copy.shutil.disk_usage", lambda _: _Usage())

    with pytest.raises(VerifyError, match="no space left"):
        copied(tmp_path)


class _Usage:
    free = 1


@needs_posix
@not_as_root
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "keys/private")
    (root / "keys/private").chmod(0)

    with pytest.raises(VerifyError, match=r"`keys/private` of the build context can't be copied"):
        copied(tmp_path)


def test_an_unreadable_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tree(tmp_path / "project", "file")

    def refuse(path: Path) -> object:
        raise PermissionError(13, "Permission denied", str(root / "keys"))

    monkeypatch.setattr("dockerslim.verify.build.context_copy.os.scandir", refuse)

    with pytest.raises(VerifyError, match=r"`keys` of the build context can't be copied: Permission denied"):
        copied(tmp_path)


def test_each_candidate_has_a_dockerfile_and_an_ignore_file(tmp_path: Path) -> None:
    tree(tmp_path / "project", "Dockerfile")
    workspace = copied(tmp_path)

    before = workspace.candidate_folder(Candidate("before", b"FROM a\r\n", None))
    after = workspace.candidate_folder(Candidate("after", b"FROM b\n", b"dist\n"))
    odd = workspace.candidate_folder(Candidate("../../x", b"FROM c\n", b""))

    assert before.read_bytes() == b"FROM a\r\n"
    assert after.with_name("Dockerfile.dockerignore").read_bytes() == b"dist\n"
    # A builder that finds none beside the Dockerfile, or an empty one, takes the one of the context.
    assert before.with_name("Dockerfile.dockerignore").read_bytes().startswith(b"#")
    assert odd.with_name("Dockerfile.dockerignore").read_bytes().startswith(b"#")
    assert odd.is_relative_to(workspace.folder) and ".." not in odd.parts
    assert not workspace.context.joinpath("Dockerfile.dockerignore").exists()


def test_an_edit_lasts_only_for_a_while(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "app.py")
    os.utime(root / "app.py", ns=(10**18, 10**18))
    workspace = copied(tmp_path)
    (workspace.context / "app.py").chmod(0o444)

    with pytest.raises(RuntimeError), workspace.edited(ContextEdit("app.py", "# {}"), "abc"):
        assert (workspace.context / "app.py").read_text() == "app.py\n# dockerslim abc\n"
        raise RuntimeError

    status = (workspace.context / "app.py").stat()
    assert (workspace.context / "app.py").read_text() == "app.py"
    assert status.st_mtime_ns == 10**18
    assert not status.st_mode & stat.S_IWUSR
    assert (root / "app.py").read_text() == "app.py"


@needs_posix
def test_no_edit_goes_through_a_link(tmp_path: Path) -> None:
    root = tree(tmp_path / "project", "app.py")
    outside = tree(tmp_path, "outside")
    (root / "linked.py").symlink_to(outside / "outside")
    workspace = copied(tmp_path)

    with pytest.raises(VerifyError, match="no regular file"), workspace.edited(ContextEdit("linked.py", "# {}"), "abc"):
        pass

    assert (outside / "outside").read_text() == "outside"
    with pytest.raises(VerifyError, match="can't be edited"), workspace.edited(ContextEdit("gone.py", "# {}"), "abc"):
        pass
