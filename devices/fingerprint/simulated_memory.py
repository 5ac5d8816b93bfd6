"""The flash of a simulated fingerprint module: what outlives the power.

Source: R30x / ZFM-20 / AS608 module manuals (library, index table, system parameters).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from devices.fingerprint.simulated_finger import score

# SetSysPara: number of the register -> name, least and greatest value.
REGISTERS: Mapping[int, tuple[str, int, int]] = {
    4: ("baud_n", 1, 12),
    5: ("security", 1, 5),
    6: ("packet_index", 0, 3),
}

_SYSTEM_ID = 9
_INDEX_PAGES = 256  # templates in one page of the index table
_UNIT_BAUD = 9600


@dataclass
class Flash:
    """Pages with templates, and the system parameters."""

    capacity: int
    password: int
    address: int = 0xFFFFFFFF
    baud_n: int = 6
    security: int = 3
    packet_index: int = 2
    pages: dict[int, bytes] = field(default_factory=dict)

    @property
    def bits_per_second(self) -> int:
        return self.baud_n * _UNIT_BAUD

    @property
    def packet_bytes(self) -> int:
        """Most bytes of payload in a data packet: 32, 64, 128 or 256."""
        return 32 << self.packet_index

    def most_alike(self, wanted: bytes, start: int, count: int) -> tuple[int, int]:
        """Score and page of the best of `count` pages from `start` on; the lowest of equals."""
        asked = [page for page in sorted(self.pages) if start <= page < start + count]
        scores = [(score(wanted, self.pages[page]), page) for page in asked]
        return max(scores, key=lambda found: found[0], default=(0, 0))

    def delete(self, page: int, count: int) -> list[int]:
        """The pages that were full and are empty now."""
        gone = [one for one in sorted(self.pages) if page <= one < page + count]
        for one in gone:
            del self.pages[one]
        return gone

    def index(self, number: int) -> bytes:
        """32 bytes, one bit for each page: bit 0 of the first byte is the first."""
        places = [page - number * _INDEX_PAGES for page in self.pages]
        bits = sum(1 << place for place in places if 0 <= place < _INDEX_PAGES)
        return bits.to_bytes(_INDEX_PAGES // 8, "little")

    def parameters(self, status: int) -> bytes:
        """The sixteen bytes of ReadSysPara."""
        numbers = (status, _SYSTEM_ID, self.capacity, self.security)
        out = b"".join(number.to_bytes(2, "big") for number in numbers)
        out += self.address.to_bytes(4, "big")
        return out + self.packet_index.to_bytes(2, "big") + self.baud_n.to_bytes(2, "big")
