"""The plot of bench/steadiness."""

import os
import sys
import tempfile
import unittest
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
from lib import plot  # noqa: E402


class Axes(unittest.TestCase):
    def test_ticks_are_round_begin_at_nothing_and_reach_the_most(self):
        self.assertEqual(plot.ticks(128), [0, 50, 100, 150])
        self.assertEqual(plot.ticks(100), [0, 50, 100])
        self.assertEqual(plot.ticks(15), [0, 5, 10, 15])
        self.assertEqual([f"{tick:g}" for tick in plot.ticks(0.7)], ["0", "0.2", "0.4", "0.6", "0.8"])

    def test_nothing_at_all_has_an_axis_too(self):
        self.assertEqual(plot.ticks(0), [0, 1])


class Drawing(unittest.TestCase):
    def test_every_panel_has_a_line_for_each_series_that_stays_inside_it(self):
        panels = [plot.Panel("a < b", [plot.Series("one", [(1, 5), (2, 9)]), plot.Series("none", [])]),
                  plot.Panel("c", [plot.Series("two", [(0, 0), (2, 1)])])]
        with tempfile.NamedTemporaryFile(suffix=".svg") as file:
            plot.draw(file.name, "Title", ["foot", "& more"], panels, 2, 1, [0.5])

            lines = xml.dom.minidom.parse(file.name).getElementsByTagName("polyline")

        self.assertEqual(len(lines), 2)
        for number, line in enumerate(lines):
            for point in line.getAttribute("points").split():
                x, y = map(float, point.split(","))
                self.assertTrue(number * plot.PANEL_WIDTH < x < (number + 1) * plot.PANEL_WIDTH)
                self.assertTrue(plot.HEAD < y < plot.HEAD + plot.PANEL_HEIGHT)

    def test_labels_at_one_height_make_room_for_each_other(self):
        placed = sorted(plot._apart([50, 50, 51], 100))

        self.assertTrue(all(b - a >= plot.LABEL_HEIGHT for a, b in zip(placed, placed[1:])))


if __name__ == "__main__":
    unittest.main()
