"""Disks that fail, and how often that is told."""

import errno


def read_errors_are_reported_once_a_second(lab):
    """A burst of reads of a disk that fails: the first event at once, the newest when its second is over."""
    _errors_of_one_disk(lab, "quorum")


def read_errors_are_reported_once_a_second_with_fifo(lab):
    """The same with the read pattern fifo: the first child fails, the second answers."""
    _errors_of_one_disk(lab, "fifo")


def _errors_of_one_disk(lab, pattern):
    lab.three(threshold=2, read_pattern=pattern)
    lab.fail("c0", "read")
    lab.burst([f"read -P 0x32 {number}k 1k" for number in range(10, 30)])


def each_child_has_a_throttle_of_its_own(lab):
    """Two disks that fail at sectors of their own do not hold back each other's events."""
    lab.three(threshold=1)
    lab.fail("c0", "read", sector=0)
    lab.fail("c2", "read", sector=16)
    lab.burst(["read -P 0x32 0 512", "read -P 0x32 8k 512"] * 5)


def failures_of_two_quorums(lab):
    """Reads of two volumes without a winner, in turn."""
    lab.serve()
    for child in ("c0", "c1", "c2", "c3"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1"])
    lab.quorum("q1", ["c2", "c3"])
    for name in ("q0", "q1"):
        lab.io(name, "write -P 0x32 0 64k")
    lab.corrupt("c0", 0x41, 0, 65536)
    lab.corrupt("c2", 0x41, 0, 65536)
    lab.io("q0", "read 0 512")
    lab.io("q1", "read 0 1024")
    lab.io("q0", "read 0 1536")
    lab.events(3)


def too_many_read_errors(lab):
    """The error that most children have is the client's."""
    lab.three()
    lab.fail("c0", "read")
    lab.fail("c1", "read")
    lab.io("q0", "read 0 4k")
    lab.events(3)


def write_errors(lab):
    """A write that one disk refuses succeeds, and is reported."""
    lab.three()
    lab.fail("c0", "write")
    lab.io("q0", "write -P 0x33 0 64k")
    lab.events(1)
    lab.io("q0", "read -P 0x33 0 64k")
    lab.events(1, of_type="read")


def too_many_write_errors(lab):
    """The error that most children have is the client's: here two disks are full, and one fails."""
    lab.three()
    lab.fail("c0", "write", number=errno.ENOSPC)
    lab.fail("c1", "write", number=errno.ENOSPC)
    lab.fail("c2", "write")
    lab.io("q0", "write -P 0x33 0 64k")
    lab.events(4)


def flush_errors(lab):
    """A flush that one disk refuses succeeds, and is reported without a range."""
    lab.three()
    lab.fail("c0", "flush")
    lab.io("q0", "write -P 0x33 0 64k", "flush")
    lab.events(1)


def errors_of_a_forced_write(lab):
    """A disk that refuses the flush of a write with FUA: the write succeeds, and it is reported."""
    lab.three()
    lab.fail("c0", "flush")
    lab.io("q0", "write -f -P 0x33 0 64k")
    lab.events(1)


def a_failed_read_with_rewriting(lab):
    """What a disk could not read, and what is there wrong besides."""
    _a_failed_read(lab, "quorum")


def a_failed_read_with_rewriting_and_fifo(lab):
    """The same with the read pattern fifo, which asks no second child where the first one answers."""
    _a_failed_read(lab, "fifo")


def _a_failed_read(lab, pattern):
    lab.three(rewrite_corrupted=True, read_pattern=pattern)
    lab.fail("c0", "read")
    lab.corrupt("c0", 0x42, 0, 65536)
    lab.io("q0", "read -P 0x32 0 64k")
    lab.events(1)
    lab.content("c0", 0x32, 0, 65536)
    lab.content("c1", 0x32, 0, 65536)


SCENARIOS = [
    read_errors_are_reported_once_a_second, read_errors_are_reported_once_a_second_with_fifo,
    each_child_has_a_throttle_of_its_own, failures_of_two_quorums, too_many_read_errors, write_errors,
    too_many_write_errors, flush_errors, errors_of_a_forced_write, a_failed_read_with_rewriting,
    a_failed_read_with_rewriting_and_fifo,
]
