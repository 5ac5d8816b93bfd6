"""kiosk.toml: what is wrong is said with file, section, key and what was expected, before anything starts."""

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk import settings
from program.settings_file import SettingsError
from tests.conftest import ROOT

DEMO = ROOT / "config" / "demo" / "kiosk.toml"
HERE = "http://127.0.0.1:8080"
BANK = 'bank = { "zh-Hans" = "和谐银行", "zh-Hant" = "和諧銀行", "en" = "Harmony Bank" }'


def changed(folder: Path, old: str, new: str) -> Path:
    text = DEMO.read_text(encoding="utf-8")
    assert old in text
    path = folder / "changed.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def check(path: Path) -> "subprocess.CompletedProcess[str]":
    words = [sys.executable, "-m", "kiosk", "--check", "--config", str(path)]
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


def refusal(path: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        settings.load(path)
    return str(caught.value)


def test_the_demo_configuration_can_be_used() -> None:
    done = check(DEMO)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_demo_configuration_is_what_it_says() -> None:
    loaded = settings.load(DEMO)
    assert (loaded.kiosk.name, loaded.screen.width_px, loaded.times.ticket_s) == (
        "kiosk-1",
        1080,
        15,
    )
    kinds = ["ticket_printer", "magnetic_stripe", "id_card", "scanner", "contactless"]
    assert [device.kind for device in loaded.devices] == kinds


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("idle_s = 60", "idle_secs = 60", ("[times]", "'idle_secs'", "idle_s, slow_idle_s")),
        (
            'kind = "ticket_printer"',
            'kind = "telex"',
            ("[devices", "'kind'", "'telex'", "ticket_printer, magnetic_stripe"),
        ),
        ("width_px = 1080", 'width_px = "wide"', ("[screen]", "'width_px'", "int", "str")),
    ],
    ids=["unknown key", "unknown kind", "wrong type"],
)
def test_the_program_ends_with_status_2_and_says_where(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    path = changed(tmp_path, old, new)
    done = check(path)
    assert done.returncode == 2
    assert [word for word in (str(path), *said) if word not in done.stderr] == []
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[times]", "[time]", ("top of the file", "'time'")),
        ('name = "kiosk-1"', "", ("[kiosk]", "'name'", "missing")),
        ('name = "kiosk-1"', 'name = ""', ("[kiosk]", "'name'")),
        ('name = "kiosk-1"', 'name = "a/../b"', ("[kiosk]", "'name'", "slash")),
        ('name = "kiosk-1"', 'name = ".."', ("[kiosk]", "'name'")),
        ('name = "kiosk-1"', 'name = "a\\nb"', ("[kiosk]", "'name'")),
        ('"en" = "Harmony Bank"', '"en" = " "', ("[kiosk]", "'bank'")),
        (BANK, "bank = {}", ("[kiosk]", "'bank'")),
        *(
            (f'url = "{HERE}"', f'url = "{url}"', ("[branch]", "'url'", "http://HOST:PORT"))
            for url in (
                "http://",
                "http://[::1",
                f"{HERE}9999",
                "http://h:x",
                "http://a b",
                f"{HERE}?a=1",
                f"{HERE}\\n",
            )
        ),
        ("width_px = 1080", "width_px = 1000000000", ("[screen]", "'width_px'")),
        ("ticket_s = 15", "ticket_s = 0.001", ("[times]", "'ticket_s'")),
        ('language = "zh-Hans"', 'language = "fr"', ("[kiosk]", "'language'")),
        ('url = "http:', 'url = "ftp:', ("[branch]", "'url'")),
        ("diagonal_inch = 21.5", "diagonal_inch = 0", ("[screen]", "'diagonal_inch'")),
        ("diagonal_inch = 21.5", "diagonal_inch = nan", ("[screen]", "'diagonal_inch'")),
        ("ticket_s = 15", "ticket_s = 0", ("[times]", "'ticket_s'")),
        ("ticket_s = 15", "ticket_s = true", ("[times]", "'ticket_s'")),
        ("idle_s = 60", "idle_s = inf", ("[times]", "'idle_s'")),
        ("idle_s = 60", "warning_s = 19", ("[times]", "'warning_s'", "20")),
        ("idle_s = 60", "slow_idle_s = -1", ("[times]", "'slow_idle_s'")),
        ("diagonal_inch = 21.5", 'theme = "pink"', ("[screen]", "'theme'", "pink")),
        ('first = ["wealth"]', "first = [7]", ("[cards.issuers", "'first'")),
        ('prefix = "622202"', 'prefix = "62"', ("[cards.issuers", "'prefix'")),
        ('segment = "vip"', 'segment = "king"', ("[cards.issuers", "'segment'")),
        ('port = "run/printer"', "port = 7", ("[devices", "'port'")),
        ('port = "run/printer"', 'port = "x"\nbaud = 0', ("[devices", "'baud'")),
        ('port = "run/printer"', 'port = "x"\nbaud = -9600', ("[devices", "'baud'")),
        ('port = "run/printer"', 'port = "x"\ncolour = 1', ("[devices", "'colour'")),
        (
            'port = "run/printer"',
            'port = "x"\noptions = { colour = 1 }',
            ("[devices", "'colour'"),
        ),
        ('name = "card_reader"', 'name = "printer"', ("[devices", "'name'")),
        ('name = "card_reader"', 'name = "a/b"', ("[devices", "'name'", "slash")),
        ('name = "card_reader"', 'name = "a\\nb"', ("[devices", "'name'")),
        ('kind = "magnetic_stripe"', 'kind = "call_pad"', ("[devices", "'kind'", "branch.toml")),
        ('"run/card_reader"', '"./run/printer"', ("[devices", "'port'", "printer and card_reader")),
        (
            'port = "run/printer"',
            'port = "x"\noptions = { left_s = nan }',
            ("[devices", "'options'", "left_s"),
        ),
        (
            'port = "run/printer"',
            'port = "x"\noptions = { process_id = "no" }',
            ("[devices", "'options'", "process_id", "`bool`"),
        ),
        (
            'port = "run/scanner"',
            'port = "x"\noptions = { gap_s = -1 }',
            ("[devices", "'options'", "gap_s"),
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_section_and_key(
    tmp_path: Path, old: str, new: str, said: tuple[str, ...]
) -> None:
    path = changed(tmp_path, old, new)
    text = refusal(path)
    assert [word for word in (str(path), *said) if word not in text] == []


def test_who_sets_no_times_gets_those_that_people_need() -> None:
    times = settings.Times()
    assert (times.idle_s, times.warning_s, times.slow_idle_s) == (60, 30, 120)
    assert (times.ticket_s, times.ticket_without_paper_s) == (15, 60)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "none.toml") in refusal(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("garbage", "said"),
    [
        (b"\xff\xfe", "save it as UTF-8"),
        (b"[kiosk", "is not TOML"),
        (b"= 1", "is not TOML"),
        (b"\x00", "is not TOML"),
    ],
)
def test_what_is_not_toml_is_refused(tmp_path: Path, garbage: bytes, said: str) -> None:
    path = tmp_path / "garbage.toml"
    path.write_bytes(garbage)
    assert said in refusal(path)


OF_THE_DEMO = '[camera]\nport = "sim://run/camera"\n'
CAMERA = """
[camera]
port = "usb:046d:0825:A1B2C3"
"""


@pytest.mark.parametrize(
    "camera",
    [
        CAMERA,
        CAMERA + "width = 1280\nheight = 720\nturned = 90\n",
        '[camera]\nport = "sim://run/camera"\n',
        '[camera]\nport = "/dev/v4l/by-id/x"\nidentity = "usb:046d:0825"\n',
    ],
)
def test_a_camera_is_a_section_of_its_own(tmp_path: Path, camera: str) -> None:
    loaded = settings.load(changed(tmp_path, OF_THE_DEMO, camera))
    assert loaded.camera is not None


@pytest.mark.parametrize(
    ("camera", "said"),
    [
        ('[camera]\nport = "0"\n', "'port'"),
        ('[camera]\nport = "usb:46d:825"\n', "'port'"),
        ('[camera]\nport = "sim://"\n', "'port'"),
        ('[camera]\nport = "/dev/video0"\n', "devices list"),
        (CAMERA + "turned = 45\n", "turned"),
        (CAMERA + 'name = "printer"\n', "'name'"),
    ],
)
def test_a_camera_that_could_be_any_camera_is_refused(
    tmp_path: Path, camera: str, said: str
) -> None:
    message = refusal(changed(tmp_path, OF_THE_DEMO, camera))
    assert "camera" in message
    assert said in message


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (OF_THE_DEMO, "", "section [identity]"),
        ('records = "http://127.0.0.1:8060/pictures"', "", "'records'"),
        ('consent = "2026-11"', "", "consent"),
        ('consent = "2026-11"', 'consent = "of a friend"', "consent"),
        ('records = "http://127.0.0.1:8060/pictures"', 'records = "ftp://x"', "records"),
        ('consent = "2026-11"', 'consent = "2026-11"\nengine = "clever"', "engine"),
    ],
)
def test_a_check_that_could_compare_with_nothing_is_refused(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    assert said in refusal(changed(tmp_path, before, after))
