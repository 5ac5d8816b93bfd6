"""The wire: found by name, ours alone, woken, blocked, lost; every error is one PortLost. On pseudo-terminals."""

import errno
import os
import pty
import socket
import subprocess
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import serial

from devices.port import PortLost, SerialPort, find_port, open_port, wrong_address
from tests.conftest import wait_for


class Cable:
    """A pseudo-terminal: the machine's end and the name of ours."""

    def __init__(self) -> None:
        self.machine, self._ours = pty.openpty()
        tty.setraw(self._ours)
        self.name = os.ttyname(self._ours)
        self.plugged = True

    def pull(self) -> None:
        if self.plugged:
            os.close(self.machine)
            os.close(self._ours)
        self.plugged = False

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.machine)


@pytest.fixture
def cable() -> Iterator[Cable]:
    one = Cable()
    yield one
    one.pull()


def opened(cable: Cable, *, xonxoff: bool = False) -> SerialPort:
    return open_port(cable.name, baud=9600, xonxoff=xonxoff)


def cause_of(port: SerialPort, what: str) -> str:
    with pytest.raises(PortLost) as lost:
        port.read(0.0) if what == "read" else port.write(b"x", 0.2)
    return lost.value.cause


def cause_of_open(address: str, baud: int = 9600) -> str:
    with pytest.raises(PortLost) as lost:
        open_port(address, baud=baud, xonxoff=False)
    return lost.value.cause


def adapter(device: str, vid: int | None, pid: int | None, number: str | None) -> SimpleNamespace:
    return SimpleNamespace(device=device, vid=vid, pid=pid, serial_number=number)


ADAPTERS = [
    adapter("/dev/ttyS0", None, None, None),
    adapter("/dev/ttyUSB1", 0x0403, 0x6001, "A10K2X"),
    adapter("/dev/ttyUSB0", 0x0403, 0x6001, "B7:7"),
    adapter("/dev/ttyUSB2", 0x067B, 0x2303, None),
]


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("usb:0403:6001:A10K2X", "/dev/ttyUSB1"),
        ("usb:0403:6001:a10k2x", "/dev/ttyUSB1"),
        ("usb:0403:6001:B7:7", "/dev/ttyUSB0"),
        ("usb:067B:2303", "/dev/ttyUSB2"),
        ("/dev/serial/by-id/usb-1", "/dev/serial/by-id/usb-1"),
        ("socket://10.0.0.7:4001", "socket://10.0.0.7:4001"),
    ],
)
def test_an_adapter_is_found_by_its_name_and_a_path_stays_a_path(address: str, path: str) -> None:
    assert find_port(address, lambda: ADAPTERS) == path


@pytest.mark.parametrize(
    ("address", "cause", "named"),
    [
        ("usb:0403:6001", "ambiguous", "/dev/ttyUSB0, /dev/ttyUSB1"),
        ("usb:0403:6001:A10", "noDevice", "usb:0403:6001:A10"),
        ("usb:067b:2303:77", "noDevice", "usb:067b:2303:77"),
        ("usb:dead:beef", "noDevice", "usb:dead:beef"),
    ],
)
def test_an_adapter_that_is_not_there_or_not_alone(address: str, cause: str, named: str) -> None:
    with pytest.raises(PortLost, match=named) as lost:
        find_port(address, lambda: ADAPTERS)
    assert lost.value.cause == cause


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("", "a path"),
        (" ", "a path"),
        ("a\0b", "a path"),
        ("usb:", "usb:VID:PID"),
        ("usb:0403", "usb:VID:PID"),
        ("usb:403:6001", "usb:VID:PID"),
        ("USB:0403:6001", "usb:VID:PID"),
        ("socket://printer", "socket://HOST:PORT"),
        ("socket://printer:99999", "socket://HOST:PORT"),
        ("rfc2217://:4000", "rfc2217://HOST:PORT"),
        ("http://printer:9100", "a URL of socket"),
    ],
)
def test_what_can_never_be_a_port_is_known_before(address: str, expected: str) -> None:
    assert expected in wrong_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "usb:0403:6001",
        "usb:0403:60AB:A10K2X",
        "/dev/serial/by-id/usb-rs485",
        "run/printer",
        "socket://10.0.0.7:4001",
        "socket://[::1]:4001",
        "rfc2217://ports:4001",
        "spy:///dev/ttyUSB0?file=trace",
        "loop://",
    ],
)
def test_what_may_be_a_port_is_left_to_be_tried(address: str) -> None:
    assert wrong_address(address) == ""


