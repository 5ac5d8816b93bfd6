"""Text for LED strips over counters, to bytes. Pure. They are only written to.

Source: several public programs that drive such strips agree: AA, address, BB 51 54, the sum modulo 256 of all
that follows up to the last byte of text, mode, speed, stay, colour, valid, the text in GBK, FF.
"""

import unicodedata

BROADCAST = 0xFF
HEAD, SHOW, END = 0xAA, b"\xbb\x51\x54", 0xFF
MISSING = "〓"  # what a typesetter puts where a character is missing


def encode(
    address: int, text: bytes, *, mode: int, speed: int, stay: int, colour: int, valid: int
) -> bytes:
    """One frame; ValueError when a number does not fit. FF would end the frame too early, so no number may be it."""
    if not 0 <= address <= BROADCAST:
        raise ValueError(f"{address} is no address; expected 0 to 255, 255 for all signs")
    numbers = (mode, speed, stay, colour, valid)
    if not all(0 <= number < END for number in numbers):
        raise ValueError("mode, speed, stay, colour and valid are expected from 0 to 254")
    body = bytes(numbers) + text
    return bytes((HEAD, address)) + SHOW + bytes((sum(body) % 256,)) + body + bytes((END,))


def gbk(words: str, longest: int) -> tuple[bytes, bool]:
    """The text, at most `longest` bytes, and whether it was cut, which it is between two characters.

    What GBK has not is replaced, the half-width yen sign by its full-width twin. ValueError for control
    characters: what a sign does with them is not known.
    """
    if any(unicodedata.category(c) == "Cc" for c in words):
        raise ValueError("the text holds a control character")
    text = b""
    for code in map(_code, words):
        if len(text) + len(code) > longest:
            return text, True
        text += code
    return text or b" ", False  # a frame without text is nowhere described


def _code(character: str) -> bytes:
    try:
        return character.replace("\xa5", "￥").encode("gbk")
    except UnicodeEncodeError:
        return MISSING.encode("gbk")


def mask(stream: bytes) -> bytes:
    """What hangs over a counter for all to read is no secret: the stream as it is."""
    return stream
