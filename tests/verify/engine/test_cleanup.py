"""What the cleaning up asks of the client, and what it does on the disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dockerslim.verify.engine.cleanup import Removal, WatchedEngine, remove_everything, remove_folders
from tests.verify.fake_client import FakeClient, needs_scripts

RUN = "0123456789ab"
FILTER = ["--filter", f"label=io.dockerslim.run={RUN}"]


@needs_scripts
def test_asks_for_each_kind_by_the_label_and_empties_the_cache_mounts(tmp_path: Path) -> None:
    client = FakeClient.make(tmp_path)

    removal = remove_everything([WatchedEngine((str(client.path),), "team")], RUN)

    assert removal == Removal(0, True)
    listings = [call for call in client.calls if "ls" in call]
    assert [call[0] for call in listings] == ["container", "network", "volume", "image"]
    assert all(call[-2:] == FILTER for call in listings)
    assert client.calls[-1] == [
        *("buildx", "prune", "--builder", "team", "--force", "--filter"),
        f"description~=dockerslim-{RUN}-cache",
    ]
    assert not any("rm" in call for call in client.calls)


@needs_scripts
def test_removes_what_is_there_and_looks_again(tmp_path: Path) -> None:
    client = (
        FakeClient.make(tmp_path).answer("container", "ls", output="c1\nc2\n").answer("image", "ls", output="i\ni\n")
    )

    removal = remove_everything([WatchedEngine((str(client.path),))], RUN, seconds=0.5)

    assert removal == Removal(3, False)
    assert ["container", "rm", "--force", "--volumes", "c1", "c2"] in client.calls
    assert ["image", "rm", "--force", "i"] in client.calls
    assert len([call for call in client.calls if call[:2] == ["image", "ls"]]) > 1


@needs_scripts
def test_an_engine_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    client = FakeClient.make(tmp_path).answer("container", "ls", error="no engine", code=1)

    assert remove_everything([WatchedEngine((str(client.path),))], RUN) == Removal(0, False)


def test_a_client_that_is_gone_raises_nothing(tmp_path: Path) -> None:
    assert remove_everything([WatchedEngine((str(tmp_path / "docker"),))], RUN) == Removal(0, False)


@needs_scripts
def test_podman_has_its_cache_mounts_in_a_folder(tmp_path: Path) -> None:
    client = FakeClient.make(tmp_path / "bin", "podman")
    folder = tmp_path / "cache"
    (folder / "mount").mkdir(parents=True)

    remove_everything([WatchedEngine((str(client.path),), cache_folder=folder)], RUN)

    assert client.calls[-1] == ["unshare", "rm", "-rf", str(folder)]
    assert not folder.exists()
    assert not any(call[0] == "buildx" for call in client.calls)


@needs_scripts
def test_podman_that_never_built_has_no_such_folder(tmp_path: Path) -> None:
    client = FakeClient.make(tmp_path / "bin", "podman")

    remove_everything([WatchedEngine((str(client.path),), cache_folder=tmp_path / "cache")], RUN)

    assert not any(call[0] == "unshare" for call in client.calls)


def test_removes_folders_whatever_their_modes(tmp_path: Path) -> None:
    folder = tmp_path / "context"
    (folder / "locked" / "deeper").mkdir(parents=True)
    (folder / "locked" / "deeper" / "file").touch(mode=0o400)
    (folder / "locked" / "deeper").chmod(0o000)
    (folder / "locked").chmod(0o500)

    assert remove_folders(RUN, [folder, tmp_path / "never made"]) == Removal(1, True)
    assert not folder.exists()


def test_finds_folders_by_the_name_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / f"dockerslim-{RUN}-x").mkdir()
    (tmp_path / "dockerslim-000000000000-x").mkdir()

    assert remove_folders(RUN, []).found == 1
    assert [path.name for path in tmp_path.iterdir()] == ["dockerslim-000000000000-x"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_follows_no_link_out_of_a_folder(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o500)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    (tmp_path / "itself").symlink_to(outside)

    remove_folders(RUN, [folder, tmp_path / "itself"])

    assert not folder.exists()
    assert outside.stat().st_mode & 0o777 == 0o500
