"""Charts as SVG, made here: no script draws them, and each says its figures in words as well.

Colours are those of the style sheet, so that they follow light and dark.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

_WIDTH: Final = 720
_HEIGHT: Final = 190
_HEAD: Final = 16
_FOOT: Final = 36
"""Room for figures that are written twice as large where the window is narrow."""

_LEFT: Final = 44
_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what stands below it, its figure, and both in words."""

    label: str
    value: int
    told: str


def columns(title: str, bars: Sequence[Bar], every: int = 5) -> Markup:
    """Bars side by side, each `every`th with its label. The title is what a screen reader says."""
    top = _ceiling(max((bar.value for bar in bars), default=0))
    area = _HEIGHT - _FOOT
    step = (_WIDTH - _LEFT) / max(len(bars), 1)
    parts = [_open(title, _WIDTH, _HEIGHT)]
    for tick in range(_TICKS + 1):
        y = area - (area - _HEAD) * tick / _TICKS
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="axis" x="{_LEFT - 8}" y="{y:.1f}" text-anchor="end" dominant-baseline="central">'
            f"{_grouped(top * tick // _TICKS)}</text>"
        )
    for place, bar in enumerate(bars):
        tall = (area - _HEAD) * bar.value / top
        x = _LEFT + place * step
        parts.append(
            f'<rect class="bar" x="{x + 2:.1f}" y="{area - tall:.1f}" width="{max(step - 4, 1):.1f}" '
            f'height="{tall:.1f}" rx="2"><title>{escape(bar.told)}</title></rect>'
        )
        if place % every == 0:
            middle = x + step / 2
            parts.append(
                f'<text class="axis" x="{middle:.1f}" y="{_HEIGHT - 9}" text-anchor="middle">'
                f"{escape(bar.label)}</text>"
            )
    return Markup("".join([*parts, "</svg>"]))  # noqa: S704 - every text in it was escaped


def _open(title: str, width: int, height: int) -> str:
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {width} {height}" aria-label="{escape(title)}" '
        'preserveAspectRatio="xMidYMid meet" focusable="false">'
    )


def _ceiling(most: int) -> int:
    """A round figure that no bar exceeds, divisible by the ticks."""
    unit = 1
    while unit * 20 < most:
        unit *= 10
    steps = -(-max(most, 1) // unit)
    return unit * -(-steps // _TICKS) * _TICKS


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
