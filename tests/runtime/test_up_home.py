"""Before anything starts: one `up` a home, and ports that are free; each refusal says what to do."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from policy.errors import Invalid, Refused
from runtime.settings import load
from runtime.up_home import alone_on, as_running, check_ports, in_use, is_free, make_home, remember


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    """The store holds personal data."""
    make_home(tmp_path / "new" / "home")
    assert stat.S_IMODE((tmp_path / "new" / "home").stat().st_mode) == 0o700


def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """With the flag that names another."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Invalid, match="cannot be written") as refused:
        make_home(tmp_path / "file")
    assert "--home" in refused.value.faults[0].remedy


def test_a_second_start_on_a_home_names_the_first(tmp_path: Path) -> None:
    """Two timers on one home would tell twice; the lock goes with its process."""
    make_home(tmp_path)
    assert not in_use(tmp_path)
    with alone_on(tmp_path):
        assert in_use(tmp_path)
        with pytest.raises(Refused, match=f"process {os.getpid()}") as refused, alone_on(tmp_path):
            pass
        assert "give another --home" in refused.value.detail
    assert not in_use(tmp_path)
    with alone_on(tmp_path):
        pass


def test_a_folder_that_is_no_home_is_not_in_use(tmp_path: Path) -> None:
    """Asking makes nothing."""
    assert not in_use(tmp_path)


def test_a_taken_port_names_the_port_and_the_flag(tmp_path: Path, taken: int) -> None:
    """So that the next try succeeds."""
    settings = load({"home": tmp_path, "port": taken, "prefect_port": free_port()})
    with pytest.raises(Invalid) as refused:
        check_ports(settings)
    (fault,) = refused.value.faults
    assert str(taken) in fault.message
    assert "--port" in fault.remedy


def test_both_taken_ports_are_told_at_once(tmp_path: Path, taken: int) -> None:
    """Two faults cost one try, not two."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen(1)
        settings = load({"home": tmp_path, "port": taken, "prefect_port": other.getsockname()[1]})
        with pytest.raises(Invalid) as refused:
            check_ports(settings)
    assert [fault.field for fault in refused.value.faults] == ["port", "prefect_port"]
    assert "--prefect-port" in refused.value.faults[1].remedy


def test_with_a_prefect_that_is_there_its_port_does_not_matter(tmp_path: Path, taken: int) -> None:
    """Nobody listens there on our behalf."""
    url = f"http://127.0.0.1:{taken}/api"
    check_ports(load({"home": tmp_path, "port": free_port(), "prefect_port": taken, "prefect_api_url": url}))


def test_one_port_cannot_serve_two(tmp_path: Path) -> None:
    """Found before either is started."""
    with pytest.raises(Invalid, match="to the console and to Prefect"):
        check_ports(load({"home": tmp_path, "port": 15999, "prefect_port": 15999}))


@pytest.mark.parametrize("host", ["no such host", "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_refused(host: str) -> None:
    """Unknown, or somebody else's: said before anything starts."""
    with pytest.raises(Invalid, match="no address of this machine"):
        is_free(host, 15999)


def test_commands_on_a_home_follow_the_up_that_runs_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports and pack come from the running `up`; the environment still goes first; without an `up` there is nothing."""
    settings = load({"home": tmp_path / "home", "port": 8701, "prefect_port": 4301, "pack": "uk_app_baseline"})
    make_home(settings.home)
    remember(settings)
    assert as_running(settings.home) == {}
    with alone_on(settings.home):
        assert as_running(settings.home) == {"port": 8701, "prefect_port": 4301, "pack": "uk_app_baseline"}
        monkeypatch.setenv("VIGIL_PACK", "staffordshire")
        assert "pack" not in as_running(settings.home)
    assert (settings.home / "run" / "settings.json").stat().st_mode & 0o077 == 0
