"""The course of a request, out of system calls: what is told apart, and what is left out."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bench"))
from lib import timeline  # noqa: E402

NAMES = {10: "gateway", 1: "node1", 2: "node2", 3: "node3"}
PIDS = {name: pid for pid, name in NAMES.items()}
AGAIN = "0xfffffffffffffff5"


def line(at_us, process, edge, call, result="fd: 0x7"):
    command = "qemu-img" if process == "client" else ".NET Sockets"
    return f"{command} {PIDS.get(process, 77)} {100 + at_us / 1e6:.9f}: syscalls:sys_{edge}_{call}: {result}"


def send(at_us, process):
    return [line(at_us, process, "enter", "sendto"), line(at_us + 1, process, "exit", "sendto", "0x24")]


def receive(at_us, process, result="0x24"):
    return [line(at_us - 1, process, "enter", "recvfrom"), line(at_us, process, "exit", "recvfrom", result)]


def write(at_us, process):
    return [line(at_us, process, "enter", "pwrite64"), line(at_us + 3, process, "exit", "pwrite64", "0x1000")]


def one_write(start_us=0, more=(), node3_answers_us=40):
    """Ten microseconds from point to point for the child that answers last; the others are quicker."""
    lines = [*send(start_us, "client"), *receive(start_us + 10, "gateway")]
    for number, node in enumerate(("node1", "node2", "node3")):
        lines += send(start_us + 20 + 2 * number, "gateway")
    for node, received, answers in (("node1", 27, 31), ("node2", 28, 35), ("node3", 30, node3_answers_us)):
        lines += [*receive(start_us + received, node), *send(start_us + answers, node)]
    lines += [*write(start_us + 32, "node3"), *receive(start_us + 41, "gateway", AGAIN),
              *receive(start_us + 50, "gateway"), *send(start_us + 60, "gateway"), *more,
              *receive(start_us + 70, "client")]
    return lines


def summary(lines):
    return timeline.summarize(timeline.events(lines, NAMES), "gateway", 3)


class Course(unittest.TestCase):
    def test_each_hop_begins_where_the_one_before_ends(self):
        found = summary(one_write())

        hops = [round(found["hops"][name], 3) for name in timeline.HOPS]
        self.assertEqual(hops, [10, 10, 10, 10, 10, 10, 10])
        self.assertAlmostEqual(found["totalMicroseconds"], 70, places=3)
        self.assertAlmostEqual(found["hops"][timeline.OF_IT_FILE], 3, places=3)

    def test_the_figures_are_medians_of_all_requests(self):
        slow = one_write(200)
        slow[-2:] = receive(200 + 170, "client")

        found = summary(one_write() + slow + one_write(1000))

        self.assertEqual(found["requests"], 3)
        self.assertAlmostEqual(found["totalMicroseconds"], 70, places=3)

    def test_a_read_that_does_not_wait_for_the_last_child_is_counted_by_the_one_before(self):
        found = summary(one_write(node3_answers_us=65))

        self.assertAlmostEqual(found["hops"]["child: fence, file, answer"], 35 - 28, places=3)

    def test_a_request_among_which_another_message_was_sent_is_left_out(self):
        found = summary(one_write(more=send(62, "gateway")) + one_write(1000))

        self.assertEqual(found["requests"], 1)

    def test_what_else_ran_is_left_out(self):
        lines = ["kworker/0:1 5 100.000000001: syscalls:sys_enter_sendto: fd: 0x1", "nonsense"]

        found = timeline.events(lines, NAMES)

        self.assertEqual(found, [])

    def test_nothing_whole_is_no_figure(self):
        self.assertIsNone(summary(one_write()[:-2]))


if __name__ == "__main__":
    unittest.main()
