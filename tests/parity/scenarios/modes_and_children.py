"""blkverify, and children that come and go."""

from lab import MIB, SIZE


def blkverify(lab):
    """Equal contents are served."""
    lab.serve()
    lab.node("c0")
    lab.node("c1")
    lab.quorum("q0", ["c0", "c1"], 2, blkverify=True)
    lab.io("q0", "write -P 0x41 0 10M")
    lab.io("q0", "read -P 0x41 0 10M")
    lab.content("c0", 0x41)
    lab.content("c1", 0x41)
    lab.events(0)


def blkverify_mismatch(lab):
    """Contents that differ end it: QEMU by its process, this service by the volume."""
    lab.serve()
    lab.node("c0")
    lab.node("c1")
    lab.quorum("q0", ["c0", "c1"], 2, blkverify=True)
    lab.io("q0", "write -P 0x41 0 10M")
    lab.corrupt("c1", 0x42, 4 * MIB, 65536)
    lab.io("q0", "read 0 10M")
    lab.events(1)
    lab.process("the process")


def blkverify_with_fifo(lab):
    """Both are taken, and the first child is believed: nothing is compared."""
    lab.serve()
    lab.node("c0")
    lab.node("c1")
    lab.quorum("q0", ["c0", "c1"], 2, blkverify=True, read_pattern="fifo")
    lab.io("q0", "write -P 0x41 0 10M")
    lab.corrupt("c1", 0x42, 4 * MIB, 65536)
    lab.io("q0", "read -P 0x41 0 10M")
    lab.corrupt("c0", 0x43, 4 * MIB, 65536)
    lab.io("q0", "read -P 0x43 4M 64k")
    lab.events(0)
    lab.process("the process")


def blkverify_settings(lab):
    """What blkverify does not go with."""
    for child in ("c0", "c1", "c2"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1", "c2"], 2, export=False, blkverify=True)
    lab.quorum("q0", ["c0", "c1"], 1, export=False, blkverify=True)
    lab.quorum("q0", ["c0", "c1"], 2, export=False, blkverify=True, rewrite_corrupted=True)
    lab.quorum("q0", ["c0", "c1"], 2, export=False, blkverify=True)


def adding_a_child(lab):
    """A child joins at runtime; in blkverify mode none may."""
    lab.serve()
    for child in ("c0", "c1", "c2", "c3"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1"], 2)
    lab.quorum("q1", ["c2", "c3"], 2, export=False, blkverify=True)
    lab.node("c4")
    lab.add_child("q1", "c4")
    lab.io("q0", "write -P 0x32 0 10M")
    lab.add_child("q0", "c4")
    lab.add_child("q0", "c4")
    lab.add_child("q0", "nope")
    lab.add_child("nope", "c4")
    lab.qmp("neither child nor node", "x-blockdev-change", {"parent": "q0"})
    lab.qmp("child and node", "x-blockdev-change", {"parent": "q0", "child": "children.0", "node": "c4"})
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.io("q0", "write -P 0x33 0 10M")
    lab.await_children()
    lab.content("c4", 0x33)
    lab.io("q0", "read -P 0x33 0 10M")
    lab.events(0)


def removing_a_child(lab):
    """A child leaves at runtime, down to the threshold; its slot's name is not used again."""
    lab.serve()
    for child in ("c0", "c1", "c2", "c3"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1", "c2"], 2)
    lab.quorum("q1", ["c3"], 1, export=False)
    lab.io("q0", "write -P 0x32 0 10M")
    lab.remove_child("q0", "children.9")
    lab.remove_child("q0", "c1")
    lab.remove_child("q0", "children.1")
    lab.remove_child("q0", "children.1")
    lab.remove_child("q0", "children.0")
    lab.remove_child("q1", "children.0")
    lab.io("q0", "read -P 0x32 0 10M")
    lab.corrupt("c2", 0x42, 0, 65536)
    lab.io("q0", "read 0 64k")
    lab.events(1)
    lab.io("q0", "write -P 0x33 0 10M")
    lab.add_child("q0", "c1")
    lab.io("q0", "write -P 0x34 0 10M")
    lab.await_children()
    lab.corrupt("c0", 0x42, 0, 65536)
    lab.io("q0", "read -P 0x34 0 64k")
    lab.events(1)
    lab.remove_child("q0", "children.1")
    lab.remove_child("q0", "children.3")


def removing_in_blkverify_mode(lab):
    """Both children are needed there."""
    for child in ("c0", "c1"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1"], 2, export=False, blkverify=True)
    lab.remove_child("q0", "children.1")


def a_smaller_child(lab):
    """A child that is too short joins, and is written past its end."""
    lab.three()
    lab.node("c3", size=SIZE // 2)
    lab.add_child("q0", "c3")
    lab.io("q0", "write -P 0x33 8M 64k")
    lab.process("the process")


SCENARIOS = [
    blkverify, blkverify_mismatch, blkverify_with_fifo, blkverify_settings, adding_a_child, removing_a_child,
    removing_in_blkverify_mode, a_smaller_child,
]
