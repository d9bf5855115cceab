"""Measuring the systems in turn, so that a busy moment of the machine meets all of them."""

from . import procfs, qemu_img
from .judging import Sample
from .processes import progress
from .replication import Cluster

ROUNDS = 3
WARM_UP_LEAST_ROUNDS_OF_DEPTH = 4


def measure(server, cell, count, allocations=False):
    """One run, with what it cost the system's own processes; the client is not counted."""
    allocations = allocations and isinstance(server, Cluster)
    allocated = _Allocations(server) if allocations else None
    cpu_seconds = _cpu_seconds(server)
    rate = qemu_img.bench(server.uri, cell, count)
    return Sample(rate, _cpu_seconds(server) - cpu_seconds, allocated.since() if allocated else None)


def take_turns(systems, cells, divisor, allocations=False):
    """Samples by the cell's name and the system's letter; each list has one a round."""
    for cell in cells:
        progress(f"warming up: {cell.name}")
        count = max(cell.depth * WARM_UP_LEAST_ROUNDS_OF_DEPTH, cell.count // divisor)
        for server in systems.values():
            qemu_img.bench(server.uri, cell, count)
    samples = {cell.name: {name: [] for name in systems} for cell in cells}
    for number in range(1, ROUNDS + 1):
        progress(f"round {number} of {ROUNDS}")
        for cell in cells:
            for name, server in systems.items():
                samples[cell.name][name].append(measure(server, cell, cell.count // divisor, allocations))
    return samples


def peak_memory_bytes(server):
    return sum(procfs.peak_memory_bytes(pid) for pid in server.pids)


def _cpu_seconds(server):
    return sum(procfs.cpu_seconds(pid) for pid in server.pids)


class _Allocations:
    """What the runtimes allocate from now on, less what the asking for it does."""

    def __init__(self, server):
        self._server = server
        first = server.allocated_bytes()
        self._before = server.allocated_bytes()
        self._asking = self._before - first

    def since(self):
        return max(0, self._server.allocated_bytes() - self._before - self._asking)
