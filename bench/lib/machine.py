"""What a figure was measured on: without it a figure says nothing."""

import datetime
import os
import platform
import shutil

from .processes import MEMORY_FOLDER, BenchError, run
from .replication import ROOT

PACKAGES = {"qemu-img": "qemu-utils", "qemu-nbd": "qemu-utils", "qemu-storage-daemon": "qemu-system-common",
            "fio": "fio", "perf": "linux-perf", "dotnet": ".NET 10 SDK"}


def require(tools, memory_bytes):
    """BenchError where a tool or room in memory is missing."""
    missing = [f"{tool} ({PACKAGES[tool]})" for tool in tools if not shutil.which(tool)]
    if missing:
        raise BenchError(f"not found: {', '.join(missing)}")
    free = shutil.disk_usage(MEMORY_FOLDER).free
    if free < memory_bytes:
        raise BenchError(f"{MEMORY_FOLDER} has {free >> 20} MiB free, {memory_bytes >> 20} are needed")


def describe():
    return {
        "processor": _processor(), "cores": len(os.sched_getaffinity(0)),
        "memoryBytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(), "dotnet": _first_line(["dotnet", "--version"]),
        "qemu": _first_line(["qemu-img", "--version"]).split(" (")[0],
        "commit": _first_line(["git", "-C", ROOT, "describe", "--always", "--dirty", "--abbrev=12"]),
        "time": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
    }


def sentence(machine):
    return (f"{machine['cores']} cores of {machine['processor']}, Linux {machine['kernel']}, .NET SDK "
            f"{machine['dotnet']}, {machine['qemu']}, commit {machine['commit']}")


def _processor():
    with open("/proc/cpuinfo", encoding="utf-8") as cpuinfo:
        for line in cpuinfo:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def _first_line(arguments):
    try:
        return run(arguments, 20).strip().splitlines()[0]
    except (BenchError, OSError, IndexError):
        return "unknown"
