"""The bank's list of branches."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.messages import Birth
from head_office.picture import Picture
from head_office.register import TARGET_S, Place, Register, Unusable, load

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
TITLES = "branch,region,name_zh-Hans,name_en,latitude,longitude,target_s\n"


def written(folder: Path, text: str) -> Path:
    file = folder / "branches.csv"
    file.write_text(text, encoding="utf-8")
    return file


def born(branch: str) -> Birth:
    return Birth(
        branch=branch, name={}, version="1", epoch="e", session="s", status="online", at=NOON
    )


def test_a_branch_of_the_list(tmp_path: Path) -> None:
    file = written(tmp_path, TITLES + "bund,East/Shanghai,外滩支行,The Bund,31.24,121.49,900\n")
    names = {"zh-Hans": "外滩支行", "en": "The Bund"}
    assert load(file) == {
        "bund": Place(
            branch="bund",
            region="East/Shanghai",
            names=names,
            latitude=31.24,
            longitude=121.49,
            target_s=900,
        )
    }


def test_only_the_id_is_needed(tmp_path: Path) -> None:
    assert load(written(tmp_path, "\ufeffbranch\nbund\n")) == {"bund": Place(branch="bund")}
    assert load(written(tmp_path, TITLES + "bund,,,,,,\n"))["bund"].target_s == TARGET_S


def test_a_time_zone_may_be_named(tmp_path: Path) -> None:
    found = load(written(tmp_path, "branch,time_zone\nurumqi,Asia/Urumqi\nbund,\n"))
    assert [found[one].time_zone for one in ("urumqi", "bund")] == ["Asia/Urumqi", ""]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: expected the titles branch"),
        ("id,region\nbund,East\n", "found id, region"),
        (TITLES + "bund,,,,95,0,\n", "line 2: 'latitude' is '95': expected a number from -90"),
        (TITLES + "bund,,,,x,0,\n", "'latitude' is 'x'"),
        (TITLES + "bund,,,,,,nan\n", "'target_s' is 'nan'"),
        (TITLES + "bund,,,,,,0\n", "expected a number from 1 to 86400"),
        (TITLES + "a b,,,,,,\n", "'branch' is 'a b': expected letters"),
        (TITLES + "bund,,,,,,\nbund,,,,,,\n", "line 3: branch bund stands here a second time"),
        (TITLES + "bund,East\n", "line 2: expected as many fields as there are titles"),
        (TITLES + "bund,,,,,,,more\n", "line 2: expected as many fields"),
        ("branch,time_zone\nbund,Mars\n", "line 2: 'time_zone' is 'Mars': expected one such as"),
        ("branch,time_zone\nbund,../x\n", "line 2: 'time_zone' is '../x'"),
        ('branch\n"bund\n', "is not CSV in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unusable) as refused:
        load(written(tmp_path, text))
    assert said in str(refused.value)
    assert "branches.csv" in str(refused.value)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="cannot be read"):
        Register(tmp_path / "branches.csv")
    (tmp_path / "branches.csv").write_bytes("branch\n外\n".encode("gb18030"))
    with pytest.raises(Unusable, match="is not CSV in UTF-8"):
        Register(tmp_path / "branches.csv")


def test_a_list_that_changes_is_read_again_and_a_bad_one_changes_nothing(tmp_path: Path) -> None:
    file = written(tmp_path, "branch\nbund\n")
    register = Register(file)
    assert not register.read_again()
    written(tmp_path, "branch,region\nbund,East\nxidan,North\n")
    assert register.read_again()
    assert register.of("xidan").region == "North"
    written(tmp_path, "branch,branch\nnobody can read this,\n")
    assert not register.read_again()
    assert register.of("xidan").region == "North"
    written(tmp_path, "branch,region\nbund,South\n")
    assert register.read_again()
    assert register.of("bund").region == "South"


def test_a_branch_that_never_reported_is_in_the_picture(tmp_path: Path) -> None:
    file = written(tmp_path, "branch,region\nbund,East\nxidan,North\n")
    register = Register(file)
    picture = Picture(register=register)
    picture.place(NOON)
    assert [(one.branch, one.status, one.region) for one in picture.all()] == [
        ("bund", "never", "East"),
        ("xidan", "never", "North"),
    ]
    picture.birth(born("bund"), NOON)
    picture.birth(born("tianhe"), NOON)
    assert {one.branch: (one.status, one.region) for one in picture.all()} == {
        "bund": ("online", "East"),
        "xidan": ("never", "North"),
        "tianhe": ("online", ""),
    }
    written(tmp_path, "branch,region\ntianhe,South/Guangzhou\n")
    register.read_again()
    picture.place(NOON)
    assert {one.branch: (one.status, one.region) for one in picture.all()} == {
        "bund": ("online", ""),
        "tianhe": ("online", "South/Guangzhou"),
    }


def test_a_clock_that_is_set_back_hides_no_silence() -> None:
    picture, hour = Picture(), timedelta(hours=1)
    picture.birth(born("bund"), NOON + hour)
    picture.fall_silent(NOON)
    picture.fall_silent(NOON + timedelta(seconds=31))
    now = picture.one("bund")
    assert now is not None
    assert (now.status, now.seen_at) == ("silent", NOON)


def test_a_branch_that_was_closed_for_good_is_forgotten_once_it_has_gone(tmp_path: Path) -> None:
    register = Register(written(tmp_path, "branch\nbund\nxidan\n"))
    picture = Picture(register=register)
    for branch in ("bund", "xidan"):
        picture.birth(born(branch), NOON)
    written(tmp_path, "branch,region\nbund,East\n")
    register.read_again()
    picture.place(NOON)
    assert [one.branch for one in picture.all()] == ["bund", "xidan"], "it still speaks"
    picture.fall_silent(NOON + timedelta(minutes=1))
    picture.place(NOON + timedelta(hours=23))
    assert [one.branch for one in picture.all()] == ["bund", "xidan"], "somebody must look"
    picture.place(NOON + timedelta(hours=25))
    assert [one.branch for one in picture.all()] == ["bund"]


def test_without_a_list_nobody_is_forgotten() -> None:
    picture = Picture()
    picture.birth(born("bund"), NOON)
    picture.fall_silent(NOON + timedelta(minutes=1))
    picture.place(NOON + timedelta(days=9))
    assert [one.status for one in picture.all()] == ["silent"]
