"""Simulated machines driven by other people's programs, so that our driver and our simulator cannot be wrong
in the same way.

The hosts are development packages; nothing of them is copied or shipped. What they import without needing it
here is put into sys.modules for as long as they are imported: `busio` (a type for annotations),
`micropython.const` (the value itself) and `pyDes` (for cards we do not use).
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import serial

from devices.contactless.simulator import Simulator as SimulatedContactless
from devices.fingerprint.simulator import Simulator as SimulatedFingerprint
from devices.simulate import TruthLog
from tests.devices.beside import Running

OK, NO_FINGER, NO_MATCH, NOT_FOUND = 0x00, 0x02, 0x08, 0x09
AUTOMATIC_RATS = 0x10  # nfcpy switches it off, since it speaks ISO 14443-4 itself
PPSE = bytes.fromhex("00A404000E325041592E5359532E444446303100")
STANDS_FOR: dict[str, dict[str, object]] = {
    "busio": {"UART": object},
    "micropython": {"const": int},
    "pyDes": {"triple_des": None, "CBC": 1},
}


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a host's module."""
    for name, holds in STANDS_FOR.items():
        module = ModuleType(name)
        vars(module).update(holds)
        monkeypatch.setitem(sys.modules, name, module)
    return import_module


# --- fingerprint module


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Running]:
    machine = SimulatedFingerprint(TruthLog(tmp_path / "truth"), start_seconds=0.0, speed=4)
    with Running(machine, tmp_path / "module") as running:
        yield running


@pytest.fixture
def finger(hosts: Any, module: Running) -> Iterator[Any]:
    with serial.Serial(str(module.link), 57600, timeout=2) as wire:
        yield hosts("adafruit_fingerprint").Adafruit_Fingerprint(wire)


def take(finger: Any, module: Running, name: str, slot: int) -> None:
    """The finger is put there, and its features come into the slot. The first image of a touch may fail."""
    module.say(f"present {name}")
    assert finger.get_image() == OK
    assert finger.image_2_tz(slot) == OK
    module.say("remove")


def enrol(finger: Any, module: Running, name: str, page: int) -> None:
    take(finger, module, name, 1)
    take(finger, module, name, 2)
    assert finger.create_model() == OK
    assert finger.store_model(page) == OK


def test_a_foreign_host_reads_what_the_module_is(finger: Any) -> None:
    assert (finger.library_size, finger.data_packet_size, finger.baudrate) == (200, 2, 6)
    assert finger.device_address == b"\xff\xff\xff\xff"
    assert finger.check_module()


def test_a_foreign_host_enrols_and_finds_the_right_finger(finger: Any, module: Running) -> None:
    enrol(finger, module, "anna", 3)
    enrol(finger, module, "bob", 7)
    assert (finger.count_templates(), finger.template_count) == (OK, 2)
    assert (finger.read_templates(), finger.templates) == (OK, [3, 7])
    take(finger, module, "bob", 1)
    assert (finger.finger_search(), finger.finger_id) == (OK, 7)
    take(finger, module, "anna", 1)
    assert (finger.finger_fast_search(), finger.finger_id) == (OK, 3)
    assert finger.confidence > 0
    take(finger, module, "eve", 1)
    assert finger.finger_search() == NOT_FOUND


def test_a_foreign_host_sees_that_no_finger_is_there(finger: Any) -> None:
    assert finger.get_image() == NO_FINGER


def test_a_foreign_host_takes_a_template_out_and_puts_it_back(finger: Any, module: Running) -> None:
    enrol(finger, module, "anna", 3)
    template = finger.get_fpdata("char", 1)
    assert len(template) == 512
    assert finger.empty_library() == OK
    assert finger.send_fpdata(template, "char", 2)
    assert finger.get_fpdata("char", 2) == template
    take(finger, module, "anna", 1)
    assert finger.compare_templates() == OK
    take(finger, module, "bob", 1)
    assert finger.compare_templates() == NO_MATCH


def test_a_foreign_host_deletes_and_loads(finger: Any, module: Running) -> None:
    enrol(finger, module, "anna", 3)
    template = finger.get_fpdata("char", 1)
    assert finger.load_model(3, 2) == OK
    assert finger.get_fpdata("char", 2) == template
    assert finger.delete_model(3) == OK
    assert finger.load_model(3, 2) != OK


# --- contactless reader


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Running]:
    machine = SimulatedContactless(TruthLog(tmp_path / "truth"), speed=4)
    with Running(machine, tmp_path / "reader") as running:
        yield running


@pytest.fixture
def chip(hosts: Any, reader: Running) -> Iterator[Any]:
    """nfcpy's device, woken and configured by itself; it raises the line's speed when it can."""
    transport = hosts("nfc.clf.transport").TTY(str(reader.link))
    device = hosts("nfc.clf.pn532").init(transport)
    yield device
    device.close()


def exchanged(chip: Any, command: bytes) -> bytes:
    answer, more = chip.chipset.in_data_exchange(bytearray(command), timeout=1.0)
    assert not more
    return bytes(answer)


def test_a_foreign_host_wakes_the_reader_and_reads_its_firmware(chip: Any) -> None:
    assert chip.chipset_name == "PN532v1.6"
    assert bytes(chip.chipset.get_firmware_version()) == bytes.fromhex("32010607")


def test_a_foreign_host_finds_no_card_then_one_then_none(
    hosts: Any, chip: Any, reader: Running
) -> None:
    wanted = hosts("nfc.clf").RemoteTarget("106A")
    assert chip.chipset.in_list_passive_target(1, 0, b"") is None
    reader.say("present unionpay")
    card = chip.sense_tta(wanted)
    assert card.sel_res[0] & 0x20  # ISO 14443-4
    assert len(card.sdd_res) in (4, 7)
    reader.say("remove")
    assert chip.chipset.in_list_passive_target(1, 0, b"") is None


@pytest.mark.parametrize("word", ["unionpay", "visa", "mastercard"])
def test_a_foreign_host_selects_the_payment_environment(
    chip: Any, reader: Running, word: str
) -> None:
    chip.chipset.set_parameters(AUTOMATIC_RATS)
    reader.say(f"present {word}")
    assert chip.chipset.in_list_passive_target(1, 0, b"") is not None
    answer = exchanged(chip, PPSE)
    assert answer[0] == 0x6F
    assert answer[-2:] == b"\x90\x00"
    aid = answer[answer.index(b"\x4f") + 2 :][: answer[answer.index(b"\x4f") + 1]]
    selected = exchanged(chip, b"\x00\xa4\x04\x00" + bytes((len(aid),)) + aid + b"\x00")
    assert selected[-2:] == b"\x90\x00"
    assert aid in selected
