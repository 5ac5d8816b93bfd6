"""The monthly report's charts, as SVG whose letters are drawn: they look the same on every machine."""

import io
from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

FONTS = (
    Path(__file__).parent.parent.parent / "build/fonts/NotoSansSC-Regular.otf",
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
)
TEAL, ACCENT, LINE, SOFT = "#0b4f6c", "#8f3a05", "#c9d5da", "#42525f"
WIDTH_IN = 6.7
HEADROOM = 1.15
Value = float | None


class NoFont(Exception):
    """The text says how to get one."""


def days(
    labels: Sequence[str], mean: Sequence[Value], high: Sequence[Value], words: Sequence[str]
) -> str:
    """Bars of means, a line of what nine in ten stay below; minutes. `words`: their names, and the axis's."""
    figure, axes = _axes(2.5)
    places = range(len(labels))
    axes.bar(places, [one or 0 for one in mean], color=TEAL, width=0.7, label=words[0])
    shown = [(n, one) for n, one in enumerate(high) if one is not None]
    axes.plot(
        [n for n, _ in shown],
        [one for _, one in shown],
        color=ACCENT,
        marker="o",
        ms=3,
        lw=1.2,
        label=words[1],
    )
    every = max(1, round(len(labels) / 10))
    axes.set_xticks(list(places)[::every], list(labels)[::every])
    axes.set_ylabel(words[2])
    _legend(axes)
    return _svg(figure)


def hours(
    labels: Sequence[str], arrivals: Sequence[float], mean: Sequence[Value], words: Sequence[str]
) -> str:
    """Bars of arrivals a day, a line of mean waits in minutes on a scale of its own."""
    figure, axes = _axes(2.3)
    places = range(len(labels))
    axes.bar(places, arrivals, color=LINE, width=0.7, label=words[0])
    axes.set_xticks(list(places), list(labels))
    axes.set_ylabel(words[0])
    other = axes.twinx()
    _plain(other)
    shown = [(n, one) for n, one in enumerate(mean) if one is not None]
    other.plot(
        [n for n, _ in shown], [one for _, one in shown], color=TEAL, marker="o", ms=3, lw=1.4
    )
    other.set_ylim(0, HEADROOM * max([1.0, *(one for _, one in shown)]))
    other.set_ylabel(words[1], color=TEAL)
    return _svg(figure)


def ranked(
    labels: Sequence[str], now: Sequence[Value], before: Sequence[Value], words: Sequence[str]
) -> str:
    """A bar for each, longest on top, with a mark where it was before; minutes."""
    figure, axes = _axes(0.6 + 0.3 * max(2, len(labels)))
    places = range(len(labels))
    axes.barh(places, [one or 0 for one in now], color=TEAL, height=0.6, label=words[0])
    was = [(n, one) for n, one in enumerate(before) if one is not None]
    axes.plot(
        [one for _, one in was],
        [n for n, _ in was],
        "|",
        color=ACCENT,
        ms=14,
        mew=2.5,
        label=words[1],
    )
    axes.set_yticks(list(places), list(labels))
    axes.invert_yaxis()
    axes.set_xlim(left=0)
    axes.set_xlabel(words[2])
    _legend(axes)
    return _svg(figure)


def _axes(height_in: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot()
    _plain(axes)
    axes.set_axisbelow(True)
    return figure, axes


def _plain(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(length=0, colors=SOFT)


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, prop=_font(8))


def _svg(figure: Figure) -> str:
    for axes in figure.axes:
        axes.xaxis.label.set_fontproperties(_font(8))
        axes.yaxis.label.set_fontproperties(_font(8))
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
            label.set_fontproperties(_font(8))
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return text.getvalue()


def _font(size: float) -> FontProperties:
    for file in FONTS:
        if file.exists():
            return FontProperties(fname=str(file), size=size)
    raise NoFont(f"{FONTS[-1]} is missing; install Debian's package fonts-noto-cjk.")
