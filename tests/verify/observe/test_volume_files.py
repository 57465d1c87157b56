"""Files in volumes."""

from __future__ import annotations

from dockerslim.verify.engine.run_identity import RunIdentity
from dockerslim.verify.observe.volume_files import files_written
from tests.verify.fake_engine import FakeEngine

RUN = RunIdentity.new()


def test_what_is_newer_than_the_start() -> None:
    fake = FakeEngine(
        listed="999 /volumes/0/old\n1000 /volumes/0/a b\n1001 /volumes/0/c/d\nno time\n1001 /else\nx /volumes/0/e\n"
    )
    assert files_written(fake.engine, RUN, "alpine:3", {"/data": "v"}, 1000) == {"/data/a b": "A", "/data/c/d": "A"}
    (request,) = fake.containers.values()
    assert [(mount.volume, mount.target, mount.read_only) for mount in request.mounts] == [("v", "/volumes/0", True)]
    assert request.network == "none"
    assert not fake.existing


def test_no_volumes_need_no_container() -> None:
    fake = FakeEngine()
    assert files_written(fake.engine, RUN, "alpine:3", {}, 0) == {}
    assert not fake.log
