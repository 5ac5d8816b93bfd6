"""Where the parts of one page stand between header and bar."""

from dataclasses import dataclass, replace
from math import ceil

from kiosk.journey.events import TurnedOver
from kiosk.look import blocks, grid, icons, said
from kiosk.look.boxes import Look
from kiosk.look.foot import foot
from kiosk.look.grid import Plan
from kiosk.look.head import Head, head
from kiosk.look.panel import Panel
from kiosk.look.placed import Placed, Rect
from kiosk.look.theme import GAP, TARGET
from kiosk.screens.page import Block, Choice, Entry, Frame, Role, Sheet, Text

SHARES = (0.5, 0.56, 0.62, 0.67, 0.42)  # of a wide panel for what is touched
SHARES_OF_WORDS = (*SHARES, 0.48)  # on a tight page
SHARES_OF_KEYS = (0.34, 0.4, 0.47, 0.54, 0.6)
NARROWEST_FIELD = 46.0
BACK = "back"
WIDEST_FIELD = 1.15  # of the width of its keys
FEWEST = 3  # choices at once are worth a tighter page


@dataclass(frozen=True, slots=True)
class Way:
    """One way to place a page; whether what is said `fits`, and how much of what can be touched is there at once."""

    placed: list[Placed]
    fits: bool
    shown: int = 0
    size: float = 0.0

    def better(self, other: "Way", enough: float) -> bool:
        """Letters that are larger than `enough` count no more."""
        mine, others = ((way.fits, way.shown, min(way.size, enough)) for way in (self, other))
        return mine > others


