"""Breaking a text into lines: Chinese between any two characters, but no line begins with a closing sign; others
between words. Two lines part after a comma or full stop where there is one near the middle; else, and where there are
more, lines of one text are about equally long."""

import re
from collections.abc import Callable
from itertools import accumulate

Width = Callable[[str], float]  # of a text in one line, in mm

# a word of letters with what closes it; or one other character, with what may not stand at the beginning of a line,
# and what may not stand at an end before it
PIECES = re.compile(
    r"\s+"
    r"|[(“‘《（【]*[!-~–’…À-ɏ]+[，。、；：？！）》】”’…%]*"
    r"|[(“‘《（【]*.[，。、；：？！）》】”’…]*",
    re.DOTALL,
)
STOPS = "，。；：？！,.:;?!"
UNEVEN = 0.45  # how much shorter than the other one of two lines may be at least
STEPS = 5
SHORT = 4


def lines_of(text: str, width: float, measure: Width) -> list[str]:
    """As few lines as fit; a word that is wider than `width` is broken."""
    if measure(text) <= width:
        return [text.strip()]
    pieces = [
        (part, wide if part is piece else measure(part))
        for piece in PIECES.findall(text)
        for wide in (measure(piece),)
        for part in ([piece] if wide <= width else piece)
    ]
    lines = _fill(pieces, width)
    if len(lines) == 2 and (parted := _at_a_stop(pieces, width)):
        return parted
    low, high = width / 2, width
    for _ in range(STEPS):
        middle = (low + high) / 2
        tried = _fill(pieces, middle)
        fits = len(tried) == len(lines) and all(wide <= middle for _, wide in tried)
        low, high = (low, middle) if fits else (middle, high)
    return [line for line, _ in _fill(pieces, high)]


def count(text: str, width: float, measure: Width) -> int:
    """How many lines it needs, if no word of it is wider than `width`."""
    if measure(text) <= width:
        return 1
    return len(_fill([(piece, measure(piece)) for piece in PIECES.findall(text)], width))


def widest(text: str, measure: Width) -> float:
    """Of what should not be broken: a word, or one Chinese character; a short text not at all."""
    return (
        measure(text)
        if len(text) <= SHORT
        else max(map(measure, PIECES.findall(text)), default=0.0)
    )


def _fill(pieces: list[tuple[str, float]], width: float) -> list[tuple[str, float]]:
    """Lines with their widths."""
    lines: list[tuple[str, float]] = []
    line, long, spaces = "", 0.0, 0.0  # spaces at the end of a line take no room
    for piece, wide in pieces:
        if piece <= " ":
            spaces += wide if line else 0.0
            line += piece if line else ""
        elif line and long + spaces + wide > width:
            lines.append((line.rstrip(), long))
            line, long, spaces = piece, wide, 0.0
        else:
            line, long, spaces = line + piece, long + spaces + wide, 0.0
    return [*lines, (line.rstrip(), long)] if line else lines


def _at_a_stop(pieces: list[tuple[str, float]], width: float) -> list[str]:
    """In two lines after a stop, if they are about equally long."""
    sums = list(accumulate(wide for _, wide in pieces))
    found = [
        (max(before, sums[-1] - before), place)
        for place, before in enumerate(sums[:-1], 1)
        if pieces[place - 1][0][-1] in STOPS
    ]
    longer, place = min(found, default=(width + 1, 0))
    if longer > width or sums[-1] - longer < longer * (1 - UNEVEN):
        return []
    texts = [piece for piece, _ in pieces]
    return ["".join(texts[:place]).strip(), "".join(texts[place:]).strip()]
