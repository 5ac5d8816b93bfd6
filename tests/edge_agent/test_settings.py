"""What is wrong with branch.toml is said in one sentence: file, section, key and what is expected."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from edge_agent import settings
from program import command_line, settings_file
from tests.conftest import ROOT
from tests.edge_agent.conftest import DEMO

LISTEN = 'listen = "127.0.0.1:8080"'
NO_DEMO_PROGRAM = ('\n[[staff]]\nname = "demo-program"\ntoken = "demo-staff"', "")
REAL_TOKEN = ('token = "demo-kiosk"', 'token = "a-long-secret-of-our-own"')
OPEN_TO_ALL = (LISTEN, 'listen = "0.0.0.0:8080"')


Capture = pytest.CaptureFixture[str]


class Done(NamedTuple):
    status: int | str | None
    out: str
    err: str


def check(capsys: Capture, config: Path, listen: str | None = None) -> Done:
    """--check, as `edge_agent.__main__` does it."""
    with pytest.raises(SystemExit) as ended:
        command_line.load_or_exit(
            lambda: settings.load(config, listen=listen, data=None, broker=None), check=True
        )
    return Done(ended.value.code, *capsys.readouterr())


def run(config: Path, *words: str) -> Done:
    """The whole program."""
    done = subprocess.run(
        [sys.executable, "-m", "edge_agent", "--config", str(config), *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    text = DEMO.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    config = folder / "branch.toml"
    config.write_text(text, encoding="utf-8")
    return config


WRONG = {  # what is wrong: (what stands in the file, instead of it, section, key, expected)
    "unknown key": ("day_starts_at =", "opens_at =", "branch", "opens_at", "day_starts_at"),
    "missing section": (
        '[store]\ndata = "run/branch"', "", "top of the file", "store", "is missing; expected a section with data",
    ),
    "missing key": (LISTEN, "", "http", "listen", "is missing; expected HOST:PORT"),
    "missing text": ('token = "demo-kiosk"', "", "kiosks", "token", "is missing; expected a text in quotes"),
    "missing list": ("scores = [4, 5]", "", "rating_reasons", "scores", "is missing; expected a list"),
    "wrong type": (LISTEN, "listen = 8080", "http", "listen", "expected"),
    "wrong type in a list": ('code = "cash"', "code = 1", "services", "code", "expected"),
    "no port": (LISTEN, 'listen = "127.0.0.1"', "http", "listen", "HOST:PORT"),
    "port too high": (LISTEN, 'listen = "127.0.0.1:70000"', "http", "listen", "HOST:PORT"),
    "port that is no number": (LISTEN, 'listen = "127.0.0.1:²"', "http", "listen", "HOST:PORT"),
    "no broker address": ("mqtt://127.0.0.1:1883", "nowhere", "broker", "url", "mqtt://"),
    "port 0": ("mqtt://127.0.0.1:1883", "mqtt://127.0.0.1:0", "broker", "url", "mqtt://"),
    "no time zone": ("Asia/Shanghai", "Asia/Atlantis", "branch", "time_zone", "Asia/Shanghai"),
    "time zone outside": ("Asia/Shanghai", "../etc/passwd", "branch", "time_zone", "Asia/Shanghai"),
    "no time of day": ('"04:00"', '"four"', "branch", "day_starts_at", "HH:MM"),
    "time of day with a zone": ('"04:00"', '"04:00+08:00"', "branch", "day_starts_at", "HH:MM"),
    "service code twice": ('code = "cards"', 'code = "cash"', "services", "code", "once"),
    "service letter twice": ('prefix = "B"', 'prefix = "A"', "services", "prefix", "once"),
    "counter twice": ('name = "2"', 'name = "1"', "counters", "name", "once"),
    "service nobody offers": (
        'name = "3"', 'name = "3"\nservices = ["loans"]', "counters", "services", "cash",
    ),
    "a ticket's letter is an opinion's": (
        'prefix = "B"', 'prefix = "S"', "services", "prefix", "opinion_prefix",
    ),
    "reason twice": ('code = "friendly"', 'code = "clear"', "rating_reasons", "code", "once"),
    "a score of no rating": ("scores = [4, 5]", "scores = [6]", "rating_reasons", "scores", "5"),
    "a reason for no score": ("scores = [4, 5]", "scores = []", "rating_reasons", "scores", "1"),
    "sentence twice": ('code = "seats"', 'code = "dirty"', "topics.phrases", "code", "once"),
    "topic twice": ('code = "hall"', 'code = "staff"', "topics", "code", "once"),
    "bad prefix": ('prefix = "A"', 'prefix = "a1"', "services", "prefix", "expected"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_mistake_is_said_with_file_section_key_and_what_is_expected(
    tmp_path: Path, capsys: Capture, wrong: str
) -> None:
    old, new, section, key, expected = WRONG[wrong]
    config = changed(tmp_path, (old, new))
    done = check(capsys, config)
    assert (done.status, done.out) == (2, ""), done.err
    assert "Traceback" not in done.err
    assert len(done.err.strip().splitlines()) == 1
    for word in (str(config), f"[{section}", f"'{key}'", expected):
        assert word in done.err


@pytest.mark.parametrize(
    ("word", "given", "expected"),
    [("--listen", "here", "HOST:PORT"), ("--broker", "mqtt://127.0.0.1:0", "mqtt://HOST:PORT")],
)
def test_of_a_word_that_cannot_be_meant_the_file_is_not_blamed(
    word: str, given: str, expected: str
) -> None:
    done = run(DEMO, "--check", word, given)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith(f"{word}: ")
    assert expected in done.err


@pytest.mark.parametrize(
    ("old", "new", "key", "said"),
    [
        ("{ 1 =", '{ "01" =', "counters", "'01'"),
        ("{ 1 =", '{ "\u0661" =', "counters", "0 to 254"),
        ("{ 1 =", "{ 255 =", "counters", "'255'"),
        ('"" = "cash"', 'x = "cash"', "transfer", "a number"),
        ('"" = "cash"', '"07" = "cash"', "transfer", "'07'"),
        ('"run/signs"', '"run/pads"', "port", "pads and signs"),
        ('kind = "counter_sign"', 'kind = "pole_display"', "counters", "expected one"),
    ],
)
def test_machines_at_the_counters_that_cannot_be_meant(
    tmp_path: Path, capsys: Capture, old: str, new: str, key: str, said: str
) -> None:
    done = check(capsys, changed(tmp_path, (old, new)))
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    for word in ("[devices]", f"'{key}'", said):
        assert word in done.err


@pytest.mark.parametrize(
    "url", ["", "riverside.bank.example", "http://", "http://[fd00::1", "http://a b", "http://?x", "http://:80",
            "ftp://a", "http://lin@a", "http://bank.example?t="],
)  # fmt: skip
def test_where_a_tickets_code_leads_is_a_whole_address(
    tmp_path: Path, capsys: Capture, url: str
) -> None:
    stands = 'public_url = "http://127.0.0.1:8080"'
    done = check(capsys, changed(tmp_path, (stands, f'public_url = "{url}"')))
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    for word in (str(tmp_path), "[http]", "'public_url'", "https://HOST"):
        assert word in done.err


@pytest.mark.parametrize(
    "url",
    [
        "https://Bank.example",
        "http://[fd00::1]:8080",
        "http://银行.example",
        "https://bank.example/",
    ],
)
def test_a_branch_is_reached_by_name_or_number(tmp_path: Path, capsys: Capture, url: str) -> None:
    stands = 'public_url = "http://127.0.0.1:8080"'
    assert check(capsys, changed(tmp_path, (stands, f'public_url = "{url}"'))).status == 0


@pytest.mark.parametrize("name", ["a/b", "/", ".", ".."])
def test_a_counters_name_can_stand_in_an_address(
    tmp_path: Path, capsys: Capture, name: str
) -> None:
    done = check(capsys, changed(tmp_path, ('name = "16"', f'name = "{name}"')))
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    for word in (str(tmp_path), "[counters]", "'name'", f"'{name}'", "without a slash"):
        assert word in done.err


@pytest.mark.parametrize("name", ["branch", "hall/kiosk-1"])
def test_a_kiosks_name_cannot_be_mixed_up_with_a_machines(
    tmp_path: Path, capsys: Capture, name: str
) -> None:
    done = check(capsys, changed(tmp_path, ('name = "kiosk-1"', f'name = "{name}"')))
    assert (done.status, done.out) == (2, "")
    for word in ("[kiosks]", "'name'", name):
        assert word in done.err


@pytest.mark.parametrize(
    "text",
    [
        *("{lable}", "{label", "label}", "{}", "{0}", "{label.x}", "{label.__class__}"),
        *("{label[x]}", "{label[0]}", "{label:>99999999999}", "{label!r}"),
    ],
)
def test_a_signs_text_has_only_label_and_counter_in_braces(
    tmp_path: Path, capsys: Capture, text: str
) -> None:
    config = changed(tmp_path)
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[signs]\nidle = "{text}"\n')
    done = check(capsys, config)
    assert (done.status, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "'idle'" in done.err
    assert "than {label} and {counter}" in done.err


@pytest.mark.parametrize(
    ("changes", "section", "culprit"),
    [
        ([OPEN_TO_ALL], "kiosks", "demo-kiosk"),
        ([OPEN_TO_ALL, REAL_TOKEN], "staff", "demo-staff"),
        ([OPEN_TO_ALL, REAL_TOKEN, NO_DEMO_PROGRAM], "staff", "lin"),
    ],
    ids=["kiosk token", "staff token", "lin's PIN"],
)
def test_demo_credentials_are_refused_where_others_can_reach_them(
    tmp_path: Path, capsys: Capture, changes: list[tuple[str, str]], section: str, culprit: str
) -> None:
    config = changed(tmp_path, *changes)
    done = check(capsys, config)
    assert (done.status, done.out) == (2, ""), done.err
    for word in (str(config), f"[{section}", culprit, "127.0.0.1"):
        assert word in done.err


@pytest.mark.parametrize("address", ["0.0.0.0:8080", "[::]:8080", "192.168.1.5:80", "branch-pc:80"])
def test_the_command_lines_address_counts_for_the_demo_credentials(
    capsys: Capture, address: str
) -> None:
    done = check(capsys, DEMO, address)
    assert done.status == 2
    assert "demo-kiosk" in done.err


@pytest.mark.parametrize("address", ["[::1]:8080", "localhost:8080", "127.0.0.2:0"])
def test_the_demo_runs_on_every_name_of_loopback(capsys: Capture, address: str) -> None:
    assert check(capsys, DEMO, address).status == 0


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path: Path, capsys: Capture) -> None:
    for config, text in [(tmp_path / "none.toml", None), (tmp_path / "half.toml", b"[branch\xff")]:
        if text is not None:
            config.write_bytes(text)
        done = check(capsys, config)
        assert done.status == 2
        assert str(config) in done.err
        assert "Traceback" not in done.err


def test_the_program_itself_ends_with_2_and_starts_nothing(tmp_path: Path) -> None:
    config = changed(tmp_path, OPEN_TO_ALL)
    done = run(config, "--data", str(tmp_path / "data"))
    assert (done.status, done.out) == (2, "")
    assert "demo-kiosk" in done.err
    assert not (tmp_path / "data").exists()


def test_check_of_the_demo_ends_with_0_and_starts_nothing(tmp_path: Path) -> None:
    done = run(DEMO, "--check", "--data", str(tmp_path / "data"))
    assert (done.status, done.err) == (0, "")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (
            '[calling_order]\nrule = "deadline"\ntargets = [{ segment = "vip", minutes = 5 }]',
            "targets",
        ),
        ('[calling_order]\ntargets = [{ service = "nope", minutes = 5 }]', "targets"),
        ('[calling_order]\nrule = "strict"\nrank = { vip = 100000000 }', "rank"),
        ('[calling_order]\nrule = "strict"', "rank"),
    ],
)
def test_a_calling_order_that_would_surprise_is_refused(
    said: str, key: str, tmp_path: Path
) -> None:
    config = tmp_path / "branch.toml"
    config.write_text(f"{DEMO.read_text(encoding='utf-8')}\n{said}\n", encoding="utf-8")
    with pytest.raises(settings_file.SettingsError, match=key):
        settings.load(config, listen=None, data=None, broker=None)


ADDED = {  # what is added to the demo: (section, key, expected)
    '[hours]\nmonday = ["9-12"]': ("[hours]", "monday", '"09:00-12:00"'),
    '[hours]\nmonday = [2026-10-01]': ("[hours]", "monday", '"09:00-12:00"'),
    '[hours]\nholidays = ["1.10.2026"]': ("[hours]", "holidays", '"2026-10-01"'),
    '[hours]\nholidays = ["2026-02-30"]': ("[hours]", "holidays", "expected a date"),
    '[hours]\nspecial = { tomorrow = ["09:00-12:00"] }': ("[hours]", "special", '"2026-10-01"'),
    '[hours]\nspecial = { "2026-12-24" = ["9-12"] }': ("[hours]", "special", '"09:00-12:00"'),
    '[hours]\nmondey = ["09:00-12:00"]': ("[hours]", "mondey", "known are monday, tuesday"),
    '[hours]\nmonday = ["12:00-12:00"]': ("[hours]", "monday", "begins and ends at the same time"),
    '[hours]\nmonday = ["01:00-05:00"]': ("[hours]", "monday", "reaches over 04:00"),
    '[hours]\nmonday = ["09:00-12:00", "11:59-17:00"]': ("[hours]", "monday", "overlap"),
    '[hours]\nmonday = ["18:00-01:00", "23:00-02:00"]': ("[hours]", "monday", "overlap"),
    '[hours]\nmonday = ["10:00-12:00", "10:00-12:00"]': ("[hours]", "monday", "overlap"),
    '[hours]\nspecial = { "2026-12-24" = ["09:00-12:00", "10:00-11:00"] }': (
        "[hours]", "special", "overlap",
    ),
    '[hours]\nholidays = ["2026-10-01"]\nspecial = { "2026-10-01" = ["09:00-12:00"] }': (
        "[hours]", "special", "in one of them",
    ),
    '[calling_order]\nrule = "fast"': ("[calling_order]", "rule", "one of arrival, deadline, head_start"),
    '[calling_order]\nhead_start_min = { emperor = 3 }': (
        "[calling_order]", "head_start_min", "one of appointment, care, ordinary, vip",
    ),
    '[[profiles]]\nname = "x"\nsegments = ["emperor"]': (
        "[profiles.0]", "segments", "one of appointment, care, ordinary, vip",
    ),
    '[[services]]\ncode = "x"\nprefix = "X"\nnames = {}': ("[services.4]", "names", "length >= 1"),
    '[[services]]\ncode = "x"\nprefix = "X"\nnames = { en = " " }': ("[services.4]", "names", "a text"),
    '[[topics]]\ncode = "x"\nnames = {}\nphrases = []': ("[topics.5]", "names", "length >= 1"),
    '[[staff]]\nname = "wu"\npin = "1234"': ("[staff.2]", "pin", "python -m program.pin"),
    '[[services]]\ncode = "x"\nprefix = "X"\nnames = { en = "X" }\nhours = { monday = ["12:00-12:00"] }': (
        "[services.hours] of 'x'", "monday", "same time",
    ),
    '[[services]]\ncode = "x"\nprefix = "X"\nnames = { en = "X" }\nhours = { mondey = [] }': (
        "[services.4.hours]", "mondey", "known are monday",
    ),
}  # fmt: skip


@pytest.mark.parametrize("said", ADDED)
def test_what_is_refused_is_shown_how_it_should_be(said: str, tmp_path: Path) -> None:
    section, key, expected = ADDED[said]
    config = tmp_path / "branch.toml"
    config.write_text(f"{DEMO.read_text(encoding='utf-8')}\n{said}\n", encoding="utf-8")
    with pytest.raises(settings_file.SettingsError) as caught:
        settings.load(config, listen=None, data=None, broker=None)
    sentence = str(caught.value)
    for word in (f"section {section}: key '{key}'", expected):
        assert word in sentence
    assert "regex" not in sentence


@pytest.mark.parametrize(
    "spans", ['"09:00-12:00", "12:00-17:00"', '"13:00-17:00", "09:00-12:00"', '"04:00-04:00"']
)
def test_hours_that_touch_or_stand_in_any_order_or_last_all_day_can_be_used(
    spans: str, tmp_path: Path
) -> None:
    config = tmp_path / "branch.toml"
    said = f"[hours]\nmonday = [{spans}]"
    config.write_text(f"{DEMO.read_text(encoding='utf-8')}\n{said}\n", encoding="utf-8")
    settings.load(config, listen=None, data=None, broker=None)


def test_an_address_that_somebody_has_is_one_sentence_and_no_machine_is_touched(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run(DEMO, "--listen", listen, "--data", str(tmp_path / "data"))
    assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert f"Cannot listen on {listen}" in done.err