class PagePlaces:
    """What is said above what is touched, or beside it on a wide panel. `tight`: tiles have words only, in the smallest
    letters too, and the way to further ones stands in the foot."""

    def __init__(self, frame: Frame, panel: Panel, look: Look, *, tight: bool = False) -> None:
        if tight:
            frame, look = _words_only(frame), _with_smallest(look)
        self._frame, self._page, self._panel, self._look = frame, frame.page, panel, look
        self._tight = tight
        blocks_ = frame.page.blocks
        self._field = next((b for b in blocks_ if isinstance(b, Entry | Sheet)), None)
        self._said: list[Block] = [
            b for b in blocks_ if b is not self._field and not (isinstance(b, Text) and b.quiet)
        ]

    def place(self, body: Rect, low: float | None) -> list[Placed]:
        """`low`: nothing is touched above that."""
        if not self._page.choices:
            return self._told(body)
        if low is not None:
            return self._lowered(body, low)
        way = self._found(body)
        if self._panel.slim and way.shown < min(FEWEST, len(self._page.choices)):
            tight = PagePlaces(self._frame, self._panel, self._look, tight=True)._found(body)
            way = tight if tight.fits and self._turns(tight) < self._turns(way) else way
        return way.placed

    def _turns(self, way: Way) -> int:
        return ceil(len(self._page.choices) / (way.shown or 1))

    def _found(self, body: Rect) -> Way:
        best = self._best(body, hinted=True)
        return best if best.fits else self._best(body, hinted=False)

    def _best(self, body: Rect, *, hinted: bool) -> Way:
        """The first that shows all in letters that are large enough; else what shows most, then in the largest."""
        keys = any(choice.role is Role.KEY for choice in self._page.choices)
        shares = SHARES_OF_KEYS if keys else SHARES_OF_WORDS if self._tight else SHARES
        best, enough = Way([], fits=False), self._look.scale.tiles[1]
        for share in self._shares(shares):
            way = (
                self._beside(body, share, hinted=hinted)
                if share
                else self._stacked(body, hinted=hinted)
            )
            if way.fits and way.shown == len(self._page.choices) and way.size >= enough:
                return way
            if not best.placed or way.better(best, enough):
                best = way
        return best

    def _shares(self, shares: tuple[float, ...]) -> tuple[float | None, ...]:
        """Of the width for what is touched; None where it stands below what is said. The best for the panel first."""
        if self._panel.wide:
            return (*shares, None)
        return (None, *shares) if self._panel.width > self._panel.height else (None,)

    def _told(self, body: Rect) -> list[Placed]:
        """Nothing to choose; where it is too much, a way to the rest of it."""
        top = head(self._frame, self._panel, body, self._look)
        wide, first = self._panel.width > self._panel.height, self._frame.first
        leads = foot(self._page.foot, body, self._look)
        room = _between(body, top.bottom, leads)
        parts = said.pages(self._said, room, self._look, wide=wide)
        if len(parts) > 1:
            leads = foot(self._with_more(TurnedOver(0)), body, self._look)
            room = _between(body, top.bottom, leads)
            parts = said.pages(self._said, room, self._look, wide=wide)
            place = first if first < len(parts) else 0
            turn = TurnedOver((place + 1) % len(parts))
            leads = foot(self._with_more(turn), body, self._look)
            parts = [parts[place]]
        shown = said.place(parts[0], room, self._look, wide=wide, centred=True)
        return [*top.placed, *shown, *leads]

    def _with_more(self, turn: TurnedOver) -> tuple[Choice, ...]:
        more = Choice("more", self._frame.more, turn, Role.PLAIN, icons.MORE)
        leads = self._page.foot
        back = leads[:1] if leads and leads[0].key == BACK else ()
        return (*back, more, *leads[len(back) :])

    def _stacked(self, body: Rect, *, hinted: bool) -> Way:
        """Choices have what they would like, as far as what is said leaves it."""
        top = head(self._frame, self._panel, body, self._look, hinted=hinted)
        leads, field = self._leads(body)
        area = _between(body, top.reserved, leads)
        must = said.least(self._said, body.width, self._look)
        upper = area.y + (must + GAP if must else 0.0)
        rect = Rect(area.x, upper, area.width, area.bottom - upper)
        touched, plan, fits = self._touched(rect, field)
        leads = self._turning(leads, body, plan)
        highest = min((one.rect.y for one in touched), default=area.bottom + GAP)
        room = Rect(area.x, top.bottom, area.width, highest - GAP - top.bottom)
        return self._way(top, room, touched, leads, plan, fits=fits)

    def _beside(self, body: Rect, share: float, *, hinted: bool) -> Way:
        right = body.width * share
        between = 2 * GAP + self._look.scale.pad
        left = Rect(body.x, body.y, body.width - right - between, body.height)
        side = Rect(body.right - right, body.y, right, body.height)
        top = head(self._frame, self._panel, left, self._look, hinted=hinted)
        leads, field = self._leads(left)
        area = _between(left, top.reserved, leads)
        must = said.least(self._said, left.width, self._look)
        on_the_right = None if isinstance(field, Sheet) else field
        touched, plan, fits = self._touched(side, on_the_right, middle=True)
        leads = self._turning(leads, left, plan)
        room = _between(left, top.bottom, leads)
        if field is not None and (on_the_right is None or not fits):
            touched, plan, fits = self._touched(side, None, middle=True)
            upper = area.y + (must + GAP if must else 0.0)
            written = self._placed_field(field, area, upper, area.width)
            touched += written
            fits = fits and bool(written)
            if written:
                room = Rect(room.x, room.y, room.width, written[0].rect.y - GAP - room.y)
        return self._way(top, room, touched, leads, plan, fits=fits and area.height >= must)

    def _lowered(self, body: Rect, low: float) -> list[Placed]:
        upper = Rect(body.x, body.y, body.width, low - GAP - body.y)
        lower = Rect(body.x, low, body.width, body.bottom - low)
        leads, field = self._leads(lower)
        top = head(self._frame, self._panel, upper, self._look)
        area = _between(lower, low, leads)
        touched, _, fits = self._touched(area, field)
        if not fits and isinstance(field, Entry):
            touched, plan, _ = self._touched(area, None)
            written = self._placed_field(field, upper, top.reserved, plan.wide * WIDEST_FIELD)
            touched += written
            upper = replace(upper, height=written[0].rect.y - GAP - upper.y)
        room = Rect(upper.x, top.bottom, upper.width, upper.bottom - top.bottom)
        shown = said.place(self._said, room, self._look, wide=False, centred=not self._page.choices)
        return [*top.placed, *shown, *touched, *leads]

    def _leads(self, rect: Rect) -> tuple[tuple[Placed, ...], Entry | Sheet | None]:
        """The foot; on a slim panel with the field for keys beside the way back. And the field, if it is not there."""
        choices = self._with_more(TurnedOver(0)) if self._tight else self._page.foot
        leads, field = foot(choices, rect, self._look, tight=self._tight), self._field
        if not (self._panel.slim and isinstance(field, Entry) and len(leads) == 1):
            return leads, field
        back = leads[0].rect
        width = rect.right - back.right - GAP
        if width < NARROWEST_FIELD:
            return leads, field
        sized = blocks.sized(field, width, self._look).least
        high = sized - self._look.scale.key * blocks.FIELD + back.height
        where = Rect(back.right + GAP, back.bottom - high, width, high)
        return (*leads, *blocks.place(field, where, self._look)), None

    def _turning(self, leads: tuple[Placed, ...], rect: Rect, plan: Plan) -> tuple[Placed, ...]:
        """On a tight page the foot leads to the next choices, if there are more than these."""
        if not self._tight:
            return leads
        further = plan.shown < len(self._page.choices)
        choices = self._with_more(TurnedOver(plan.after)) if further else self._page.foot
        return foot(choices, rect, self._look, tight=True)

    def _way(
        self,
        top: Head,
        room: Rect,
        touched: list[Placed],
        leads: tuple[Placed, ...],
        plan: Plan,
        *,
        fits: bool,
    ) -> Way:
        shown = said.place(self._said, room, self._look, wide=False, centred=False)
        fits = fits and _sound(leads) and not top.broken and not self._breaks(room.width)
        return Way([*top.placed, *shown, *touched, *leads], fits, plan.shown, plan.size)

    def _breaks(self, width: float) -> bool:
        """Whether a word of what is said is wider."""
        texts = [one for one in self._said if isinstance(one, Text)]
        size = blocks.text_size
        return any(self._look.widest(t.text, size(t, self._look), t.large) > width for t in texts)

    def _plan(self, rect: Rect) -> Plan:
        page, frame = self._page, self._frame
        more = "" if self._tight else frame.more
        return grid.plan(page.choices, rect, self._look, more, frame.first)

    def _touched(
        self, rect: Rect, field: Entry | Sheet | None, *, middle: bool = False
    ) -> tuple[list[Placed], Plan, bool]:
        """Choices at the bottom of `rect`, or in its middle, and above them the field; and whether all that fits."""
        high = blocks.sized(field, rect.width, self._look).least + GAP if field else 0.0
        plan = self._plan(Rect(rect.x, rect.y, rect.width, rect.height - high))
        free = rect.height - high - plan.high
        down = high + (free / 2 if middle else free)
        placed = list(plan.at(0, down))
        fits = free >= -0.1 and (plan.size > 0 or not self._page.choices)
        if field is not None:
            over = Rect(rect.x, rect.y, rect.width, down - GAP)
            written = self._placed_field(field, over, over.y, plan.wide * WIDEST_FIELD)
            placed += written
            fits = fits and bool(written)
        return placed, plan, fits

    def _placed_field(
        self, field: Entry | Sheet, rect: Rect, top: float, widest: float
    ) -> list[Placed]:
        """At the bottom of `rect`, not above `top`; nothing where that is too little."""
        wide = rect.width if isinstance(field, Sheet) else min(rect.width, widest)
        sized = blocks.sized(field, wide, self._look)
        high = min(sized.most, rect.bottom - top)
        if high < sized.least - 0.1:
            return []
        where = Rect(rect.x + (rect.width - wide) / 2, rect.bottom - high, wide, high)
        return blocks.place(field, where, self._look)


def _words_only(frame: Frame) -> Frame:
    tiles = (
        replace(c, badge="", icon="") if c.role is Role.TILE else c for c in frame.page.choices
    )
    return replace(frame, page=replace(frame.page, choices=tuple(tiles)))


def _with_smallest(look: Look) -> Look:
    tiles = (*look.scale.tiles, look.scale.small)
    return Look(look.palette, replace(look.scale, tiles=tiles), look.measure)


def _sound(leads: tuple[Placed, ...]) -> bool:
    return min((one.rect.height for one in leads if one.choice), default=TARGET) >= TARGET - 1e-6


def _between(rect: Rect, top: float, leads: tuple[Placed, ...]) -> Rect:
    """What is left between what stands above and the foot."""
    bottom = min((one.rect.y for one in leads), default=rect.bottom + GAP) - GAP
    return Rect(rect.x, top, rect.width, bottom - top)
