"""One string opens any wire: usb:0403:6001:A10K2X, /dev/serial/by-id/…, socket://…, spy://…, rfc2217://…
(pyserial's URLs). Numbers such as ttyUSB0 move when a plug is moved; the first two do not.

Everything that can go wrong with a wire comes out as PortLost with a word for the cause, whatever
pyserial, termios or the kernel called it.
"""

import errno
import re
import select
import termios
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from typing import Any, Protocol
from urllib.parse import urlsplit

import serial
from serial.tools import list_ports

WIRE_ERRORS = (
    serial.SerialException,
    OSError,
    termios.error,
    TypeError,  # pyserial, when another thread closes the port in the middle of a read
    ValueError,  # pyserial, of an address or a speed that it cannot use
    OverflowError,  # termios, of a speed beyond 32 bits
)
CAUSES = {
    errno.ENOENT: "noDevice",
    errno.EIO: "noDevice",
    errno.ENXIO: "noDevice",
    errno.ENODEV: "noDevice",
    errno.EAGAIN: "deviceBusy",
    errno.EBUSY: "deviceBusy",
    errno.EACCES: "permissionDenied",
    errno.EPERM: "permissionDenied",
}

USB = re.compile(r"usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}(:.+)?")
NETWORK = ("socket", "rfc2217")
URLS = (*NETWORK, "spy", "alt", "loop", "hwgrep")  # pyserial's


class PortLost(Exception):
    """The wire cannot be used (any more). `cause` is one word, for example noDevice."""

    def __init__(self, cause: str, detail: str = "") -> None:
        super().__init__(f"{cause}: {detail}" if detail else cause)
        self.cause = cause


class Port(Protocol):
    """A wire. Reading and writing raise PortLost."""

    def read(self, timeout_s: float) -> bytes:
        """What has come, as soon as something has; empty when the time is up."""

    def write(self, data: bytes, timeout_s: float) -> None:
        """All of it, or PortLost('writeTimeout'): then nobody knows how much has gone."""

    def wake(self) -> None:
        """A read that waits in another thread, or the next one, ends at once."""

    def close(self) -> None: ...


class SerialPort:
    """A wire that pyserial opened."""

    def __init__(self, wire: serial.Serial) -> None:
        self._wire = wire
        self._waking = threading.Lock()
        self._closed = False

    def read(self, timeout_s: float) -> bytes:
        with _lost_as_one_error():
            self._wire.timeout = timeout_s
            first: bytes = self._wire.read(1)  # empty also when woken, whatever has come
            return first + self._wire.read(self._wire.in_waiting)

    def write(self, data: bytes, timeout_s: float) -> None:
        with _lost_as_one_error():
            self._await_room(timeout_s)
            self._wire.write_timeout = timeout_s
            if self._wire.write(data) != len(data):
                raise serial.SerialTimeoutException("only a part has gone")

    def wake(self) -> None:
        """Wires that cannot be woken (sockets) answer when their time is up."""
        with self._waking, suppress(*WIRE_ERRORS, AttributeError):
            if not self._closed:  # else the descriptor may be another file's by now
                self._wire.cancel_read()

    def close(self) -> None:
        """At once: what has not gone out is thrown away, since draining can hang for ever."""
        with self._waking:
            self._closed = True
        with suppress(*WIRE_ERRORS):
            self._wire.reset_output_buffer()
        with suppress(*WIRE_ERRORS):
            self._wire.close()

    def _await_room(self, timeout_s: float) -> None:
        """pyserial begins without looking, and under XOFF would try again without a pause."""
        try:
            descriptor = self._wire.fileno()
        except (AttributeError, UnsupportedOperation):
            return  # a wire that is no file
        if not select.select([], [descriptor], [], timeout_s)[1]:
            raise serial.SerialTimeoutException("no room")


def open_port(address: str, *, baud: int, xonxoff: bool) -> SerialPort:
    """Open a wire for us alone, 8N1. Raises PortLost."""
    address = find_port(address, list_ports.comports)
    with _lost_as_one_error(bad_value="badSettings"):
        # sockets have no lock and take no notice; spy:// and alt:// lock what is behind them
        wire = serial.serial_for_url(
            address, baudrate=baud, xonxoff=xonxoff, timeout=0, exclusive=True
        )
    if xonxoff:
        _forget_xoff(wire)
    return SerialPort(wire)


def wrong_address(address: str) -> str:
    """What is expected instead of a string that can never open a wire; empty for one that may."""
    scheme = address.partition(":")[0]
    if scheme.lower() == "usb":
        right = USB.fullmatch(address)
        return "" if right else "usb:VID:PID or usb:VID:PID:SERIAL, such as usb:0403:6001"
    if "://" not in address:
        right_path = address.strip() and address.isprintable()
        return "" if right_path else "a path, usb:VID:PID or a URL"
    if scheme not in URLS:
        return f"a URL of {', '.join(URLS)}"
    return "" if scheme not in NETWORK or _has_port(address) else f"{scheme}://HOST:PORT"


def _has_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname and parts.port)
    except ValueError:
        return False


def find_port(address: str, ports: Callable[[], Iterable[Any]]) -> str:
    """The path of usb:VID:PID or usb:VID:PID:SERIAL (hexadecimal, as lsusb says them); else the address itself.

    Raises PortLost: noDevice, or ambiguous when several such adapters are plugged in.
    """
    scheme, _, rest = address.partition(":")
    if scheme != "usb":
        return address
    wanted = rest.lower().split(":", 2)
    with _lost_as_one_error():  # an adapter may be pulled while they are being listed
        found = [port.device for port in ports() if _usb_name(port)[: len(wanted)] == wanted]
    if len(found) > 1:
        raise PortLost(
            "ambiguous", f"{address} is {', '.join(sorted(found))}; add the serial number"
        )
    if not found:
        raise PortLost("noDevice", f"no adapter {address} is plugged in")
    path: str = found[0]
    return path


def _usb_name(port: Any) -> list[str]:
    if port.vid is None:
        return []
    return [f"{port.vid:04x}", f"{port.pid:04x}", (port.serial_number or "").lower()]


def _forget_xoff(wire: serial.Serial) -> None:
    """The XON that ended an earlier stop may have come while nobody had the port open."""
    with suppress(*WIRE_ERRORS, AttributeError):
        # TCOON alone undoes a TCOOFF only, not an XOFF from the line
        termios.tcflow(wire.fileno(), termios.TCOOFF)
        termios.tcflow(wire.fileno(), termios.TCOON)


@contextmanager
def _lost_as_one_error(bad_value: str = "noDevice") -> Iterator[None]:
    try:
        yield
    except serial.SerialTimeoutException as error:
        raise PortLost("writeTimeout") from error
    except WIRE_ERRORS as error:
        number = getattr(error, "errno", None)
        cause = CAUSES.get(number or errno.EIO, "noDevice")
        unusable = isinstance(error, ValueError | OverflowError)
        raise PortLost(bad_value if unusable else cause, str(error)) from error
