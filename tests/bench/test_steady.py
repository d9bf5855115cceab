"""The arithmetic of bench/steadiness: whether something rises, and percentiles."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
from lib import steady  # noqa: E402
from lib.fio import READ, WRITE, latencies  # noqa: E402

BOUND = steady.Bound(0.5, 2)


def every_five_seconds(values):
    return [(5 * (number + 1), value) for number, value in enumerate(values)]


class Rises(unittest.TestCase):
    def test_what_rises_before_the_settling_is_over_is_not_judged(self):
        verdict = steady.judge("x", every_five_seconds([1] * 11 + [100] * 20), 60, BOUND)

        self.assertTrue(verdict.holds)
        self.assertEqual((verdict.early, verdict.late), (100, 100))

    def test_the_last_quarter_is_held_to_the_first_one_its_part_and_the_extra(self):
        self.assertTrue(steady.judge("x", every_five_seconds([10] * 30 + [17] * 10), 0, BOUND).holds)
        self.assertFalse(steady.judge("x", every_five_seconds([10] * 30 + [17.1] * 10), 0, BOUND).holds)

    def test_one_sample_that_stands_out_is_no_rise(self):
        self.assertTrue(steady.judge("x", every_five_seconds([10] * 39 + [1000]), 0, BOUND).holds)

    def test_a_slow_steady_rise_is_found(self):
        self.assertFalse(steady.judge("x", every_five_seconds(range(10, 210)), 60, BOUND).holds)

    def test_too_few_samples_are_said_and_not_judged(self):
        with self.assertRaises(ValueError):
            steady.judge("x", every_five_seconds([1] * 14), 60, BOUND)


class Percentiles(unittest.TestCase):
    def test_a_percentile_is_the_nearest_rank(self):
        values = list(range(1, 101))

        self.assertEqual(steady.percentile(values, 0.99), 99)
        self.assertEqual(steady.percentile(values, 0.5), 50)
        self.assertEqual(steady.percentile([7], 0.99), 7)

    def test_latencies_fall_into_the_window_in_which_they_ended(self):
        self.assertEqual(
            steady.by_window([(0.1, 3), (4.9, 1), (5.0, 2), (12, 9)], 5), [(5, [1, 3]), (10, [2]), (15, [9])])

    def test_fio_s_log_is_read_by_direction_without_trims(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
            log.write("1500, 2000000, 0, 4096, 0\n2500, 3000000, 1, 4096, 0, 0\n2600, 1, 2, 4096, 0\n")
            log.flush()

            self.assertEqual(latencies(log.name), {READ: [(1.5, 0.002)], WRITE: [(2.5, 0.003)]})


class Counters(unittest.TestCase):
    def test_a_counter_s_rate_leaves_out_where_it_begins_anew(self):
        self.assertEqual(steady.rates([(0, 1), (5, 6), (10, 2), (20, 22)]), [(5, 1), (20, 2)])


if __name__ == "__main__":
    unittest.main()
