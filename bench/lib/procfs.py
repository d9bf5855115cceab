"""What /proc says of processes. Each takes a process id; sums are the caller's."""

import os
from dataclasses import dataclass

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Snapshot:
    """One process at one moment."""

    resident_bytes: int
    handles: int
    threads: int
    cpu_seconds: float


def cpu_seconds(pid):
    """User and system time of all its threads, in steps of a tick, mostly 10 ms."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def peak_memory_bytes(pid):
    """The most that was resident (VmHWM) since the process started."""
    return _status_kib(pid, "VmHWM") * 1024


def snapshot(pid):
    return Snapshot(_status_kib(pid, "VmRSS") * 1024, len(os.listdir(f"/proc/{pid}/fd")), int(_stat(pid)[17]),
                    cpu_seconds(pid))


def _stat(pid):
    """The fields after the name, which may itself hold spaces and parentheses: [0] is field 3 of proc(5)."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def _status_kib(pid, name):
    with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith(name + ":"):
                return int(line.split()[1])
    raise ProcessLookupError(f"process {pid} has no {name}: it has ended")
