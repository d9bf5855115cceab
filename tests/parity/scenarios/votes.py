"""Votes on what children hold: who wins, who is reported, who is rewritten."""

from lab import MIB


def write_read_and_a_corrupted_child(lab):
    """A liar is outvoted and reported at each read, and left as it is without rewrite-corrupted."""
    lab.three()
    lab.io("q0", "read -P 0x32 0 10M")
    for child in ("c0", "c1", "c2"):
        lab.content(child, 0x32)
    lab.corrupt("c1", 0x42)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.content("c1", 0x42)
    lab.io("q0", "read -P 0x32 5M 512")
    lab.events(1)
    lab.io("q0", "read -P 0x32 7000001 1000")
    lab.events(1)
    lab.content("c1", 0x42)
    lab.events(0)
    lab.qmp("block-export-del", "block-export-del", {"id": "export-q0", "mode": "hard"})
    lab.qmp("blockdev-del q0", "blockdev-del", {"node-name": "q0"})


def mixed_references_and_inline_children(lab):
    """Children by reference, inline with a name, and inline without one vote alike."""
    lab.serve()
    lab.node("c0")
    lab.quorum("q0", ["c0", lab.inline("c1"), lab.inline("c2", named=False)])
    lab.names("while it runs")
    lab.io("q0", "write -P 0x32 0 10M")
    lab.corrupt("c1", 0x42)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.qmp("a node that has a parent is no free one", "blockdev-add", {
        "driver": "quorum", "node-name": "q1", "vote-threshold": 1, "children": ["c0"]})
    lab.qmp("block-export-del", "block-export-del", {"id": "export-q0", "mode": "hard"})
    lab.qmp("blockdev-del q0", "blockdev-del", {"node-name": "q0"})
    lab.names("after it")
    lab.qmp("blockdev-del c0: by reference, so free again", "blockdev-del", {"node-name": "c0"})
    lab.qmp("blockdev-del c1: inline, so gone", "blockdev-del", {"node-name": "c1"})


def rewrite_corrupted(lab):
    """The liar is rewritten by the read that finds it."""
    lab.three(rewrite_corrupted=True)
    lab.corrupt("c1", 0x42)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.content("c1", 0x32)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(0)
    lab.corrupt("c2", 0x42, MIB, 65536)
    lab.io("q0", "read -P 0x32 0 64k")
    lab.events(0)
    lab.content("c2", 0x42, MIB, 65536)
    lab.io("q0", "read -P 0x32 1M 64k")
    lab.events(1)
    lab.content("c2", 0x32, MIB, 65536)


def breaking_the_quorum(lab):
    """Three different contents have no winner; new data everywhere makes one again."""
    lab.three()
    lab.corrupt("c0", 0x41)
    lab.corrupt("c1", 0x42)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.io("q0", "read 1M 4k")
    lab.events(1)
    lab.io("q0", "write -P 0x33 0 10M")
    lab.io("q0", "read -P 0x33 0 10M")
    lab.events(0)


def a_read_without_a_winner_and_the_connection(lab):
    """Two reads on one connection, the first of them without a winner."""
    lab.three()
    lab.corrupt("c0", 0x41, 0, 65536)
    lab.corrupt("c1", 0x42, 0, 65536)
    lab.io("q0", "read 0 64k", "read -P 0x32 1M 64k")
    lab.events(1)


def threshold_of_all(lab):
    """With a threshold of three of three one liar is one too many."""
    lab.three(threshold=3)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.corrupt("c2", 0x42, 0, 65536)
    lab.io("q0", "read 0 64k")
    lab.events(1)
    lab.io("q0", "read -P 0x32 1M 64k")
    lab.events(0)


def threshold_of_one(lab):
    """With a threshold of one the larger group wins, and in a tie that of the last child."""
    lab.three(threshold=1)
    lab.corrupt("c1", 0x42, 0, 65536)
    lab.io("q0", "read -P 0x32 0 64k")
    lab.events(1)
    lab.corrupt("c2", 0x43, 0, 65536)
    lab.io("q0", "read -P 0x43 0 64k")
    lab.events(2)


def a_tie_of_two_with_rewriting(lab):
    """Two children, threshold one, both different: the last one's data. Who is rewritten differs."""
    lab.serve()
    lab.node("c0")
    lab.node("c1")
    lab.quorum("q0", ["c0", "c1"], 1, rewrite_corrupted=True)
    lab.io("q0", "write -P 0x32 0 1M")
    lab.corrupt("c1", 0x43, 0, 65536)
    lab.io("q0", "read -P 0x43 0 64k")
    lab.events(1)
    lab.io("q0", "read -P 0x43 0 64k")
    lab.events(1)
    lab.content("c0", 0x32, 0, 65536)
    lab.content("c1", 0x43, 0, 65536)


def a_read_only_export_heals(lab):
    """A read by a read-only export finds a liar, and the liar is rewritten."""
    lab.three(rewrite_corrupted=True)
    lab.export("q0", writable=False)
    lab.corrupt("c1", 0x42, 0, 65536)
    lab.io("q0-ro", "write -P 0x11 0 64k")
    lab.io("q0-ro", "read -P 0x32 0 64k", read_only=True)
    lab.events(1)
    lab.content("c1", 0x32, 0, 65536)


def fifo_does_not_vote(lab):
    """With fifo a lie of the first child is what the client gets."""
    lab.three(read_pattern="fifo")
    lab.corrupt("c1", 0x42, 0, 65536)
    lab.io("q0", "read -P 0x32 0 64k")
    lab.corrupt("c0", 0x41, 0, 65536)
    lab.io("q0", "read -P 0x41 0 64k")
    lab.events(0)


def discarding(lab):
    """What a discard leaves."""
    lab.three()
    lab.io("q0", "discard 0 10M", "flush")
    lab.io("q0", "read -P 0 0 10M")
    lab.allocated("c0")


SCENARIOS = [
    write_read_and_a_corrupted_child, mixed_references_and_inline_children, rewrite_corrupted,
    breaking_the_quorum, a_read_without_a_winner_and_the_connection, threshold_of_all, threshold_of_one,
    a_tie_of_two_with_rewriting, a_read_only_export_heals, fifo_does_not_vote, discarding,
]
