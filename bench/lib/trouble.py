"""What the systems do while one of three children stands still, or lies."""

import os
import time

from . import data, qemu_img
from .cells import Cell
from .processes import BenchError, BenchTimeout
from .judging import QUORUM, TCP
from .replication import Cluster

STANDSTILL_LIMIT_S = 12  # More than twice gateway.child-timeout, after which a child that is silent is out.
TROUBLE_DIVISOR = 4
OUTAGE_CELLS = [Cell(4096, depth, count, write) for depth, count in ((1, 8000), (32, 30000))
                for write in (False, True)]


def outage(server):
    """Stops one child (SIGSTOP: it stays connected, and silent), and measures. firstSeconds: until the first
    request is answered, None where that was not within STANDSTILL_LIMIT_S; requestsPerSecond: after it."""
    server.pause_child()
    try:
        first, rates = {}, {}
        for cell in OUTAGE_CELLS[:2]:
            first[cell.name] = _seconds_of_one(server, cell)
        for cell in OUTAGE_CELLS:
            kind = next(one.name for one in OUTAGE_CELLS[:2] if one.write == cell.write)
            if first[kind] is not None:
                rates[cell.name] = qemu_img.bench(server.uri, cell, cell.count // TROUBLE_DIVISOR)
    finally:
        server.resume_child()
    return {"firstSeconds": first, "requestsPerSecond": rates}


def _seconds_of_one(server, cell):
    started = time.monotonic()
    try:
        qemu_img.complete(server.uri, cell, 1, STANDSTILL_LIMIT_S)
    except BenchTimeout:
        return None
    return time.monotonic() - started


def liar(processes, folder, source, quorum, cells, size_bytes):
    """Reads of a cluster of which one replica lies about every block, and is not mended, beside QEMU's quorum
    in the same state. Returns the rates and the failures."""
    server = Cluster(processes, os.path.join(folder, "liar"), size_bytes=size_bytes,
                     settings={"rewrite-corrupted": "off"})
    qemu_img.fill(server.uri, source)
    server.corrupt_child()
    quorum.corrupt_child()
    rates = {}
    for cell in (cell for cell in cells if not cell.write):
        count = cell.count // TROUBLE_DIVISOR
        rates[cell.name] = {TCP: qemu_img.bench(server.uri, cell, count),
                            QUORUM: qemu_img.bench(quorum.uri, cell, count)}
    failures = [] if qemu_img.same_data(server.uri, source) else ["with one liar a read was wrong"]
    server.stop()
    lying, *honest = server.files()
    if data.equal(lying, source):
        raise BenchError(f"{lying} does not lie: nothing was tried")
    failures += [f"{file} differs from what was written" for file in honest if not data.equal(file, source)]
    return rates, failures


def mended(server):
    """Overwrites a replica of a volume that mends liars, and reads the whole of it. Returns failures; that
    the replicas are equal afterwards is for stop_and_check() to see."""
    truth = server.files()[1]
    server.corrupt_child()
    return [] if qemu_img.same_data(server.uri, truth) else ["with one liar that is mended a read was wrong"]
