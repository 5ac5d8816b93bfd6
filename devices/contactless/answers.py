"""What the answers of a PN532 mean: which chip, which cards, how an exchange with a card went. Pure.

Source: NXP UM0701-02, 7.1 (status byte), 7.2.2, 7.3.5 and 7.3.8; ISO/IEC 14443-3 (UID).
"""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Target:
    """A card in the field. `uid` may be a random one, new whenever the card gets power."""

    number: int
    speaks_apdu: bool
    uid: bytes = field(repr=False)

    def is_another(self, uid: bytes) -> bool:
        """For sure another card than the one with this number: neither number is a random one."""
        return self.uid != uid and not (_random(self.uid) or _random(uid))


def _random(uid: bytes) -> bool:
    """ISO/IEC 14443-3: four bytes, the first 08."""
    return not uid or (len(uid) == 4 and uid[0] == 0x08)


class CardLink(StrEnum):
    """How an exchange with a card went."""

    OK = "ok"
    LOST = "lost"  # nothing came back: gone, or too far away
    COLLIDED = "collided"
    BROKEN = "broken"
    HOT = "overheated"
    CURRENT = "overCurrent"


LINKS = {
    0x00: CardLink.OK, 0x01: CardLink.LOST, 0x0A: CardLink.LOST, 0x29: CardLink.LOST, 0x2B: CardLink.LOST,
    0x06: CardLink.COLLIDED, 0x0D: CardLink.HOT, 0x2D: CardLink.CURRENT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The answer to `exchange`; `more`: the rest waits to be fetched."""

    link: CardLink
    more: bool
    data: bytes = field(repr=False)


def exchanged(data: bytes) -> Exchanged:
    if not data:
        return Exchanged(CardLink.BROKEN, more=False, data=b"")
    link = LINKS.get(data[0] & 0x3F, CardLink.BROKEN)
    return Exchanged(link, more=bool(data[0] & 0x40), data=data[1:])


def identity(data: bytes) -> str:
    """What the answer to `firmware_version` says: chip and version; empty when it is cut off."""
    if len(data) < 3:
        return ""
    chip, version, revision = data[:3]
    return f"PN5{chip:02X} {version}.{revision}"


def targets(data: bytes) -> list[Target]:
    """The cards that `list_targets` found, two at most. One whose description is cut off speaks no APDU."""
    found, at = [], 1
    for place in range(min(data[0], 2) if data else 0):
        head = data[at : at + 5]  # number, SENS_RES (two), SEL_RES, length of the UID
        if len(head) < 5:
            found.append(Target(place + 1, speaks_apdu=False, uid=b""))
            continue
        behind = at + 5 + head[4]
        uid, iso_dep = data[at + 5 : behind], bool(head[3] & 0x20)
        found.append(Target(head[0], iso_dep and len(data) >= behind, uid))
        # the answer to select, which such a card gives, counts itself
        at = behind + (data[behind] if iso_dep and behind < len(data) else 0)
    return found
