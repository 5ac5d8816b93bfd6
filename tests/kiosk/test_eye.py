"""The camera while nobody is looked at: there or not, and what a check has found wrong with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from devices.camera.settings import Camera
from kiosk.eye import AGAIN_S, Eye

NOON = datetime(2026, 11, 26, 4, tzinfo=UTC)


class Hall:
    """With a camera on a cable, and a clock."""

    def __init__(self) -> None:
        self.missing, self.seconds = "", 1000.0
        self.wall = NOON
        self.eye = Eye(
            Camera(port="usb:046d:0825", name="eye"),
            "kiosk-1",
            lambda: self.seconds,
            lambda: self.wall,
            lambda _camera: self.missing,
        )

    def later(self, seconds: float) -> None:
        self.seconds += seconds
        self.wall += timedelta(seconds=seconds)

    def becomes(self, missing: str) -> bool:
        self.missing = missing
        return self.eye.look()

    @property
    def said(self) -> tuple[str, str]:
        health = self.eye.health()
        return health.state, health.detail


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_one_that_is_there_is_ready_under_its_own_name(hall: Hall) -> None:
    health = hall.eye.health()
    assert (health.device, health.kind, health.state) == ("kiosk-1/eye", "camera", "ready")
    assert hall.eye.works
    assert not hall.eye.look()


def test_one_that_is_pulled_out_is_news_once_and_so_is_its_return(hall: Hall) -> None:
    hall.later(60)
    assert hall.becomes("noDevice")
    assert hall.said == ("absent", "noDevice")
    assert hall.eye.health().since == NOON + timedelta(seconds=60)
    assert not hall.eye.works
    hall.later(5)
    assert not hall.eye.look()
    assert hall.eye.health().since == NOON + timedelta(seconds=60)
    assert hall.becomes("")
    assert (hall.said, hall.eye.works) == (("ready", ""), True)


def test_another_camera_in_its_place_is_absent_with_the_word(hall: Hall) -> None:
    hall.becomes("noDevice")
    assert hall.becomes("wrongDevice")
    assert hall.said == ("absent", "wrongDevice")


def test_what_a_check_saw_wrong_keeps_it_from_being_offered_for_five_minutes(hall: Hall) -> None:
    assert hall.eye.trouble("lensCovered")
    assert hall.said == ("degraded", "lensCovered")
    hall.later(AGAIN_S - 1)
    assert not hall.eye.look()
    assert (hall.said, hall.eye.works) == (("degraded", "lensCovered"), False)
    hall.later(1)
    assert hall.eye.works
    assert hall.eye.look()
    assert hall.said == ("ready", "")


def test_the_same_again_is_no_news_and_counts_from_now(hall: Hall) -> None:
    hall.eye.trouble("frozen")
    hall.later(AGAIN_S - 1)
    assert not hall.eye.trouble("frozen")
    assert hall.eye.health().since == NOON
    hall.later(2)
    assert not hall.eye.works


def test_a_check_that_saw_well_ends_it(hall: Hall) -> None:
    hall.eye.trouble("frozen")
    assert hall.eye.trouble("")
    assert (hall.said, hall.eye.works) == (("ready", ""), True)


def test_what_lasts_is_not_ended_by_a_check_that_saw_well(hall: Hall) -> None:
    hall.eye.trouble("modelUnusable", lasting=True)
    assert not hall.eye.trouble("")
    assert (hall.said, hall.eye.works) == (("degraded", "modelUnusable"), False)


def test_another_one_that_is_plugged_in_is_not_called_broken(hall: Hall) -> None:
    hall.eye.trouble("frozen")
    hall.becomes("noDevice")
    hall.becomes("")
    assert (hall.said, hall.eye.works) == (("ready", ""), True)


def test_pulled_out_in_a_check_it_is_absent_not_degraded(hall: Hall) -> None:
    hall.eye.trouble("noDevice")
    hall.becomes("noDevice")
    assert hall.said == ("absent", "noDevice")
    hall.becomes("")
    assert hall.eye.works


def test_a_check_that_tells_of_its_end_late_keeps_nobody_from_the_camera_once_it_is_back(
    hall: Hall,
) -> None:
    hall.becomes("noDevice")
    hall.eye.trouble("noDevice")
    assert hall.becomes("")
    assert (hall.said, hall.eye.works) == (("ready", ""), True)


def test_a_wall_clock_that_jumps_changes_nothing(hall: Hall) -> None:
    hall.eye.trouble("frozen")
    hall.wall += timedelta(days=400)
    assert not hall.eye.look()
    assert not hall.eye.works


def test_what_stands_in_sys_is_looked_at_by_itself(tmp_path: Path) -> None:
    """The real look, at a simulated camera that is not there."""
    camera = Camera(port=f"sim://{tmp_path}/camera")
    eye = Eye(camera, "kiosk-1", lambda: 0.0, lambda: NOON)
    assert (eye.health().state, eye.health().detail) == ("absent", "noDevice")
