"""The bench's arithmetic, without processes: medians, spreads, ratios, and what they are held to."""

import math
import statistics
from dataclasses import dataclass

from .cells import GIB

# The systems, by the letters that the table heads its columns with.
TCP, UNIX, SHA256, QUORUM, SINGLE = "A", "A'", "S", "B", "C"

LEAST_RATIO_TO_QEMU = 1.0
LEAST_GEOMETRIC_MEAN = 2.5
LEAST_SMALL_READ_TO_UNREPLICATED = 0.5
SMALL_READ_BYTES = 4096


@dataclass(frozen=True)
class Sample:
    """One run of one cell on one system."""

    requests_per_second: float
    cpu_seconds: float
    allocated_bytes: int | None = None


def spread(values):
    """(highest - lowest) / median: of a quiet machine a few hundredths."""
    return (max(values) - min(values)) / statistics.median(values)


def geometric_mean(ratios):
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def summarize_cell(cell, count, samples):
    """One row. samples: by system, a list with one a round. A ratio is one of medians; above 1 we are
    faster."""
    systems = {name: _summarize_system(cell, count, runs) for name, runs in samples.items()}
    row = {"cell": cell.name, "sizeBytes": cell.size_bytes, "depth": cell.depth, "write": cell.write,
           "requests": count, "systems": systems}
    if TCP in systems:
        medians = {name: system["median"] for name, system in systems.items()}
        row["toQemuQuorum"] = medians[TCP] / medians[QUORUM]
        row["unixToQemuQuorum"] = medians[UNIX] / medians[QUORUM]
        row["toUnreplicated"] = medians[TCP] / medians[SINGLE]
        if cell.prototype:
            row["prototypeRequestsPerSecond"] = cell.prototype.requests_per_second
            row["prototypeToQemuQuorum"] = cell.prototype.to_qemu_quorum
            row["toPrototype"] = medians[TCP] / cell.prototype.requests_per_second
    return row


def _summarize_system(cell, count, runs):
    rates = [run.requests_per_second for run in runs]
    summary = {"requestsPerSecond": rates, "median": statistics.median(rates), "spread": spread(rates),
               "cpuSecondsPerGib": statistics.median(run.cpu_seconds for run in runs) * GIB
               / (cell.size_bytes * count)}
    if all(run.allocated_bytes is not None for run in runs):
        summary["allocatedBytesPerRequest"] = statistics.median(run.allocated_bytes for run in runs) / count
    return summary


def failures(rows, whole):
    """The claim, and each cell that breaks it, in sentences. whole: the rows are all there are, so that their
    mean is judged too."""
    found = [f"{row['cell']}: {row['toQemuQuorum']:.2f} of QEMU's quorum, {LEAST_RATIO_TO_QEMU} is due"
             for row in rows if row["toQemuQuorum"] < LEAST_RATIO_TO_QEMU]
    mean = geometric_mean(row["toQemuQuorum"] for row in rows)
    if whole and mean < LEAST_GEOMETRIC_MEAN:
        found.append(f"geometric mean {mean:.2f}, {LEAST_GEOMETRIC_MEAN} is due")
    return found


def shortfalls(rows):
    """What falls short of the goals that do not decide the exit status, in sentences."""
    found = [f"{row['cell']}: {row['systems'][TCP]['median']:,.0f} requests a second, "
             f"{row['toPrototype']:.2f} of the prototype's {row['prototypeRequestsPerSecond']:,.0f}; "
             f"{row['toQemuQuorum']:.2f} of QEMU's quorum, the prototype {row['prototypeToQemuQuorum']:.2f}"
             for row in rows if row.get("toPrototype", 1) < 1]
    found += [f"{row['cell']}: {row['toUnreplicated']:.2f} of the unreplicated server, "
              f"{LEAST_SMALL_READ_TO_UNREPLICATED} is wished for"
              for row in rows if row["sizeBytes"] == SMALL_READ_BYTES and not row["write"]
              and row["toUnreplicated"] < LEAST_SMALL_READ_TO_UNREPLICATED]
    return found
