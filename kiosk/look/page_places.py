"""Where the parts of one page stand between header and bar."""

from kiosk.look import blocks, grid
from kiosk.look.boxes import Look, column, row
from kiosk.look.placed import Line, Placed, Rect
from kiosk.look.theme import GAP, LINE
from kiosk.screens.page import Block, Frame, Role, Steps, Text

SHARES = (0.55, 0.62, 0.68, 0.72)  # of a wide panel for what is touched; the first that shows all
ABOVE = 0.3  # of the room to spare
SLIM = 3.0  # the bar of steps
LONE = 0.36  # of the width, for a lone way back


class PagePlaces:
    """What is said above what is touched, or beside it on a wide panel; `low`: nothing is touched above that."""

    def __init__(self, frame: Frame, look: Look) -> None:
        self._frame, self._page, self._look = frame, frame.page, look
        self._said = [b for b in frame.page.blocks if not (isinstance(b, Text) and b.quiet)]
        self._hint = next((b for b in frame.page.blocks if isinstance(b, Text) and b.quiet), None)

    def place(self, body: Rect, low: float | None, *, wide: bool) -> list[Placed]:
        if low is not None:
            upper = Rect(body.x, body.y, body.width, low - GAP - body.y)
            return [
                *self._say(upper),
                *self._touch(Rect(body.x, low, body.width, body.bottom - low)),
            ]
        if wide and self._page.choices:
            return self._beside(body)
        return self._stacked(body, columns=2 if wide and len(self._said) > 2 else 1)

    def _beside(self, body: Rect) -> list[Placed]:
        choices: tuple[Placed, ...] = ()
        right = 0.0
        for share in SHARES:
            right = body.width * share
            high = min(self._wish(right), body.height)
            choices = self._grid(Rect(body.right - right, body.bottom - high, right, high))
            if grid.complete(choices, self._page.choices):
                break
        left = Rect(body.x, body.y, body.width - right - 2 * GAP, body.height)
        foot = self._foot(left)
        return [*self._say(self._above(left, foot)), *choices, *foot]

    def _stacked(self, body: Rect, columns: int) -> list[Placed]:
        """Choices have what they would like, as far as what is said leaves it."""
        foot = self._foot(body)
        area = self._above(body, foot)
        head, rest = self._head(area)
        said = [blocks.sized(block, body.width, self._look) for block in self._said]
        needed = blocks.least([one for one in said if not one.may_go])
        wished = self._wish(body.width)
        high = min(wished, rest.height - (needed + GAP if needed else 0)) if wished else 0.0
        choices = Rect(body.x, rest.bottom - high, body.width, high)
        for_said = Rect(rest.x, rest.y, rest.width, rest.height - high - (GAP if high else 0))
        return [*head, *self._blocks(for_said, columns), *self._grid(choices), *foot]

    def _say(self, rect: Rect) -> list[Placed]:
        head, rest = self._head(rect)
        return [*head, *self._blocks(rest)]

    def _touch(self, rect: Rect) -> list[Placed]:
        foot = self._foot(rect)
        area = self._above(rect, foot)
        high = min(self._wish(rect.width), area.height)
        return [*self._grid(Rect(rect.x, area.bottom - high, rect.width, high)), *foot]

    def _above(self, rect: Rect, foot: list[Placed]) -> Rect:
        bottom = min((one.rect.y for one in foot), default=rect.bottom + GAP) - GAP
        return Rect(rect.x, rect.y, rect.width, bottom - rect.y)

    def _wish(self, width: float) -> float:
        page = self._page
        return grid.wish(page.choices, width, page.columns, self._look) if page.choices else 0.0

    def _grid(self, rect: Rect) -> tuple[Placed, ...]:
        page, frame = self._page, self._frame
        return grid.grid(page.choices, rect, page.columns, self._look, frame.more, frame.first)

    def _foot(self, rect: Rect) -> list[Placed]:
        """Back on the left, what leads on on the right; one below the other where that is too narrow."""
        foot, look = self._page.foot, self._look
        if not foot:
            return []
        high, sizes = look.scale.foot, look.scale.tiles
        lone = len(foot) == 1 and foot[0].role is not Role.MAIN
        width = min(rect.width, max(rect.width * LONE, 44)) if lone else rect.width
        placed = row(foot, Rect(rect.x, rect.bottom - high, width, high), look, "foot", sizes)
        if placed is None:
            tall = len(foot) * (high + GAP) - GAP
            placed = column(
                foot[::-1], Rect(rect.x, rect.bottom - tall, rect.width, tall), look, "foot", sizes
            )
        return list(placed)

    def _head(self, rect: Rect) -> tuple[list[Placed], Rect]:
        """Steps and title, and below them what has just happened, or else a hint: in one place, so that nothing moves
        under a finger. And the room that is left."""
        placed: list[Placed] = []
        y = rect.y
        if self._page.steps is not None:
            placed += self._steps(self._page.steps, rect, y)
            y = placed[-1].rect.bottom + GAP / 2
        if self._page.title:
            placed.append(self._title(rect, y))
            y = placed[-1].rect.bottom + GAP / 2
        slot = self._slot(rect, y)
        placed += [slot] if slot else []
        top = placed[-1].rect.bottom + GAP if placed else rect.y
        return placed, Rect(rect.x, top, rect.width, rect.bottom - top)

    def _steps(self, steps: Steps, rect: Rect, y: float) -> list[Placed]:
        look = self._look
        size, page, main = look.scale.small, look.palette.page, look.palette.main
        words = Line(steps.text, rect.x, y + size * LINE / 2, size, page.ink)
        width = min(rect.width, look.measure(steps.text, size, False) + GAP * 2)
        line = Placed("steps", Rect(rect.x, y, width, size * LINE), lines=(words,))
        slim = Rect(rect.x + width, y + (size * LINE - SLIM) / 2, rect.width - width, SLIM)
        bar = Placed(
            "progress", slim, look.palette.wait.ground, main.ground, bar=steps.step / steps.of
        )
        return [bar, line]

    def _title(self, rect: Rect, y: float) -> Placed:
        size, ink = self._look.scale.title, self._look.palette.page.ink
        texts = self._look.wrap(self._page.title, rect.width, size, bold=True)
        lines = tuple(
            Line(text, rect.x, y + (n + 0.5) * size * LINE, size, ink, bold=True)
            for n, text in enumerate(texts)
        )
        return Placed("title", Rect(rect.x, y, rect.width, len(texts) * size * LINE), lines=lines)

    def _slot(self, rect: Rect, y: float) -> Placed | None:
        if self._page.notice is not None:
            return blocks.notice(self._page.notice, rect.x, y, rect.width, self._look)
        if self._hint is None:
            return None
        hint = blocks.sized(self._hint, rect.width, self._look)
        one_line = self._look.scale.body * LINE + 2 * self._look.scale.pad  # as high as a notice
        high = max(hint.least, one_line)
        (placed,) = blocks.place(self._hint, Rect(rect.x, y, rect.width, high), self._look)
        return placed

    def _blocks(self, rect: Rect, columns: int = 1) -> list[Placed]:
        """Where nothing is to be touched beside them, they stand a little above the middle."""
        if columns == 2:
            half = (rect.width - 2 * GAP) / 2
            first = len(self._said) // 2
            right = Rect(rect.right - half, rect.y, half, rect.height)
            left = Rect(rect.x, rect.y, half, rect.height)
            return [
                *self._below_each_other(self._said[:first], left),
                *self._below_each_other(self._said[first:], right),
            ]
        return self._below_each_other(self._said, rect)

    def _below_each_other(self, said: list[Block], rect: Rect) -> list[Placed]:
        sized = [blocks.sized(block, rect.width, self._look) for block in said]
        heights = blocks.room_for(sized, rect.height)
        spare = rect.height - sum(high + GAP for _, high in heights)
        placed: list[Placed] = []
        y = rect.y + (0 if self._page.choices else max(0.0, spare) * ABOVE)
        for one, high in heights:
            where = Rect(rect.x, y, rect.width, high)
            placed += blocks.place(one.block, where, self._look, centred=not self._page.choices)
            y += high + GAP
        return placed
