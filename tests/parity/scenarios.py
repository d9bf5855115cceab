"""The steps. What QEMU's own tests of quorum check, in words and an order of our own.

Each function gets a Lab whose side has just been started. Names of nodes, sizes and patterns are the same on
both sides; only what a child is made of differs.
"""

from lab import MIB, SIZE


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
    lab.io("q0", "write -P 0x32 0 10M")
    lab.corrupt("c1", 0x42)
    lab.io("q0", "read -P 0x32 0 10M")
    lab.events(1)
    lab.qmp("a node that has a parent is no free one", "blockdev-add", {
        "driver": "quorum", "node-name": "q1", "vote-threshold": 1, "children": ["c0"]})
    lab.qmp("block-export-del", "block-export-del", {"id": "export-q0", "mode": "hard"})
    lab.qmp("blockdev-del q0", "blockdev-del", {"node-name": "q0"})
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


def errors_of_blockdev_add(lab):
    """Each argument that is wrong, in QEMU's words."""
    for child in ("c0", "c1"):
        lab.node(child)
    good = {"driver": "quorum", "node-name": "q0", "vote-threshold": 1, "children": ["c0", "c1"]}
    for step, change in (
            ("no threshold", {"vote-threshold": None}),
            ("threshold 0", {"vote-threshold": 0}),
            ("threshold -1", {"vote-threshold": -1}),
            ("threshold 3 of 2", {"vote-threshold": 3}),
            ("a threshold that is no number", {"vote-threshold": "2"}),
            ("no children", {"children": []}),
            ("children left out", {"children": None}),
            ("children that are no list", {"children": "c0"}),
            ("an unknown argument", {"bogus": 1}),
            ("an unknown read pattern", {"read-pattern": "rr"}),
            ("rewrite-corrupted that is no switch", {"rewrite-corrupted": "on"}),
            ("an unknown child", {"children": ["c0", "nope"]}),
            ("no node name", {"node-name": None}),
            ("a bad node name", {"node-name": "0 q"}),
            ("no driver", {"driver": None}),
            ("an unknown driver", {"driver": "nothing"})):
        arguments = {key: value for key, value in {**good, **change}.items() if value is not None}
        lab.qmp(step, "blockdev-add", arguments)
    lab.qmp("good at last", "blockdev-add", good)
    lab.qmp("the same name again", "blockdev-add", good)
    lab.qmp("blockdev-del of an unknown node", "blockdev-del", {"node-name": "nope"})
    lab.qmp("blockdev-del of a child", "blockdev-del", {"node-name": "c0"})
    lab.qmp("blockdev-del", "blockdev-del", {"node-name": "q0"})
    lab.qmp("a child twice", "blockdev-add", {**good, "children": ["c0", "c0"]})


def errors_of_exports(lab):
    """Exports and the NBD server."""
    for child in ("c0", "c1"):
        lab.node(child)
    lab.quorum("q0", ["c0", "c1"], 1, export=False)
    export = {"type": "nbd", "id": "e0", "node-name": "q0", "name": "q0", "writable": True}
    lab.qmp("an export without a server", "block-export-add", export)
    lab.qmp("nbd-server-stop without a server", "nbd-server-stop")
    lab.qmp("nbd-server-start", "nbd-server-start", lab.address())
    lab.qmp("nbd-server-start again", "nbd-server-start", lab.address())
    lab.qmp("an export of an unknown node", "block-export-add", {**export, "node-name": "nope"})
    lab.qmp("an export", "block-export-add", export)
    lab.qmp("the same id", "block-export-add", {**export, "name": "other"})
    lab.qmp("the same name", "block-export-add", {**export, "id": "e1"})
    lab.qmp("a bad id", "block-export-add", {**export, "id": "e 1", "name": "other"})
    lab.qmp("an unknown type", "block-export-add", {**export, "type": "carrier-pigeon"})
    lab.ask("query-block-exports", "query-block-exports", lambda reply: reply)
    lab.qmp("blockdev-del of an exported node", "blockdev-del", {"node-name": "q0"})
    lab.qmp("block-export-del of an unknown id", "block-export-del", {"id": "nope"})
    lab.qmp("block-export-del", "block-export-del", {"id": "e0"})
    lab.io("q0", "read 0 4k")
    lab.qmp("an export once more", "block-export-add", export)
    lab.qmp("nbd-server-stop takes exports with it", "nbd-server-stop")
    lab.ask("query-block-exports after it", "query-block-exports", lambda reply: reply)
    lab.qmp("blockdev-del", "blockdev-del", {"node-name": "q0"})


def the_session(lab):
    """What does not parse, and what is not there."""
    lab.line("no JSON", '{"execute": }')
    lab.line("an unknown command", '{"execute": "no-such-thing", "id": [1, {"a": null}]}')
    lab.line("a number", "7")
    lab.line("no execute", '{"arguments": {}}')
    lab.line("execute that is no name", '{"execute": 7}')
    lab.line("an unknown member", '{"execute": "query-version", "foo": 1}')
    lab.line("arguments that are no object", '{"execute": "query-version", "arguments": []}')
    lab.line("arguments for a command without any", '{"execute": "query-version", "arguments": {"a": 1}}')
    lab.line("a second negotiation", '{"execute": "qmp_capabilities"}')
    lab.line("an id that is echoed",
             '{"execute": "blockdev-del", "arguments": {"node-name": "x"}, "id": "y"}')


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
    lab.events(0)


def each_child_has_a_throttle_of_its_own(lab):
    """Two disks that fail at sectors of their own do not hold back each other's events."""
    lab.three(threshold=1)
    lab.fail("c0", "read", sector=0)
    lab.fail("c2", "read", sector=16)
    lab.burst(["read -P 0x32 0 512", "read -P 0x32 8k 512"] * 5, 4)
    lab.events(0)


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


def flush_errors(lab):
    """A flush that one disk refuses succeeds, and is reported without a range."""
    lab.three()
    lab.fail("c0", "flush")
    lab.io("q0", "write -P 0x33 0 64k", "flush")
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


def a_smaller_child(lab):
    """A child that is too short joins, and is written past its end."""
    lab.three()
    lab.node("c3", size=SIZE // 2)
    lab.add_child("q0", "c3")
    lab.io("q0", "write -P 0x33 8M 64k")
    lab.process("the process")


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


def errors_of_a_forced_write(lab):
    """A disk that refuses the flush of a write with FUA: the write succeeds, and it is reported."""
    lab.three()
    lab.fail("c0", "flush")
    lab.io("q0", "write -f -P 0x33 0 64k")
    lab.events(1)


SCENARIOS = [
    write_read_and_a_corrupted_child, mixed_references_and_inline_children, rewrite_corrupted,
    breaking_the_quorum, a_read_without_a_winner_and_the_connection, threshold_of_all, threshold_of_one,
    a_tie_of_two_with_rewriting, a_read_only_export_heals, blkverify, blkverify_mismatch, blkverify_settings,
    adding_a_child, removing_a_child, removing_in_blkverify_mode, errors_of_blockdev_add, errors_of_exports,
    the_session, read_errors_are_reported_once_a_second, read_errors_are_reported_once_a_second_with_fifo,
    each_child_has_a_throttle_of_its_own, too_many_read_errors, write_errors, flush_errors,
    errors_of_a_forced_write, a_failed_read_with_rewriting, a_failed_read_with_rewriting_and_fifo,
    fifo_does_not_vote, discarding, a_smaller_child, failures_of_two_quorums,
]
