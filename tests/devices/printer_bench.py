"""A simulated printer on a clock of its own, for the tests of its simulator."""

from collections.abc import Mapping

from devices.ticket_printer.simulator import Simulator as Printer

CUT = bytes.fromhex("1d 56 42 00")
PROCESS_ID = bytes.fromhex("1d 28 48 06 00 30 30") + b"Q7~ "
CLEAR = bytes.fromhex("10 14 08 01 03 14 01 06 02 08")
TICKET = b"\x1b@A012\n" + CUT


class Bench:
    """A printer with its truth, its clock and everything it has said."""

    def __init__(self, **options: bool | float | str) -> None:
        self.truth: list[Mapping[str, object]] = []
        self.printer = Printer(self.truth.append, **options)  # type: ignore[arg-type]
        self.now = 0.0

    def send(self, data: bytes) -> bytes:
        return self.printer.receive(data, self.now)

    def wait(self, seconds: float = 60.0) -> bytes:
        self.now += seconds
        return self.printer.pass_time(self.now)

    def fault(self, name: str, on: bool = True) -> bytes:
        return self.printer.fault(name, on, self.now)

    def papers(self) -> list[tuple[object, object]]:
        return [(e["paper"], e["text"]) for e in self.truth if e["event"] == "paper"]

    def printed(self, data: bytes) -> object:
        """The text of one piece, everything whole."""
        self.send(data + CUT)
        self.wait()
        [(paper, text)] = self.papers()
        assert paper == "full"
        return text


def eot(bench: Bench) -> str:
    return "".join(bench.send(bytes((0x10, 0x04, n))).hex() for n in (1, 2, 3, 4))


def faulty(*names: str, **options: bool | float | str) -> Bench:
    bench = Bench(**options)
    for name in names:
        bench.fault(name)
    return bench


def arrivals(bench: Bench) -> list[tuple[float, bytes]]:
    """All that is still to come, with the seconds from now."""
    began, heard = bench.now, []
    while (at := bench.printer.next_deadline()) is not None:
        bench.now = at
        if data := bench.printer.pass_time(at):
            heard.append((round(at - began, 3), data))
    return heard
