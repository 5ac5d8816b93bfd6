"""The commands of the store and the limits: numbers, statuses, and keys that cannot be used."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.kiosk.identity.vault import OLD, Vault


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Vault]:
    world = Vault(tmp_path)
    yield world
    world.store.close()


# --- the commands ----------------------------------------------------------------------------

MAIN = """
import argparse, sys
from kiosk.identity.keeping import add_words
words = argparse.ArgumentParser()
add_words(words.add_subparsers(required=True))
given = words.parse_args()
sys.exit(given.run(given))
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path, world: Vault) -> Run:
    keys = tmp_path / "keys"
    keys.write_text(f"# ours\nold {OLD.hex()}\n")
    keys.chmod(0o600)
    text = (ROOT / "config" / "demo" / "kiosk.toml").read_text(encoding="utf-8")
    section = f'[templates]\nkeys = "{keys}"\nfile = "{world.path}"\n'
    config = tmp_path / "kiosk.toml"
    text = re.sub("^data = .*$", f'data = "{tmp_path}"', text, flags=re.MULTILINE)
    config.write_text(text.replace("[cards]", f"{section}\n[cards]"))

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        named = words if "new-key" in words else (*words, "--config", str(config))
        return subprocess.run(
            [sys.executable, "-c", MAIN, *named],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return run


def test_the_commands_say_what_they_did_in_numbers(command: Run, world: Vault) -> None:
    world.keep("a")
    world.keep("b")
    listed = [json.loads(line) for line in command("store", "list").stdout.splitlines()]
    assert [one["customer"] for one in listed] == ["a", "b"]
    assert "body" not in listed[0]
    erased = command("store", "erase", "--customer", "a")
    assert erased.returncode == 0, erased.stderr
    assert json.loads(erased.stdout) == {"before": 2, "taken_out": 1, "after": 1, "still_found": 0}
    assert json.loads(command("store", "expire").stdout)["after"] == 1
    assert command("store", "rotate").returncode == 0
    assert json.loads(command("store", "erase", "--all").stdout)["after"] == 0
    assert command("store", "erase").returncode == 2


def test_a_proof_that_fails_is_a_status(command: Run, world: Vault) -> None:
    world.keep("a")
    Path(f"{world.path}-shm").write_bytes(world.path.read_bytes())
    done = command("store", "erase", "--all")
    assert done.returncode == 1
    assert "not proved" in done.stderr


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("old 00\n", 0o600, "line 1"),
        (f"a {'0' * 64}\na {'1' * 64}\n", 0o600, "line 2"),
        ("", 0o600, "no key"),
        (f"a {'0' * 64}\n", 0o640, "chmod 600"),
    ],
)
def test_keys_that_cannot_be_used_are_said_without_a_key(
    command: Run, tmp_path: Path, text: str, mode: int, said: str
) -> None:
    (tmp_path / "keys").write_text(text)
    (tmp_path / "keys").chmod(mode)
    done = command("store", "rotate")
    assert done.returncode == 2
    assert said in done.stderr
    assert "0" * 64 not in done.stderr


def test_without_any_key_a_customer_can_still_take_the_consent_back(
    command: Run, world: Vault, tmp_path: Path
) -> None:
    """The key may be lost, or a credential that systemd gives to the kiosk alone."""
    world.keep("a")
    world.keep("b")
    (tmp_path / "keys").unlink()
    erased = command("store", "erase", "--customer", "a")
    assert erased.returncode == 0, erased.stderr
    assert json.loads(erased.stdout)["after"] == 1
    for words in (("expire",), ("list",), ("erase", "--all")):
        assert command("store", *words).returncode == 0
    assert world.store.bindings() == []


def test_a_new_key_can_be_used_and_is_never_the_same(command: Run, tmp_path: Path) -> None:
    lines = [command("store", "new-key", "2026-11").stdout for _ in range(2)]
    assert lines[0] != lines[1]
    (tmp_path / "keys").write_text(lines[0])
    assert command("store", "rotate").returncode == 0


def test_staff_strike_out_failures(command: Run) -> None:
    assert json.loads(command("limits", "reset").stdout) == {
        "customers": 0, "failures": 0, "struck_out": 0,
    }  # fmt: skip
    assert command("limits", "list").returncode == 0
    assert command("limits", "reset", "--customer", "a").returncode == 0
