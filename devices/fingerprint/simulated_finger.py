"""Fingers of a simulated fingerprint module: image, character files and how alike they are.

No algorithm for real fingers: an image is 256 blocks of eight equal pixels, one block for each
byte of the finger's character file. The sizes are those of the R30x family (a template is two
character files of 256 bytes); the image is smaller than a real one.
"""

import random
from dataclasses import dataclass
from operator import eq

CHARACTER_BYTES = 256
TEMPLATE_BYTES = 2 * CHARACTER_BYTES
BLOCK_PIXELS = 8
IMAGE_BYTES = CHARACTER_BYTES * BLOCK_PIXELS
BLANK = 0xFF  # bare glass, never a byte of a character file

OK, TOO_MESSY, TOO_FEW_POINTS = 0x00, 0x06, 0x07

CONDITIONS = ("clean", "dirty", "dry", "wet")
# Least score (0-100) for a match at security level 1 to 5, and for two images to be merged.
LEAST_SCORE = {1: 35, 2: 45, 3: 55, 4: 65, 5: 75}
LEAST_SCORE_TO_MERGE = 55

_CHANGED_CLEAN = (8, 25)  # bytes of 256 that differ from one clean touch to the next
_CHANGED_WET = 140
_BLANK_DRY = 160
_BAD_BLOCKS = CHARACTER_BYTES // 4  # with more of them there is no character file


@dataclass(frozen=True)
class Finger:
    """A finger on the glass; `touch` counts how often this finger was put there."""

    name: str
    condition: str
    touch: int

    def image(self) -> bytes:
        """Pixels of this touch, always the same for the same finger, condition and touch."""
        chance = random.Random(f"touch {self.touch} of {self.name}")
        if self.condition == "dirty":
            return bytes(chance.randrange(1, BLANK) for _ in range(IMAGE_BYTES))
        characters = bytearray(_characters_of(self.name))
        wet = self.condition == "wet"
        changed = _CHANGED_WET if wet else chance.randint(*_CHANGED_CLEAN)
        for place in chance.sample(range(CHARACTER_BYTES), changed):
            characters[place] = chance.randrange(1, BLANK)
        if self.condition == "dry":
            for place in chance.sample(range(CHARACTER_BYTES), _BLANK_DRY):
                characters[place] = BLANK
        return b"".join(bytes((byte,)) * BLOCK_PIXELS for byte in characters)


def _characters_of(name: str) -> bytes:
    chance = random.Random(f"finger {name}")
    return bytes(chance.randrange(1, BLANK) for _ in range(CHARACTER_BYTES))


def extract(image: bytes) -> tuple[int, bytes]:
    """Confirmation code, and the character file if that is 00."""
    starts = range(0, IMAGE_BYTES, BLOCK_PIXELS)
    blocks = [image[start : start + BLOCK_PIXELS] for start in starts]
    if sum(len(set(block)) != 1 for block in blocks) > _BAD_BLOCKS:
        return TOO_MESSY, b""
    if sum(block[0] == BLANK for block in blocks) > _BAD_BLOCKS:
        return TOO_FEW_POINTS, b""
    return OK, bytes(block[0] for block in blocks)


def template(*files: bytes) -> bytes:
    """One or two character files as they lie in a buffer: 512 bytes, zeros where none is."""
    return b"".join(files).ljust(TEMPLATE_BYTES, b"\x00")


def files_of(buffer: bytes) -> list[bytes]:
    """The character files in a buffer or page."""
    halves = (buffer[:CHARACTER_BYTES], buffer[CHARACTER_BYTES:])
    return [half for half in halves if any(half)]


def score(one: bytes, other: bytes) -> int:
    """0 to 100: the share of equal bytes of the two files that are most alike."""
    pairs = [(a, b) for a in files_of(one) for b in files_of(other)]
    return max((100 * sum(map(eq, a, b)) // CHARACTER_BYTES for a, b in pairs), default=0)
