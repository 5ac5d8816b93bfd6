"""The machines: a job's time on the wire beside the wire's own limit, a card's way to the screen, what keepers cost."""

import io
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from itertools import cycle, islice
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil

from bench.figures import quantile, tell, tell_times
from bench.programs import cpu_seconds, program, wait_until
from devices.catalogue import KINDS
from devices.device import Driver
from devices.keeper import Keeper
from devices.port import open_port
from devices.simulate import TruthLog, simulate
from devices.ticket_printer.driver import Printed, PrintSlip, TicketPrinter
from devices.ticket_printer.encoding import encode
from devices.ticket_printer.simulator import Simulator
from devices.ticket_printer.slip import Slip
from edge_agent.messages import EstimatedWait, IssuedTicket
from kiosk import words
from kiosk.slip import ticket_slip

BAUD = 38400
JOBS = 20
IDLE_S = 10.0
TWELVE = list(islice(cycle(KINDS), 12))


def run(folder: Path) -> None:
    """All figures of the machines but those that need a screen (see kiosk_bench)."""
    slip = chinese_slip()
    tell("chinese_ticket_with_qr", len(encode(slip)), "bytes", 1)
    job_on_the_wire(folder, slip)
    for kind in KINDS:
        tell(f"keeper_idle_cpu_{kind}", idle_cpu(folder, [kind]), "% of a core", 1)
    tell("keepers_idle_cpu_12_devices", idle_cpu(folder, TWELVE), "% of a core", 1)


def chinese_slip() -> Slip:
    """What the kiosk prints for a customer who reads Chinese."""
    ticket = IssuedTicket(
        id="n5Yk2vXrT0mQ8wLb3cJd4A",
        label="A012",
        service="cards",
        segment="ordinary",
        business_day=date(2026, 11, 25),
        issued_at=datetime(2026, 11, 25, 2, tzinfo=UTC),
        ahead=12,
        estimated_wait=EstimatedWait(low_s=300, likely_s=600, high_s=1100),
    )
    return ticket_slip(
        ticket,
        words.load("zh-Hans"),
        bank="和谐银行",
        branch="上海浦东新区陆家嘴环路支行",
        service="银行卡与账户",
        link=f"https://branch-0123.harmony.example/t/{ticket.id}",
        zone=ZoneInfo("Asia/Shanghai"),
    )


class Timed(Simulator):
    """A printer that notes when bytes came: the bench hands them over at the line's speed."""

    came: tuple[float, int] = (0.0, 0)  # the last piece
    total = 0

    def receive(self, data: bytes, now: float) -> bytes:
        self.came, self.total = (now, len(data)), self.total + len(data)
        return super().receive(data, now)

    @property
    def last_byte_at(self) -> float:
        """A piece has come when its last bit has."""
        at, length = self.came
        return at + length * 10 / BAUD


def job_on_the_wire(folder: Path, slip: Slip) -> None:
    """From the order until the last byte of the job is over the wire, beside its bytes x 10 / baud."""
    machine = Timed(TruthLog(None))
    told: list[object] = []
    driver = TicketPrinter(told.append, baud=BAUD)
    length = len(encode(slip))
    with in_a_thread(machine, folder / "printer") as link:
        keeper = _keeper("ticket_printer", driver, link, told.append)
        wait_until(lambda: keeper.health.state.works)
        seconds = [_one_job(machine, keeper, told, slip, number) for number in range(JOBS)]
        keeper.stop()
    limit = length * 10 / BAUD
    tell_times("job_to_last_byte", seconds)
    tell("job_wire_limit", limit * 1000, "ms", 1)
    tell("job_to_last_byte_p95_over_wire", quantile(seconds, 0.95) / limit, "ratio", JOBS)


def _one_job(machine: Timed, keeper: Keeper, told: list[object], slip: Slip, number: int) -> float:
    """The job is over the wire when nothing has come for a while; what is asked later is no part of it."""
    before, start = machine.total, time.monotonic()
    keeper.order(PrintSlip(str(number), slip))
    whole = len(encode(slip))
    wait_until(lambda: machine.total - before >= whole)
    arrived = machine.last_byte_at
    wait_until(lambda: any(isinstance(one, Printed) and one.job == str(number) for one in told))
    time.sleep(0.2)
    return arrived - start


@contextmanager
def in_a_thread(machine: Simulator, link: Path) -> Iterator[Path]:
    read_end, write_end = os.pipe()
    commands, typed = os.fdopen(read_end), os.fdopen(write_end, "w", buffering=1)
    thread = threading.Thread(
        target=simulate,
        args=("ticket_printer", machine, link, None, [], commands, io.StringIO(), time.monotonic),
    )
    thread.start()
    wait_until(link.is_symlink)
    try:
        yield link
    finally:
        typed.write("quit\n")
        thread.join()


def idle_cpu(folder: Path, kinds: list[str]) -> float:
    """Of this process, in % of a core, while these machines lie idle; their simulators are other processes."""
    with ExitStack() as running:
        keepers = []
        for number, kind in enumerate(kinds):
            link = folder / f"idle-{number}"
            running.enter_context(program("devices", "simulate", kind, "--link", str(link)))
            wait_until(link.is_symlink)
            keepers.append(_keeper(kind, KINDS[kind].driver(_nobody), link, _nobody))
        wait_until(lambda: all(keeper.health.state.works for keeper in keepers))
        time.sleep(2.0)  # what follows the probe is over
        before = cpu_seconds(psutil.Process())
        time.sleep(IDLE_S)
        used = cpu_seconds(psutil.Process()) - before
        for keeper in keepers:
            keeper.stop()
        return used / IDLE_S * 100


def _keeper(kind: str, driver: Driver, link: Path, tell_: Callable[[object], None]) -> Keeper:
    keeper = Keeper(
        kind,
        kind,
        driver,
        lambda: open_port(str(link), baud=driver.baud, xonxoff=driver.xonxoff),
        tell_,
        lambda: datetime.now(UTC),
    )
    keeper.start()
    return keeper


def _nobody(_event: object) -> None:
    """Nobody listens."""
