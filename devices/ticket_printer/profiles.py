"""What models of ESC/POS printers differ in. One table; a new model is one entry.

Where no manual gives a number (rolls, the near-end sensor's place, clones' buffers) it is a cautious guess: the
worst that a wrong one does is a wrong count of tickets left, or a slower ticket.
"""

from collections.abc import Mapping
from dataclasses import dataclass

WHOLE_BUFFER = 4096
SMALL_BUFFER = 45  # a TM-T88III so switched, and what was copied from it
MARGIN = 20  # of the small one: it says stop when 16 bytes are free, and a question has 3


@dataclass(frozen=True, slots=True)
class Profile:
    """`process_id`, `queued_status`: GS ( H and GS r may be asked; whether they are answered is found out.
    `real_time_status`: DLE EOT is worth asking. `presenter`: full status with a sensor at the mouth.
    """

    columns: int = 48  # ASCII letters of a line; Chinese ones take two
    width_dots: int = 576  # a multiple of 8
    has_qr: bool = True  # else QR codes are drawn
    process_id: bool = True
    queued_status: bool = True
    real_time_status: bool = True
    presenter: bool = False
    buffer_bytes: int = WHOLE_BUFFER
    roll_mm: int = 80_000
    near_end_mm: int = 3_000  # still on the roll when the sensor says so
    cut_mm: int = 20  # fed from the head to the cutter

    @property
    def room_bytes(self) -> int:
        """What is sent at once: the rest is for a question, and for the margin at which it says stop."""
        return min(self.buffer_bytes * 3 // 4, self.buffer_bytes - MARGIN)


PROFILES: Mapping[str, Profile] = {
    "epson": Profile(),
    "clone": Profile(process_id=False, buffer_bytes=SMALL_BUFFER),
    "clone58": Profile(
        columns=32,
        width_dots=384,
        has_qr=False,
        process_id=False,
        buffer_bytes=2048,
        roll_mm=30_000,
    ),
    "vkp80": Profile(
        has_qr=False,
        process_id=False,
        presenter=True,
        roll_mm=150_000,
        near_end_mm=6_000,
        cut_mm=30,
    ),
    "silent": Profile(process_id=False, queued_status=False, real_time_status=False),
}


def profile_named(name: str) -> Profile:
    """Raises ValueError that says the known names."""
    if name not in PROFILES:
        raise ValueError(f"profile '{name}' is not known; expected one of {', '.join(PROFILES)}")
    return PROFILES[name]
