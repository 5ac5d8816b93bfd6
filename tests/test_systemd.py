"""The files for real machines: systemd understands them, and they keep what the programs promise."""

import configparser
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from program.command_line import UNUSABLE
from tests.conftest import ROOT

FOLDER = ROOT / "config" / "systemd"
UNITS = sorted(FOLDER.glob("*.service"))
OURS = "/opt/lobby/current"
PYTHON = str(ROOT / ".venv" / "bin" / "python")
GUARDED = [path for path in UNITS if path.stem != "lobby-screen"]  # Xorg is nobody's to guard

units = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
guarded = pytest.mark.parametrize("path", GUARDED, ids=lambda path: path.stem)


def section(path: Path, name: str) -> dict[str, str]:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text(encoding="utf-8"))
    return dict(read[name])


def analyze(*words: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd here")
    for path in UNITS:
        here = path.read_text(encoding="utf-8").replace(OURS, str(ROOT))
        if shutil.which("Xorg") is None:
            here = here.replace("/usr/bin/Xorg", "/bin/true")
        (folder / path.name).write_text(here, encoding="utf-8")
    return subprocess.run(
        ["systemd-analyze", *words], cwd=folder, capture_output=True, text=True, check=False
    )


@units
def test_systemd_understands_the_unit(path: Path, tmp_path: Path) -> None:
    done = analyze("verify", "--man=no", f"./{path.name}", folder=tmp_path)
    complaints = [line for line in done.stderr.splitlines() if "lobby" in line]
    assert (done.returncode, complaints) == (0, []), done.stderr


@guarded
def test_a_program_can_reach_little_of_the_machine(path: Path, tmp_path: Path) -> None:
    """systemd's own measure: 0 is nothing, 10 is everything."""
    words = ("security", "--offline=yes", "--no-pager", "--threshold=30", f"./{path.name}")
    done = analyze(*words, folder=tmp_path)
    assert done.returncode == 0, done.stdout


@guarded
def test_a_program_that_ends_is_started_again_but_not_with_a_configuration_it_cannot_use(
    path: Path,
) -> None:
    service = section(path, "Service")
    assert (service["Restart"], service["RestartSec"]) == ("always", "1")
    assert service["RestartPreventExitStatus"] == str(UNUSABLE)


@units
def test_nobody_runs_as_root_and_each_user_is_made(path: Path) -> None:
    made = re.findall(r"^u (\S+)", (FOLDER / "lobby.sysusers").read_text(encoding="utf-8"), re.M)
    assert section(path, "Service")["User"] in made


def test_systemd_understands_the_users() -> None:
    if shutil.which("systemd-sysusers") is None:
        pytest.skip("there is no systemd here")
    words = ["systemd-sysusers", "--dry-run", str(FOLDER / "lobby.sysusers")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "not a valid" in done.stderr) == (0, False), done.stderr


def test_the_kiosk_is_waited_for_and_watched() -> None:
    service = section(FOLDER / "lobby-kiosk.service", "Service")
    assert (service["Type"], service["WatchdogSec"]) == ("notify", "15")


KILLED = """
import os, signal
from kiosk.look.window import prepare
from kiosk.settings import Screen
prepare(Screen())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_kiosk_leaves_is_taken_away_before_the_next_start(tmp_path: Path) -> None:
    """A RuntimeDirectory goes whenever its service stops, also for a restart (systemd.exec), unless it is to be preserved."""
    service = section(FOLDER / "lobby-kiosk.service", "Service")
    assert (
        f"TMPDIR=/run/{service['RuntimeDirectory']}"
        in (FOLDER / "lobby-kiosk.service").read_text().split()
    )
    assert "RuntimeDirectoryPreserve" not in service
    place = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "DISPLAY": ":0"}
    killed = subprocess.run(
        [PYTHON, "-c", KILLED], cwd=ROOT, env={**os.environ, **place}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left = list(tmp_path.iterdir())
    assert [one.name[:12] for one in left] == ["lobby-kiosk-"]


@guarded
def test_the_command_of_a_unit_is_one_that_the_program_knows(path: Path) -> None:
    words = section(path, "Service")["ExecStart"].split()
    assert words[:2] == [f"{OURS}/.venv/bin/python", "-m"]
    demo = ROOT / "config" / "demo" / Path(words[words.index("--config") + 1]).name
    words = [word.replace("/etc/lobby/" + demo.name, str(demo)) for word in words[1:]]
    done = subprocess.run(
        [PYTHON, *words, "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_stick_is_mounted_where_the_manual_says_and_the_kiosk_may_write() -> None:
    rules = (FOLDER / "lobby.rules").read_text(encoding="utf-8")
    manual = (ROOT / "docs" / "kiosk.md").read_text(encoding="utf-8")
    [mounted] = re.findall(r"\$devnode (\S+)\"", rules)
    assert f'export_to = "{mounted}"' in manual
    allowed = section(FOLDER / "lobby-kiosk.service", "Service")["ReadWritePaths"].lstrip("-")
    assert Path(mounted).is_relative_to(allowed)
