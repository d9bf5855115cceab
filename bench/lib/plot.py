"""Small multiples as SVG, without a library: one panel a quantity, all over the same time."""

import math
from dataclasses import dataclass
from html import escape

PANEL_WIDTH, PANEL_HEIGHT, COLUMNS = 440, 190, 2
LEFT, RIGHT, TOP, BOTTOM, HEAD, FOOT = 52, 74, 30, 26, 40, 12
COLOURS = ("#1f6fb2", "#d1603d", "#3a9b6c", "#8a5fb0")
GREY, PALE, SHADE, INK = "#8a8f98", "#e4e7eb", "#f4f5f7", "#23272e"
TICKS = 4
LABEL_HEIGHT = 12
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


@dataclass(frozen=True)
class Series:
    """A line with its label; points are (minutes, value)."""

    label: str
    points: list


@dataclass(frozen=True)
class Panel:
    """A quantity with its unit, and its lines. Its axis begins at 0."""

    title: str
    series: list


def draw(path, title, feet, panels, minutes, settle_minutes, marks):
    """Writes the file. feet are lines below the panels; what was before settle_minutes is shaded; marks are
    minutes at which something was done on purpose, drawn as ticks on the time axis."""
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = COLUMNS * PANEL_WIDTH, HEAD + rows * PANEL_HEIGHT + FOOT + len(feet) * LABEL_HEIGHT
    parts = [f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' width='{width}' "
             f"height='{height}' {FONT} font-size='11' fill='{INK}'>",
             f"<rect width='{width}' height='{height}' fill='#ffffff'/>",
             _text(12, 24, title, "font-size='15' font-weight='bold'")]
    for number, panel in enumerate(panels):
        x, y = number % COLUMNS * PANEL_WIDTH, HEAD + number // COLUMNS * PANEL_HEIGHT
        parts += _panel(panel, x, y, minutes, settle_minutes, marks)
    for number, line in enumerate(feet):
        below = height - 8 - (len(feet) - 1 - number) * LABEL_HEIGHT
        parts.append(_text(12, below, line, f"fill='{GREY}' font-size='10'"))
    parts += ["</svg>", ""]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(parts))


def ticks(most):
    """Round values from 0 to the first that is not below most: steps of 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return [0, 1]
    rough = most / TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    return [number * step for number in range(math.ceil(most / step - 1e-9) + 1)]


def _panel(panel, x, y, minutes, settle_minutes, marks):
    left, right, top, bottom = x + LEFT, x + PANEL_WIDTH - RIGHT, y + TOP, y + PANEL_HEIGHT - BOTTOM
    values = ticks(max((value for series in panel.series for _, value in series.points), default=0))

    def across(minute):
        return left + (right - left) * minute / minutes

    def up(value):
        return bottom - (bottom - top) * value / values[-1]

    parts = [_text(x + 12, y + 16, panel.title, "font-weight='bold'"),
             f"<rect x='{left}' y='{top}' width='{across(settle_minutes) - left:.1f}' "
             f"height='{bottom - top}' fill='{SHADE}'/>"]
    for value in values:
        parts.append(_line(left, up(value), right, up(value), PALE if value else GREY))
        parts.append(_text(left - 6, up(value) + 4, f"{value:g}", f"text-anchor='end' fill='{GREY}'"))
    parts += [_line(across(mark), bottom, across(mark), bottom - 5, INK) for mark in marks]
    for minute in ticks(minutes):
        if minute <= minutes:
            parts.append(_text(across(minute), bottom + 14, f"{minute:g}",
                               f"text-anchor='middle' fill='{GREY}'"))
    parts.append(_text(right + 6, bottom + 14, "min", f"fill='{GREY}'"))
    drawn = [(series, colour) for series, colour in zip(panel.series, COLOURS) if series.points]
    for series, colour in drawn:
        points = " ".join(f"{across(minute):.1f},{up(value):.1f}" for minute, value in series.points)
        parts.append(f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='1.4' "
                     "stroke-linejoin='round'/>")
    ends = _apart([up(series.points[-1][1]) + 4 for series, _ in drawn], bottom + 4)
    for (series, colour), end in zip(drawn, ends):
        parts.append(_text(right + 6, end, series.label, f"fill='{colour}'"))
    return parts


def _apart(heights, lowest):
    """Labels that would cover each other make room: from the lowest up, each at least its height higher."""
    placed, limit = list(heights), lowest
    for index in sorted(range(len(heights)), key=lambda one: -heights[one]):
        placed[index] = min(heights[index], limit)
        limit = placed[index] - LABEL_HEIGHT
    return placed


def _line(x1, y1, x2, y2, colour):
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'/>"


def _text(x, y, text, attributes):
    return f"<text x='{x:.1f}' y='{y:.1f}' {attributes}>{escape(text)}</text>"
