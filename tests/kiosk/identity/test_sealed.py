"""Templates under lock on real files: whose they are, wrong keys, altered bytes, and for how long."""

import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.identity.keys import Keys
from kiosk.identity.sealed import ModelChanged, NoTemplate
from kiosk.identity.sealing import Altered, KeyMissing
from tests.kiosk.identity.vault import A_YEAR, NEW, OLD, TEMPLATE, Vault, pieces


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Vault]:
    world = Vault(tmp_path)
    yield world
    world.store.close()


def test_what_is_kept_comes_back_also_after_a_restart(world: Vault) -> None:
    world.keep()
    assert world.open() == TEMPLATE
    world.again()
    assert world.open() == TEMPLATE


def test_neither_the_template_nor_any_piece_of_it_is_in_the_file(world: Vault) -> None:
    world.keep()
    held = world.on_disk()
    assert not [n for n in range(0, 512, 8) if TEMPLATE[n : n + 8] in held]


def test_the_same_template_is_never_sealed_alike(world: Vault) -> None:
    world.keep("a")
    world.keep("b")
    assert world.sealed("a") != world.sealed("b")
    assert len({nonce for (nonce,) in world.sql("SELECT nonce FROM template")}) == 2
    assert {len(nonce) for (nonce,) in world.sql("SELECT nonce FROM template")} == {12}


def test_face_and_finger_of_one_customer_are_kept_beside_each_other(world: Vault) -> None:
    world.keep("a", "face", b"face")
    world.keep("a", "fingerprint", b"finger")
    assert (world.open("a", "face"), world.open("a", "fingerprint")) == (b"face", b"finger")


def test_only_this_user_can_read_the_file(world: Vault) -> None:
    assert world.path.stat().st_mode & 0o077 == 0
    assert world.path.parent.stat().st_mode & 0o077 == 0


def test_nobody_elses_template_is_opened(world: Vault) -> None:
    world.keep("a")
    with pytest.raises(NoTemplate):
        world.open("b")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE template SET customer = 'b'",
        "UPDATE template SET purpose = 'fingerprint'",
        "UPDATE template SET model_sha256 = 'other'",
        "UPDATE template SET model = 'other'",
        "UPDATE template SET consent = 'none'",
        "UPDATE template SET until = '2099-01-01T00:00:00Z'",
        "UPDATE template SET made_at = '2020-01-01T00:00:00Z'",
        "UPDATE template SET nonce = zeroblob(12)",
        "UPDATE template SET nonce = zeroblob(5)",
        "UPDATE template SET body = zeroblob(528)",
        "UPDATE template SET body = x''",
    ],
)
def test_an_altered_template_does_not_open(world: Vault, change: str) -> None:
    world.keep("a")
    world.sql(change)
    row = world.store.bindings()[0]
    with pytest.raises(Altered):
        world.store.open(row.customer, row.purpose, row.model, row.model_sha256)


def test_two_templates_cannot_be_exchanged(world: Vault) -> None:
    world.keep("thief", template=b"thief")
    world.keep("victim", template=b"victim")
    nonce, body = world.sql("SELECT nonce, body FROM template WHERE customer = 'thief'")[0]
    world.sql("DELETE FROM template WHERE customer = 'thief'")
    world.sql("UPDATE template SET nonce = ?, body = ?", nonce, body)
    with pytest.raises(Altered):
        world.open("victim")


def test_one_bit_anywhere_is_noticed(world: Vault) -> None:
    world.keep("a")
    body = bytearray(world.sealed())
    for place in random.Random(2).sample(range(len(body)), 20):
        turned = bytes(byte ^ (n == place) for n, byte in enumerate(body))
        world.sql("UPDATE template SET body = ?", turned)
        with pytest.raises(Altered):
            world.open("a")


def test_a_wrong_key_opens_nothing(world: Vault) -> None:
    world.keep()
    world.again(Keys("old", {"old": NEW}))
    with pytest.raises(Altered):
        world.open()


def test_a_lost_key_is_said(world: Vault) -> None:
    world.keep()
    world.again(Keys("new", {"new": NEW}))
    with pytest.raises(KeyMissing, match="old"):
        world.open()


def test_a_template_of_another_model_must_be_made_again(world: Vault) -> None:
    world.keep()
    with pytest.raises(ModelChanged, match="enrol again"):
        world.store.open("a", "face", "SFace 2027", "other")


# --- retention -------------------------------------------------------------------------------


def test_after_its_time_a_template_is_used_no_more_though_nobody_has_taken_it_out(
    world: Vault,
) -> None:
    world.keep()
    world.now += A_YEAR - timedelta(seconds=1)
    assert world.open() == TEMPLATE
    world.now += timedelta(seconds=1)
    with pytest.raises(NoTemplate):
        world.open()


def test_what_is_over_is_taken_out_and_the_rest_stays(world: Vault) -> None:
    world.keep("a")
    world.now += timedelta(days=200)
    world.keep("b")
    world.now += timedelta(days=200)
    gone = world.sealed("a")
    proof = world.store.expire()
    assert (proof.before, proof.taken_out, proof.after, proof.still_found) == (2, 1, 1, 0)
    assert proof.holds
    assert gone not in world.on_disk()
    assert world.open("b") == TEMPLATE


# --- keys ------------------------------------------------------------------------------------


def test_after_a_rotation_the_old_key_can_be_destroyed(world: Vault) -> None:
    world.keep("a")
    world.keep("b")
    before = world.sealed("a")
    world.again(Keys("new", {"new": NEW, "old": OLD}))
    world.keep("c")
    rotated = world.store.rotate()
    assert (dict(rotated.before), dict(rotated.after)) == ({"old": 2, "new": 1}, {"new": 3})
    assert rotated.holds
    assert not [piece for piece in pieces(before) if piece in world.on_disk()]
    world.again(Keys("new", {"new": NEW}))
    assert [world.open(one) for one in "abc"] == [TEMPLATE] * 3


def test_a_rotation_leaves_alone_what_it_cannot_open_and_says_so(world: Vault) -> None:
    world.keep("a")
    world.keep("b")
    world.sql("UPDATE template SET body = zeroblob(528) WHERE customer = 'b'")
    world.again(Keys("new", {"new": NEW, "old": OLD}))
    rotated = world.store.rotate()
    assert rotated.failed == 1
    assert not rotated.holds
    assert dict(rotated.after) == {"new": 1, "old": 1}
    assert world.open("a") == TEMPLATE
