"""The one table of machines we know: name in the configuration -> driver and simulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.device import Driver
from devices.magnetic_stripe.driver import MagneticStripeReader
from devices.magnetic_stripe.simulator import Simulator as SimulatedStripeReader
from devices.simulate import Machine
from devices.ticket_printer.driver import TicketPrinter
from devices.ticket_printer.simulator import Simulator as SimulatedPrinter


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of machine. `about` is what `--list` says of it; `mask` takes everything that tells about a person out
    of a recorded stream of bytes."""

    about: str
    driver: Callable[..., Driver]
    simulator: Callable[..., Machine]
    faults: Mapping[str, str]
    mask: Callable[[bytes], bytes] = bytes


KINDS: Mapping[str, Kind] = {
    "ticket_printer": Kind(
        "ESC/POS receipt printer with a simplified Chinese font",
        TicketPrinter,
        SimulatedPrinter,
        SimulatedPrinter.FAULTS,
    ),
    "magnetic_stripe": Kind(
        "magnetic-stripe reader, ISO 7811, ASCII over serial",
        MagneticStripeReader,
        SimulatedStripeReader,
        SimulatedStripeReader.FAULTS,
    ),
}
