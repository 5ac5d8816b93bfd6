"""The one table of machines we know: name in the configuration -> driver and simulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.call_pad.driver import CallPads
from devices.call_pad.protocol import mask as mask_call_pad
from devices.call_pad.simulator import Simulator as SimulatedPads
from devices.card_reader.driver import CardReader
from devices.card_reader.protocol import mask as mask_card_reader
from devices.card_reader.simulator import Simulator as SimulatedCardReader
from devices.contactless.driver import ContactlessReader
from devices.contactless.protocol import mask as mask_contactless
from devices.contactless.simulator import Simulator as SimulatedContactless
from devices.counter_sign.driver import CounterSigns
from devices.counter_sign.protocol import mask as mask_counter_sign
from devices.counter_sign.simulator import Simulator as SimulatedSigns
from devices.device import Driver
from devices.fingerprint.driver import FingerprintModule
from devices.fingerprint.protocol import mask as mask_fingerprint
from devices.fingerprint.simulator import Simulator as SimulatedFingerprint
from devices.id_card.driver import IdCardReader
from devices.id_card.protocol import mask as mask_id_card
from devices.id_card.simulator import Simulator as SimulatedIdCard
from devices.magnetic_stripe.driver import MagneticStripeReader
from devices.magnetic_stripe.protocol import mask as mask_magnetic_stripe
from devices.magnetic_stripe.simulator import Simulator as SimulatedStripeReader
from devices.pole_display.driver import PoleDisplay
from devices.pole_display.protocol import mask as mask_pole_display
from devices.pole_display.simulator import Simulator as SimulatedPole
from devices.scanner.driver import Scanner
from devices.scanner.protocol import mask as mask_scanner
from devices.scanner.simulator import Simulator as SimulatedScanner
from devices.simulate import Machine
from devices.ticket_printer.driver import TicketPrinter
from devices.ticket_printer.protocol import mask as mask_ticket_printer
from devices.ticket_printer.simulator import Simulator as SimulatedPrinter
from devices.ups.driver import Ups
from devices.ups.protocol import mask as mask_ups
from devices.ups.simulator import Simulator as SimulatedUps


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of machine. `about` is what `--list` says of it; `mask` takes everything that tells about a person out
    of a recorded stream of bytes; `answers`: it can be asked whether it is there."""

    about: str
    driver: Callable[..., Driver]
    simulator: Callable[..., Machine]
    faults: Mapping[str, str]
    mask: Callable[[bytes], bytes]
    answers: bool = True


COUNTER_KINDS = ("call_pad", "counter_sign", "pole_display")  # stand at counters, not in a kiosk
KINDS: Mapping[str, Kind] = {
    "ticket_printer": Kind(
        "ESC/POS receipt printer with a simplified Chinese font, also with a presenter",
        TicketPrinter,
        SimulatedPrinter,
        SimulatedPrinter.FAULTS,
        mask_ticket_printer,
    ),
    "magnetic_stripe": Kind(
        "magnetic-stripe reader, ISO 7811, ASCII over serial",
        MagneticStripeReader,
        SimulatedStripeReader,
        SimulatedStripeReader.FAULTS,
        mask_magnetic_stripe,
        answers=False,
    ),
    "card_reader": Kind(
        "motorised card reader, CRT-571/591",
        CardReader,
        SimulatedCardReader,
        SimulatedCardReader.FAULTS,
        mask_card_reader,
    ),
    "contactless": Kind(
        "contactless reader, PN532 over HSU, EMV cards",
        ContactlessReader,
        SimulatedContactless,
        SimulatedContactless.FAULTS,
        mask_contactless,
    ),
    "id_card": Kind(
        "resident ID card reader, SAM_V (GA 450)",
        IdCardReader,
        SimulatedIdCard,
        SimulatedIdCard.FAULTS,
        mask_id_card,
    ),
    "fingerprint": Kind(
        "fingerprint module, R30x/ZFM/AS608",
        FingerprintModule,
        SimulatedFingerprint,
        SimulatedFingerprint.FAULTS,
        mask_fingerprint,
    ),
    "scanner": Kind(
        "bar code and QR scanner over serial",
        Scanner,
        SimulatedScanner,
        SimulatedScanner.FAULTS,
        mask_scanner,
        answers=False,
    ),
    "call_pad": Kind(
        "call pads and evaluators on one RS-485 bus",
        CallPads,
        SimulatedPads,
        SimulatedPads.FAULTS,
        mask_call_pad,
        answers=False,
    ),
    "counter_sign": Kind(
        "LED strip signs at counters",
        CounterSigns,
        SimulatedSigns,
        SimulatedSigns.FAULTS,
        mask_counter_sign,
        answers=False,
    ),
    "pole_display": Kind(
        "CD5220 pole display, two lines of 20",
        PoleDisplay,
        SimulatedPole,
        SimulatedPole.FAULTS,
        mask_pole_display,
        answers=False,
    ),
    "ups": Kind(
        "uninterruptible power supply, Megatec Q1 over serial",
        Ups,
        SimulatedUps,
        SimulatedUps.FAULTS,
        mask_ups,
    ),
}
