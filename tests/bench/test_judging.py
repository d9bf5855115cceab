"""The arithmetic of bench/quorum-vs-qemu."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
from lib.cells import CELLS, GIB, PROTOTYPES, Cell  # noqa: E402
from lib.judging import (  # noqa: E402
    QUORUM, SINGLE, TCP, UNIX, Sample, failures, geometric_mean, shortfalls, spread, summarize_cell)

SMALL_READ = Cell(4096, 1, 8000, False)
LARGE_WRITE = Cell(1 << 20, 8, 800, True)


def samples(**rates):
    """Runs that differ in their rates alone."""
    names = {"tcp": TCP, "unix": UNIX, "quorum": QUORUM, "single": SINGLE}
    return {names[name]: [Sample(rate, 1.0) for rate in values] for name, values in rates.items()}


def row(cell=LARGE_WRITE, tcp=300, quorum=100, single=400):
    return summarize_cell(cell, cell.count, samples(tcp=[tcp], unix=[tcp], quorum=[quorum], single=[single]))


class Statistics(unittest.TestCase):
    def test_the_spread_is_the_range_in_parts_of_the_median(self):
        self.assertAlmostEqual(spread([90, 100, 130]), 0.4)

    def test_the_geometric_mean_of_a_ratio_and_its_inverse_is_one(self):
        self.assertAlmostEqual(geometric_mean([4, 0.25]), 1)
        self.assertAlmostEqual(geometric_mean([2, 8]), 4)


class Rows(unittest.TestCase):
    def test_a_ratio_is_one_of_medians_so_that_one_bad_round_does_not_count(self):
        found = summarize_cell(LARGE_WRITE, 800, samples(
            tcp=[300, 1, 310], unix=[600, 590, 1], quorum=[100, 100, 9000], single=[400, 1, 600]))

        self.assertEqual(found["systems"][TCP]["median"], 300)
        self.assertEqual(found["toQemuQuorum"], 3)
        self.assertEqual(found["unixToQemuQuorum"], 5.9)
        self.assertEqual(found["toUnreplicated"], 0.75)

    def test_processor_time_is_a_gibibyte_s_and_allocations_are_a_request_s(self):
        count = GIB // LARGE_WRITE.size_bytes // 2
        runs = [Sample(100, seconds, 1000 * count) for seconds in (1.5, 2.0, 9.0)]

        found = summarize_cell(LARGE_WRITE, count, {QUORUM: runs})["systems"][QUORUM]

        self.assertEqual(found["cpuSecondsPerGib"], 4)
        self.assertEqual(found["allocatedBytesPerRequest"], 1000)

    def test_what_has_no_runtime_has_no_allocations(self):
        found = summarize_cell(LARGE_WRITE, 800, samples(quorum=[100]))

        self.assertNotIn("allocatedBytesPerRequest", found["systems"][QUORUM])

    def test_without_our_own_systems_there_are_no_ratios(self):
        self.assertNotIn("toQemuQuorum", summarize_cell(SMALL_READ, 8000, samples(quorum=[1], single=[2])))

    def test_six_cells_have_a_prototype_and_its_figure_is_its_requests_by_its_seconds(self):
        self.assertEqual(len([cell for cell in CELLS if cell.prototype]), len(PROTOTYPES))
        self.assertEqual(len(PROTOTYPES), 6)

        found = row(SMALL_READ, tcp=5000)

        self.assertAlmostEqual(found["prototypeRequestsPerSecond"], 10000 / 1.8)
        self.assertAlmostEqual(found["prototypeToQemuQuorum"], 6.4 / 1.8)
        self.assertAlmostEqual(found["toPrototype"], 0.9)

    def test_a_cell_is_found_by_words_of_its_name_and_not_by_the_end_of_a_number(self):
        self.assertTrue(SMALL_READ.has("4 KiB read"))
        self.assertTrue(SMALL_READ.has("depth 1"))
        self.assertFalse(Cell(65536, 16, 12000, False).has("4 KiB"))


class Judging(unittest.TestCase):
    def test_a_cell_that_is_slower_than_the_quorum_fails_and_one_that_is_equal_does_not(self):
        self.assertEqual(len(failures([row(tcp=99.9, quorum=100)], whole=False)), 1)
        self.assertEqual(failures([row(tcp=100, quorum=100)], whole=False), [])

    def test_the_mean_of_all_cells_is_judged_and_that_of_some_is_not(self):
        rows = [row(tcp=240), row(tcp=240)]

        self.assertEqual(failures(rows, whole=False), [])
        self.assertEqual(failures(rows, whole=True), ["geometric mean 2.40, 2.5 is due"])
        self.assertEqual(failures([row(tcp=251)], whole=True), [])

    def test_unix_sockets_that_are_slower_do_not_fail(self):
        slow_unix = summarize_cell(LARGE_WRITE, 800, samples(tcp=[300], unix=[50], quorum=[99], single=[400]))

        self.assertEqual(failures([slow_unix], whole=True), [])

    def test_what_falls_short_of_the_prototype_is_told_with_both_ratios(self):
        found = shortfalls([row(SMALL_READ, tcp=5000, quorum=1000, single=6000)])

        self.assertEqual(found, [
            "4 KiB read depth 1: 5,000 requests a second, 0.90 of the prototype's 5,556; "
            "5.00 of QEMU's quorum, the prototype 3.56"])

    def test_small_reads_below_half_of_the_unreplicated_server_are_told_and_writes_are_not(self):
        found = shortfalls([row(SMALL_READ, tcp=6000, single=12001),
                            row(Cell(4096, 1, 8000, True), tcp=6000, single=20000)])

        self.assertEqual(len(found), 1)
        self.assertIn("0.50 of the unreplicated server", found[0])

    def test_a_cell_as_fast_as_all_goals_falls_short_of_nothing(self):
        self.assertEqual(shortfalls([row(SMALL_READ, tcp=6000, single=12000), row(LARGE_WRITE)]), [])


if __name__ == "__main__":
    unittest.main()
