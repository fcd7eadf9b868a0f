"""Knocks: whoever waits wakes at once; a knock on nobody hurts nobody."""

from pathlib import Path

from runtime.knock import Listener, knock


def test_a_knock_wakes_and_many_count_as_one(tmp_path: Path) -> None:
    """Five knocks in a row are one look, not five."""
    with Listener(tmp_path, "timer") as listener:
        for _ in range(5):
            knock(tmp_path, "timer")
        assert listener.wait(5)
        assert not listener.wait(0)


def test_without_a_knock_the_wait_ends_with_its_time(tmp_path: Path) -> None:
    """The net of one look a second needs no knock."""
    with Listener(tmp_path, "timer") as listener:
        assert not listener.wait(0)


def test_a_listener_can_wake_itself(tmp_path: Path) -> None:
    """A thread that waits can be asked to stop."""
    with Listener(tmp_path, "timer") as listener:
        listener.knock()
        assert listener.wait(5)


def test_a_knock_on_nobody_is_lost(tmp_path: Path) -> None:
    """Nobody there, or a damaged port file: the knocker goes on."""
    knock(tmp_path, "timer")
    with Listener(tmp_path, "timer"):
        pass
    assert not (tmp_path / "run" / "timer.port").exists()
    (tmp_path / "run" / "timer.port").write_text("not a port")
    knock(tmp_path, "timer")


def test_each_part_hears_its_own(tmp_path: Path) -> None:
    """The worker's knock does not wake the timer."""
    with Listener(tmp_path, "timer") as timer, Listener(tmp_path, "worker") as worker:
        knock(tmp_path, "worker")
        assert worker.wait(5)
        assert not timer.wait(0)


def test_a_successor_keeps_its_port_when_the_old_one_closes(tmp_path: Path) -> None:
    """A part that is started again is heard at once, however late the old one ends."""
    old = Listener(tmp_path, "timer")
    with Listener(tmp_path, "timer") as new:
        old.close()
        assert not old.wait(0), "closed is deaf, not broken"
        knock(tmp_path, "timer")
        assert new.wait(5)
