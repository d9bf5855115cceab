"""Whether something rises over a long run: the arithmetic of bench/steadiness."""

import math
import statistics
from dataclasses import dataclass

MIB = 1 << 20
PART_COMPARED = 4
MEDIAN, TAIL = 0.5, 0.99


@dataclass(frozen=True)
class Bound:
    """How much more the end of a run may have than its beginning: a part of what there was, and a little, so
    that small figures may tremble."""

    part: float
    extra: float

    def most(self, early):
        return early * (1 + self.part) + self.extra


MEMORY_BYTES = Bound(0.25, 32 * MIB)
HANDLES = Bound(0, 4)
THREADS = Bound(0, 4)
TAIL_SECONDS = Bound(0.5, 0.002)


@dataclass(frozen=True)
class Verdict:
    """What was compared: medians of the first and last quarter of what follows the settling."""

    name: str
    early: float
    late: float
    most: float

    @property
    def holds(self):
        return self.late <= self.most


def judge(name, points, settle_s, bound):
    """points: (seconds, value), in the order of time. ValueError where too few follow the settling."""
    values = [value for seconds, value in points if seconds >= settle_s]
    if len(values) < PART_COMPARED:
        raise ValueError(f"{name}: {len(values)} samples after {settle_s} s are too few")
    count = len(values) // PART_COMPARED
    early, late = statistics.median(values[:count]), statistics.median(values[-count:])
    return Verdict(name, early, late, bound.most(early))


def rates(points):
    """What a counter rises by in a second: (seconds, rate) for each but the first. A counter that fell began
    anew, and that point is left out."""
    return [(now, (value - before) / (now - then)) for (then, before), (now, value) in zip(points, points[1:])
            if value >= before]


def percentile(ordered, part):
    """The value that this part of the values is not above (nearest rank). ordered: ascending, not empty."""
    return ordered[max(0, math.ceil(part * len(ordered)) - 1)]


def by_window(latencies, window_s):
    """Latencies (seconds at which each ended, its length) by windows: (a window's end, ascending lengths)."""
    windows = {}
    for seconds, length in latencies:
        windows.setdefault(int(seconds // window_s), []).append(length)
    return [((number + 1) * window_s, sorted(windows[number])) for number in sorted(windows)]
