"""What is erased is gone from the files, which is looked up; and a kill at any moment loses nothing and leaves no half template."""

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.identity.keys import Keys
from kiosk.identity.sealed import NoTemplate, SealedStore, StoreUnusable
from tests.conftest import ROOT
from tests.kiosk.identity.vault import A_YEAR, NEW, NOON, OLD, TEMPLATE, Vault, pieces


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Vault]:
    world = Vault(tmp_path)
    yield world
    world.store.close()


# --- two at once ---------------------------------------------------------------------------------


def test_what_is_erased_while_all_is_sealed_anew_does_not_come_back(world: Vault) -> None:
    """The other program asks between two templates; it is refused, or what it erased is gone."""
    world.keep("a")
    world.keep("b")
    erased: list[bool] = []

    def asks_meanwhile(count: int) -> bytes:
        if not erased:
            try:
                erased.append(world.store.revoke("b").holds)
            except StoreUnusable:
                erased.append(False)
        return random.randbytes(count)

    keys = Keys("new", {"new": NEW, "old": OLD})
    changing = SealedStore(
        world.path, keys, keep_for=A_YEAR, clock=lambda: NOON, random=asks_meanwhile
    )
    assert changing.rotate().holds
    left = {binding.customer for binding in changing.bindings()}
    changing.close()
    assert left == ({"a"} if erased == [True] else {"a", "b"})


# --- erasing ---------------------------------------------------------------------------------


def test_not_sixteen_bytes_of_what_is_erased_are_left_in_any_file(world: Vault) -> None:
    for n in range(60):
        world.keep(f"customer {n}")
    bodies = [world.sealed(f"customer {n}") for n in range(60)]
    held = world.on_disk()
    assert all(piece in held for piece in pieces(bodies[7]))
    proof = world.store.revoke("customer 7")
    held = world.on_disk()
    assert proof.holds
    assert (proof.before, proof.after) == (60, 59)
    assert not [piece for piece in pieces(bodies[7]) if piece in held]
    assert b"customer 7\0" not in held.replace(b"face", b"\0")  # nor whose it was
    assert world.store.erase_all().holds
    held = world.on_disk()
    assert not [piece for body in bodies for piece in pieces(body) if piece in held]
    assert b"customer" not in held.split(b"CREATE TABLE")[0]


def test_a_template_that_is_made_again_leaves_nothing_of_the_one_before(world: Vault) -> None:
    world.keep("a")
    before = world.sealed()
    world.keep("a", template=b"another")
    assert not [piece for piece in pieces(before) if piece in world.on_disk()]


def test_a_customer_may_take_back_one_purpose(world: Vault) -> None:
    world.keep("a", "face")
    world.keep("a", "fingerprint")
    assert world.store.revoke("a", "face").taken_out == 1
    with pytest.raises(NoTemplate):
        world.open("a", "face")
    assert world.open("a", "fingerprint") == TEMPLATE


def test_erasing_nobody_proves_that_there_was_nobody(world: Vault) -> None:
    world.keep("a")
    proof = world.store.revoke("b")
    assert (proof.before, proof.taken_out, proof.after) == (1, 0, 1)


def test_a_trace_that_is_left_is_found(world: Vault) -> None:
    """The proof can fail: here somebody has kept a copy of the pages beside the file."""
    world.keep("a")
    copy = Path(f"{world.path}-shm")
    copy.write_bytes(world.path.read_bytes())
    proof = world.store.revoke("a")
    assert proof.still_found == 1
    assert not proof.holds


def test_while_another_program_reads_it_nothing_is_said_to_be_erased(world: Vault) -> None:
    world.keep("a")
    with sqlite3.connect(world.path, isolation_level=None) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM template").fetchall()
        with pytest.raises(StoreUnusable, match="other"):
            world.store.revoke("a")
        other.execute("COMMIT")
    other.close()
    assert world.store.revoke("a").holds


# --- kills and broken files --------------------------------------------------------------------

WRITING = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from kiosk.identity.keys import Keys
from kiosk.identity.sealed import SealedStore
keys = Keys("new", {"new": bytes(range(32, 64)), "old": bytes(range(32))})
store = SealedStore(
    Path(sys.argv[1]), keys, keep_for=timedelta(days=365), clock=lambda: datetime(2026, 11, 26, 4, tzinfo=UTC)
)
n = 0
while True:
    n += 1
    store.keep(f"c{n % 5}", "face", "SFace 2021dec", "0ba9fbfa", n.to_bytes(8) * 64, "1")
    print("kept", n, flush=True)
    if n % 7 == 0:
        store.revoke(f"c{n % 3}")
        print("gone", n % 3, flush=True)
"""


def test_a_kill_at_any_moment_leaves_whole_templates_and_all_that_was_confirmed(
    world: Vault,
) -> None:
    dice = random.Random(3)
    for _ in range(8):
        told = killed_after(world.path, dice.randint(3, 40), dice.random() / 100)
        world.again(Keys("new", {"new": NEW, "old": OLD}))
        assert world.sql("PRAGMA integrity_check") == [("ok",)]
        expected = after(told)
        for customer, least in expected.items():
            assert int.from_bytes(world.open(customer)[:8]) >= least
        for binding in world.store.bindings():
            template = world.open(binding.customer)
            assert template == template[:8] * 64
        world.store.erase_all()


def killed_after(path: Path, lines: int, more_s: float) -> list[str]:
    """What it said until SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITING, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        told = [program.stdout.readline() for _ in range(lines)]
        signal.sigtimedwait([], more_s)  # anywhere in the next write
        program.send_signal(signal.SIGKILL)
        told += program.stdout.readlines()
    return [line.strip() for line in told if line.endswith("\n")]


def after(told: list[str]) -> dict[str, int]:
    """The customers that must be there, with the number that was confirmed; not those whose erasing may have begun."""
    kept: dict[str, int] = {}
    for word, number in (line.split() for line in told):
        if word == "kept":
            kept[f"c{int(number) % 5}"] = int(number)
        else:
            kept.pop(f"c{number}", None)
    last = told[-1].split()
    if last[0] == "kept" and int(last[1]) % 7 == 0:
        kept.pop(f"c{int(last[1]) % 3}", None)
    return kept


def test_a_file_that_is_no_store_is_left_alone_and_said(tmp_path: Path) -> None:
    path = tmp_path / "templates.sqlite"
    path.write_bytes(b"something else altogether" * 400)
    with pytest.raises(StoreUnusable, match="rights"):
        SealedStore(path, Keys("old", {"old": OLD}), keep_for=A_YEAR, clock=lambda: NOON)
    assert path.read_bytes() == b"something else altogether" * 400


def test_a_file_of_a_newer_version_is_left_alone(world: Vault) -> None:
    world.sql("PRAGMA user_version = 9")
    world.store.close()
    with pytest.raises(StoreUnusable, match="newer version"):
        world.opened()