@pytest.mark.parametrize("error", [TypeError("int() of None"), OSError(errno.ENOENT, "gone")])
def test_an_adapter_pulled_while_they_are_listed_is_no_crash(error: Exception) -> None:
    def ports() -> Iterator[Any]:
        yield from ADAPTERS
        raise error

    with pytest.raises(PortLost) as lost:
        find_port("usb:0403:6001:A10K2X", ports)
    assert lost.value.cause == "noDevice"


def test_it_is_opened_8n1_at_its_speed_and_bytes_come_and_go_unchanged(cable: Cable) -> None:
    port, every = opened(cable), bytes(range(256))
    flags = cable.settings()
    assert flags[2] & termios.CSIZE == termios.CS8
    assert not flags[2] & (termios.PARENB | termios.CSTOPB)
    assert flags[5] == termios.B9600
    port.write(every, 1.0)
    assert os.read(cable.machine, 999) == every
    os.write(cable.machine, every)
    assert port.read(1.0) == every
    port.close()


def test_a_second_open_is_device_busy_until_the_first_is_closed(cable: Cable) -> None:
    port = opened(cable)
    assert cause_of_open(cable.name) == "deviceBusy"
    assert cause_of_open(f"spy://{cable.name}?file=/dev/null") == "deviceBusy"
    port.close()
    opened(cable).close()


def test_watching_the_bytes_through_spy_is_no_way_around_the_lock(cable: Cable) -> None:
    spy = open_port(f"spy://{cable.name}?file=/dev/null", baud=9600, xonxoff=False)
    assert cause_of_open(cable.name) == "deviceBusy"
    spy.close()


def test_a_wire_that_another_process_holds_is_device_busy(cable: Cable) -> None:
    hold = (
        "import fcntl,os,sys;f=os.open(sys.argv[1],os.O_RDWR|os.O_NOCTTY);"
        "fcntl.flock(f,fcntl.LOCK_EX);print('held',flush=True);sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, cable.name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert cause_of_open(cable.name) == "deviceBusy"
        other.communicate()
    opened(cable).close()


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("/dev/serial/by-id/none", "noDevice"),
        ("/dev/null", "noDevice"),
        ("/", "noDevice"),
        ("", "noDevice"),
        ("socket://127.0.0.1:99999", "noDevice"),
        ("socket://127.0.0.1", "noDevice"),
        ("socks://127.0.0.1:1", "badSettings"),
        ("/dev/tty\0S0", "badSettings"),
        ("alt://x?class=None", "badSettings"),
    ],
)
def test_what_cannot_be_opened_has_a_cause(address: str, cause: str) -> None:
    assert cause_of_open(address) == cause


@pytest.mark.parametrize("baud", [-5, 10**12])
def test_a_speed_that_does_not_exist_has_a_cause(cable: Cable, baud: int) -> None:
    assert cause_of_open(cable.name, baud) == "badSettings"


