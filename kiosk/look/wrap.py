"""Breaking a text into lines: Chinese between any two characters, but no line begins with a closing sign; others
between words. Lines of one text are about equally long."""

import re
from collections.abc import Callable

Width = Callable[[str], float]  # of a text in one line, in mm

# a word of letters with what closes it; or one other character, with what may not stand at the beginning of a line,
# and what may not stand at an end before it
PIECES = re.compile(
    r"\s+"
    r"|[(“‘《（【]*[!-~–’…À-ɏ]+[，。、；：？！）》】”’…%]*"
    r"|[(“‘《（【]*.[，。、；：？！）》】”’…]*",
    re.DOTALL,
)
STEPS = 7


def lines_of(text: str, width: float, measure: Width) -> list[str]:
    """As few lines as fit; a single piece that is wider than `width` stands alone, and sticks out."""
    lines = _fill(text, width, measure)
    if len(lines) < 2:
        return lines
    low, high = width / 2, width
    for _ in range(STEPS):
        middle = (low + high) / 2
        tried = _fill(text, middle, measure)
        fits = len(tried) == len(lines) and max(map(measure, tried)) <= middle
        low, high = (low, middle) if fits else (middle, high)
    return _fill(text, high, measure)


def _fill(text: str, width: float, measure: Width) -> list[str]:
    lines: list[str] = []
    line = ""
    for piece in PIECES.findall(text):
        if line and measure((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() or not lines else lines
