"""The demo's broker speaks no MQTT 5, and our programs hang up as soon as it says so; it has one of each name."""

import socket
import struct
from pathlib import Path

from tests.head_office.conftest import Broker

CONNECT_5 = b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03abc"
CONNECT_3_1_1 = b"\x10\x0f\x00\x04MQTT\x04\x02\x00\x3c\x00\x03abc"
TAKEN = b"\x20\x02\x00\x00"
PING, PONG = b"\xc0\x00", b"\xd0\x00"
AT_ONCE = struct.pack("ii", 1, 0)  # the end is a reset, as of a program that is killed


def test_who_hangs_up_at_once_fills_no_log(tmp_path: Path) -> None:
    broker = Broker(tmp_path, "embedded")
    try:
        for _ in range(50):
            with socket.create_connection(("127.0.0.1", broker.port), timeout=5) as leaving:
                leaving.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                leaving.sendall(CONNECT_5)
        with socket.create_connection(("127.0.0.1", broker.port), timeout=5) as staying:
            staying.sendall(CONNECT_3_1_1)
            assert staying.recv(4) == TAKEN
    finally:
        broker.kill()
    said = (tmp_path / f"broker-{broker.port}.out").read_text(encoding="utf-8")
    assert "Traceback" not in said


def test_whoever_comes_with_an_id_that_is_taken_throws_the_other_off(tmp_path: Path) -> None:
    """MQTT 3.1.1, [MQTT-3.1.4-2]."""
    broker = Broker(tmp_path, "embedded")
    try:
        lines = [socket.create_connection(("127.0.0.1", broker.port), timeout=5) for _ in range(2)]
        for line in lines:
            line.sendall(CONNECT_3_1_1)
            assert line.recv(4) == TAKEN
        first, second = lines
        assert first.recv(1) == b""
        second.sendall(PING)
        assert second.recv(2) == PONG
    finally:
        broker.kill()