def test_the_way_the_kernel_refuses_has_a_cause() -> None:
    causes = {}
    for number in (errno.EACCES, errno.EPERM, errno.EBUSY, errno.EAGAIN, errno.EIO, errno.ENXIO):

        class Refusing:
            timeout = 0.0

            def read(self, _size: int, number: int = number) -> bytes:
                raise serial.SerialException(number, "could not")

        causes[errno.errorcode[number]] = cause_of(SerialPort(Refusing()), "read")  # type: ignore[arg-type]
    assert causes == {
        "EACCES": "permissionDenied", "EPERM": "permissionDenied", "EBUSY": "deviceBusy",
        "EAGAIN": "deviceBusy", "EIO": "noDevice", "ENXIO": "noDevice",
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is denied to root")
def test_a_port_we_may_not_open_is_permission_denied(cable: Cable) -> None:
    os.chmod(cable.name, 0)
    assert cause_of_open(cable.name) == "permissionDenied"


@pytest.mark.parametrize(
    "error",
    [
        serial.SerialException("returned no data"),
        serial.PortNotOpenError(),
        OSError(errno.EIO, "gone"),
        termios.error(22, "Invalid argument"),
        TypeError("an integer is required"),
        ValueError("file descriptor cannot be a negative integer (-1)"),
    ],
)
def test_whatever_a_wire_raises_is_one_port_lost(error: Exception) -> None:
    class Breaking:
        def __getattr__(self, _name: str) -> Any:
            raise error

    port = SerialPort(Breaking())  # type: ignore[arg-type]
    assert cause_of(port, "read") == "noDevice"
    assert cause_of(port, "write") == "noDevice"
    port.wake()
    port.close()


@pytest.mark.parametrize("what", ["read", "write"])
def test_a_pulled_plug_is_no_device_and_closing_afterwards_is_quiet(
    cable: Cable, what: str
) -> None:
    port = opened(cable)
    cable.pull()
    assert cause_of(port, what) == "noDevice"
    port.close()
    port.close()
    assert cause_of(port, what) == "noDevice"
    port.wake()


def test_a_plug_pulled_while_somebody_listens_ends_the_listening(cable: Cable) -> None:
    port, causes = opened(cable), list[str]()

    def listen() -> None:
        try:
            port.read(20.0)
        except PortLost as error:
            causes.append(error.cause)

    thread = threading.Thread(target=listen)
    thread.start()
    cable.pull()
    thread.join(5.0)
    assert causes == ["noDevice"]
    port.close()


def test_an_empty_line_is_listened_to_for_as_long_as_was_said(cable: Cable) -> None:
    port, began = opened(cable), time.monotonic()
    assert port.read(0.1) == b""
    assert 0.1 <= time.monotonic() - began < 2.0
    port.close()


def test_another_thread_wakes_who_listens(cable: Cable) -> None:
    port, heard = opened(cable), list[bytes]()
    thread = threading.Thread(target=lambda: heard.append(port.read(20.0)))
    thread.start()
    port.wake()
    thread.join(5.0)
    assert heard == [b""]
    port.close()


def test_who_is_woken_before_listening_returns_at_once_and_only_once(cable: Cable) -> None:
    port, began = opened(cable), time.monotonic()
    port.wake()
    port.wake()
    assert port.read(20.0) == b""
    assert time.monotonic() - began < 5.0
    os.write(cable.machine, b"later")
    assert port.read(5.0) == b"later"
    port.close()


def test_waking_hides_nothing_that_has_come(cable: Cable) -> None:
    """Else a stale answer would outlive `Conversation.forget` when an order comes at that moment."""
    port = opened(cable)
    os.write(cable.machine, b"stale")
    port.wake()
    assert port.read(5.0) == b"stale"
    port.close()


def test_a_port_that_is_closed_is_not_woken_any_more() -> None:
    """Its descriptor may be another file's by then."""
    done: list[str] = []
    waking, go_on = threading.Event(), threading.Event()

    class Wire:
        def cancel_read(self) -> None:
            waking.set()
            go_on.wait(5.0)
            done.append("woken")

        def reset_output_buffer(self) -> None:
            done.append("what has not gone out is thrown away")

        def close(self) -> None:
            done.append("closed")

    port = SerialPort(Wire())  # type: ignore[arg-type]
    wakes, closes = threading.Thread(target=port.wake), threading.Thread(target=port.close)
    wakes.start()
    assert waking.wait(5.0)
    closes.start()
    go_on.set()
    wakes.join(5.0)
    closes.join(5.0)
    port.wake()
    assert done == ["woken", "what has not gone out is thrown away", "closed"]


def test_a_part_that_has_gone_is_not_all_of_it() -> None:
    class Wire:
        def write(self, data: bytes) -> int:
            return len(data) - 1

    with pytest.raises(PortLost) as lost:
        SerialPort(Wire()).write(b"ab", 1.0)  # type: ignore[arg-type]
    assert lost.value.cause == "writeTimeout"


def test_a_write_that_xoff_blocks_ends_in_time_without_spinning_and_goes_on_after_xon(
    cable: Cable,
) -> None:
    port = opened(cable, xonxoff=True)
    os.write(cable.machine, b"\x13")
    wait_for(lambda: _blocked(port), "XOFF to arrive", 5.0)
    began, cpu = time.monotonic(), time.thread_time()
    with pytest.raises(PortLost) as lost:
        port.write(b"x" * 100, 0.4)
    assert lost.value.cause == "writeTimeout"
    assert 0.4 <= time.monotonic() - began < 3.0
    assert time.thread_time() - cpu < 0.1
    os.write(cable.machine, b"\x11still heard")
    assert port.read(5.0) == b"still heard"
    port.write(b"after", 5.0)
    wait_for(lambda: os.read(cable.machine, 999).endswith(b"after"), "what comes after XON")
    port.close()


def test_a_buffer_that_nobody_empties_is_a_write_timeout_and_closing_does_not_hang(
    cable: Cable,
) -> None:
    port, began = opened(cable), time.monotonic()
    with pytest.raises(PortLost) as lost:
        port.write(b"x" * 1_000_000, 0.3)
    assert lost.value.cause == "writeTimeout"
    port.close()
    assert time.monotonic() - began < 5.0


def test_a_blocked_write_blocks_no_other_wire(cable: Cable) -> None:
    other = Cable()
    port, free = opened(cable, xonxoff=True), opened(other)
    os.write(cable.machine, b"\x13")
    wait_for(lambda: _blocked(port), "XOFF to arrive", 5.0)
    causes: list[str] = []

    def write() -> None:
        try:
            port.write(b"x", 1.0)
        except PortLost as error:
            causes.append(error.cause)

    thread = threading.Thread(target=write)
    thread.start()
    for _ in range(20):
        free.write(b"ping", 1.0)
        assert os.read(other.machine, 9) == b"ping"
    assert thread.is_alive()
    thread.join(5.0)
    assert causes == ["writeTimeout"]
    port.close()
    free.close()
    other.pull()


def test_a_line_stopped_by_an_earlier_owner_is_free_for_the_next(cable: Cable) -> None:
    before = opened(cable, xonxoff=True)
    os.write(cable.machine, b"\x13")
    wait_for(lambda: _blocked(before), "XOFF to arrive", 5.0)
    before.close()
    port = opened(cable, xonxoff=True)
    port.write(b"hello", 1.0)
    assert os.read(cable.machine, 9).endswith(b"hello")
    port.close()


def test_a_socket_is_a_wire_too_and_its_end_is_no_device() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"socket://127.0.0.1:{server.getsockname()[1]}"
        port = open_port(address, baud=9600, xonxoff=False)
        machine, _ = server.accept()
        port.write(b"ask", 1.0)
        assert machine.recv(9) == b"ask"
        machine.sendall(b"answer")
        heard = b""
        while len(heard) < 6:
            heard += port.read(5.0)
        port.wake()
        machine.close()
        assert (heard, cause_of(port, "read")) == (b"answer", "noDevice")
        port.close()


def _blocked(port: SerialPort) -> bool:
    try:
        port.write(b".", 0.01)
    except PortLost:
        return True
    return False
