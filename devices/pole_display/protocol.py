"""Two lines of text for a CD5220 pole display, to bytes. Pure. It is only written to.

Source: manuals of CD5220 displays (ESC Q A, ESC Q B, CLR, ESC @). Once a line was written by ESC Q the display takes
only ESC Q and CLR; so INITIALISE, which has to work in any state, clears before it resets.
"""

COLUMNS = 20
UPPER, LOWER = b"\x1bQA", b"\x1bQB"
END_OF_LINE = b"\r"
CLEAR, RESET = b"\x0c", b"\x1b@"
# the empty line ends one that a broken wire has left half written; its bytes would be taken for text
INITIALISE = UPPER + b" " * COLUMNS + END_OF_LINE + CLEAR + RESET
MISSING = "?"


def encode(upper: str, lower: str) -> bytes:
    """Both lines, over whatever stands there; what does not fit is left out."""
    return UPPER + _line(upper) + END_OF_LINE + LOWER + _line(lower) + END_OF_LINE


def fits(line: str) -> bool:
    return len(line) <= COLUMNS


def _line(words: str) -> bytes:
    """Filled with blanks, so that nothing of the text before remains and nothing needs to be cleared."""
    printable = "".join(c if " " <= c <= "~" else MISSING for c in words)
    return printable[:COLUMNS].ljust(COLUMNS).encode("ascii")


def mask(stream: bytes) -> bytes:
    """What stands on a pole for all to read is no secret: the stream as it is."""
    return stream
