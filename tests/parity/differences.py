"""Where the two sides may differ: nothing else may, and each of these must.

A difference names its row of the table "Where this differs from QEMU" of docs/qmp.md, by what that says of
QEMU, the scenario and its step, and the lines of the step's outcome on either side.
"""

import json
from dataclasses import dataclass

STALE = ("a child that missed writes and returns votes with stale data; two of two with threshold 1: "
         "stale data wins")
SMALLER = "a smaller child added at runtime, then a write past its end: the daemon aborts"
NOT_REWRITTEN = "a child that fails a read is never rewritten; fifo never rewrites"
DISCONNECTED = "a read error disconnects NBD clients that use structured replies"
TIE = "a tie or a plurality below half rewrites the other copies"
TRIM = "TRIM succeeds and does nothing"
BLKVERIFY = "a read that differs in blkverify mode ends the daemon"
FAILURE_LIMIT = "one limiter of QUORUM_FAILURE for all quorums: one drowns the others"
FORCED = "a write with FUA whose sync fails is reported as a flush, without its range"
PARENT = "a child that has a parent is refused with the permissions that are in conflict"
TWICE = "the same child twice in one quorum is accepted"
JSON_ERROR = "what follows *JSON parse error,* is a state of QEMU's parser"


@dataclass(frozen=True)
class Difference:
    """`qemu` and `here` are lines, as the transcript has them."""
    row: str
    scenario: str
    step: str
    qemu: tuple
    here: tuple


def error(description):
    return json.dumps({"error": {"class": "GenericError", "desc": description}}, sort_keys=True)


def event(name, **data):
    data = {key.replace("_", "-"): value for key, value in data.items()}
    return json.dumps({"event": name, "data": data}, sort_keys=True)


def report(node, sector, sectors, kind="read", **more):
    return event("QUORUM_REPORT_BAD", node_name=node, sector_num=sector, sectors_count=sectors, type=kind,
                 **more)


def failure(volume, sectors):
    return event("QUORUM_FAILURE", reference=volume, sector_num=0, sectors_count=sectors)


DONE = '{"return": {}}'
EIO = "Input/output error"
OF_C0 = "content of c0 at 0, 65536 bytes"

DIFFERENCES = [
    Difference(
        PARENT, "mixed_references_and_inline_children", "a node that has a parent is no free one",
        qemu=(error(
            "Permission conflict on node 'c0': permissions 'write' are both required by node 'q0' (uses "
            "node 'c0' as 'children.0' child) and unshared by node 'q1' (uses node 'c0' as 'children.0' "
            "child)."),),
        here=(error("The node c0 already has a parent"),)),
    Difference(
        DISCONNECTED, "a_read_without_a_winner_and_the_connection",
        "qemu-io: read 0 64k; read -P 0x32 1M 64k",
        qemu=("read failed: " + EIO, "read failed: " + EIO),
        here=("read failed: " + EIO, "read 65536/65536 bytes at offset 1048576")),
    Difference(
        TIE, "a_tie_of_two_with_rewriting", "events #2",
        qemu=(),
        here=(report("c0", 0, 128),)),
    Difference(
        TIE, "a_tie_of_two_with_rewriting", OF_C0,
        qemu=("65536 x 0x43",),
        here=("65536 x 0x32",)),
    Difference(
        BLKVERIFY, "blkverify_mismatch", "events",
        qemu=(),
        here=(event("BLKVERIFY_MISMATCH", volume="q0", byte_offset=4 << 20, sector_num=0,
                    sectors_count=20480, node_names=["c0", "c1"]),)),
    Difference(
        BLKVERIFY, "blkverify_mismatch", "the process",
        qemu=("ended with 1",),
        here=("runs",)),
    Difference(
        STALE, "adding_a_child", "events",
        qemu=(report("c4", 0, 20480),),
        here=()),
    Difference(
        TWICE, "errors_of_blockdev_add", "a child twice",
        qemu=(DONE,),
        here=(error("The node c0 already has a parent"),)),
    Difference(
        JSON_ERROR, "the_session", "no JSON",
        qemu=(error("JSON parse error, expecting value"),),
        here=(error("JSON parse error, '}' is an invalid start of a value."),)),
    Difference(
        STALE, "write_errors", "events of a read",
        qemu=(report("c0", 0, 128),),
        here=()),
    Difference(
        FORCED, "errors_of_a_forced_write", "events",
        qemu=(report("c0", 0, 0, "flush", error=EIO),),
        here=(report("c0", 0, 128, "write", error=EIO),)),
    Difference(
        NOT_REWRITTEN, "a_failed_read_with_rewriting", OF_C0,
        qemu=("65536 x 0x42",),
        here=("65536 x 0x32",)),
    Difference(
        NOT_REWRITTEN, "a_failed_read_with_rewriting_and_fifo", OF_C0,
        qemu=("65536 x 0x42",),
        here=("65536 x 0x32",)),
    Difference(
        TRIM, "discarding", "qemu-io: read -P 0 0 10M",
        qemu=("Pattern verification failed at offset 0, 10485760 bytes",
              "read 10485760/10485760 bytes at offset 0"),
        here=("read 10485760/10485760 bytes at offset 0",)),
    Difference(
        TRIM, "discarding", "space of c0",
        qemu=("occupied",),
        here=("free",)),
    Difference(
        SMALLER, "a_smaller_child", "x-blockdev-change: add c3 to q0",
        qemu=(DONE,),
        here=(error("the replica has 5242880 bytes, volume q0 has 10485760: they must be the same"),)),
    Difference(
        SMALLER, "a_smaller_child", "qemu-io: write -P 0x33 8M 64k",
        qemu=("write failed: " + EIO,),
        here=("wrote 65536/65536 bytes at offset 8388608",)),
    Difference(
        SMALLER, "a_smaller_child", "the process",
        qemu=("ended with -6",),
        here=("runs",)),
    Difference(
        FAILURE_LIMIT, "failures_of_two_quorums", "events",
        qemu=(failure("q0", 1), failure("q0", 3)),
        here=(failure("q0", 1), failure("q0", 3), failure("q1", 2))),
]
