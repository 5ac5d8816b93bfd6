"""The maintenance PIN: right, wrong, and the wait that makes guessing useless."""

import asyncio
import logging
from pathlib import Path

import pytest

from kiosk import settings
from kiosk.journey.events import PinJudged
from kiosk.staff_pin import StaffPin
from program import pin
from program.settings_file import SettingsError
from tests.conftest import ROOT

RIGHT, WRONG = PinJudged(right=True), PinJudged(right=False)
SEALED = pin.seal("739154", bytes(16))
DEMO = ROOT / "config" / "demo" / "kiosk.toml"


class Door:
    """A PIN and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._pin = StaffPin(SEALED, lambda: self.now)

    def give(self, *pins: str) -> list[PinJudged]:
        return [asyncio.run(self._pin.judge(one)) for one in pins]

    def give_at_once(self, *pins: str) -> list[PinJudged]:
        async def all_of_them() -> list[PinJudged]:
            return await asyncio.gather(*(self._pin.judge(one) for one in pins))

        return asyncio.run(all_of_them())


def test_the_right_one_opens_and_a_wrong_one_may_be_mended() -> None:
    assert Door().give("739155", "", "739154") == [WRONG, WRONG, RIGHT]


def test_the_third_wrong_one_makes_everybody_wait_a_minute() -> None:
    door = Door()
    assert door.give("1", "2", "3") == [WRONG, WRONG, PinJudged(right=False, wait_s=60)]
    door.now += 59.5
    assert door.give("739154") == [PinJudged(right=False, wait_s=1)]
    door.now += 0.5
    assert door.give("739154") == [RIGHT]


def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_a_right_one_ends_it() -> None:
    door = Door()
    door.give("1", "2")
    waits = []
    for _ in range(7):
        [judged] = door.give("3")
        waits.append(judged.wait_s)
        door.now += judged.wait_s
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    assert door.give("739154", "1", "2", "3") == [
        RIGHT, WRONG, WRONG, PinJudged(right=False, wait_s=60),
    ]  # fmt: skip


def test_guesses_at_once_are_as_many_guesses() -> None:
    judged = Door().give_at_once(*"12345", "739154")
    assert [one.right for one in judged] == [False] * 6
    assert judged[-1].wait_s == 60


def test_each_use_is_logged_without_a_digit_of_it(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    Door().give("864209", "739154")
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "wrong" in caplog.text
    assert "right" in caplog.text
    assert not any(given in caplog.text for given in ("864209", "739154"))


def kiosk_toml(folder: Path, old: str, new: str) -> Path:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    path = folder / "kiosk.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_the_demo_opens_with_the_pin_that_its_file_names() -> None:
    maintenance = settings.load(DEMO).maintenance
    assert maintenance is not None
    assert pin.fits("2468", maintenance.pin)


@pytest.mark.parametrize("host", ["192.0.2.7", "branch.example", "[2001:db8::1]"])
def test_the_pin_that_everybody_knows_is_refused_on_a_real_branch(
    host: str, tmp_path: Path
) -> None:
    path = kiosk_toml(tmp_path, "127.0.0.1:8080", f"{host}:8080")
    with pytest.raises(SettingsError, match=r"\[maintenance\]: key 'pin'.*python -m program\.pin"):
        settings.load(path)


def test_a_pin_that_is_not_sealed_is_refused_with_the_way_to_seal_it(tmp_path: Path) -> None:
    sealed = settings.load(DEMO).maintenance
    assert sealed is not None
    path = kiosk_toml(tmp_path, sealed.pin, "2468")
    with pytest.raises(SettingsError, match=r"\[maintenance\].*'pin'.*python -m program\.pin"):
        settings.load(path)


def test_without_the_section_there_is_no_maintenance(tmp_path: Path) -> None:
    text = DEMO.read_text(encoding="utf-8")
    section = text.partition("[maintenance]")[2].partition("\n# python")[0]
    assert settings.load(kiosk_toml(tmp_path, "[maintenance]" + section, "")).maintenance is None
