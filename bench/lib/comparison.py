"""What quorum-vs-qemu prints."""

from . import trouble
from .judging import QUORUM, SHA256, SINGLE, TCP, UNIX
from .table import print_table

TITLES = {TCP: "ours, TCP", UNIX: "ours, unix", SHA256: "ours, sha256", QUORUM: "QEMU quorum",
          SINGLE: "unreplicated"}
STILL = "stands still"


def print_rates(rows):
    names = list(rows[0]["systems"])
    judged = TCP in names
    header = ["requests a second"] + [f"{name} {TITLES[name]}" for name in names]
    lines = []
    if judged:
        header += ["A/B", "A'/B", "A/C", "prototype", "A/prototype"]
    for row in rows:
        line = [row["cell"]]
        line += [f"{system['median']:,.0f} ({system['spread']:.0%})" for system in row["systems"].values()]
        if judged:
            line += [f"{row[ratio]:.2f}" for ratio in ("toQemuQuorum", "unixToQemuQuorum", "toUnreplicated")]
            known = "toPrototype" in row
            line += [f"{row['prototypeRequestsPerSecond']:,.0f}" if known else "-",
                     f"{row['toPrototype']:.2f}" if known else "-"]
        lines.append(line)
    print_table(header, lines)


def print_costs(rows, memory):
    names = list(rows[0]["systems"])
    allocating = [name for name in names if "allocatedBytesPerRequest" in rows[0]["systems"][name]]
    lines = []
    for row in rows:
        systems = row["systems"]
        lines.append([row["cell"]] + [f"{systems[name]['cpuSecondsPerGib']:.2f}" for name in names]
                     + [f"{systems[name]['allocatedBytesPerRequest']:,.0f} B" for name in allocating])
    print()
    print_table(["CPU seconds a GiB"] + names + [f"{name} allocated a request" for name in allocating], lines)
    print("peak memory of all processes (VmHWM): "
          + ", ".join(f"{name} {memory[name] >> 20} MiB" for name in names))


def print_trouble(result):
    systems = result["outage"]
    header = ["one of three children stopped"]
    header += [f"{name} {what}" for name in systems for what in ("first answer", "then a second")]
    lines = []
    for cell in trouble.OUTAGE_CELLS:
        line = [cell.name]
        for system in systems.values():
            rate = system["requestsPerSecond"].get(cell.name)
            line += [_first_answer(system["firstSeconds"], cell.name), f"{rate:,.0f}" if rate else STILL]
        lines.append(line)
    print()
    print_table(header, lines)
    print(f"A is healthy again {result['healthyAgainSeconds']:.1f} s after its node goes on")
    if result["liar"]:
        lines = [[cell] + [f"{rate:,.0f}" for rate in rates.values()]
                 for cell, rates in result["liar"].items()]
        print()
        print_table(["one liar among three"] + [f"{name} {TITLES[name]}" for name in (TCP, QUORUM)], lines)


def _first_answer(first_seconds, cell):
    if cell not in first_seconds:
        return ""
    seconds = first_seconds[cell]
    return f"{seconds:.2f} s" if seconds is not None else f"none in {trouble.STANDSTILL_LIMIT_S} s"
