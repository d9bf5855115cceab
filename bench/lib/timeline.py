"""Where the time of one request goes, hop by hop, from the system calls of all processes that take part.

At depth 1 requests follow each other: what lies between a client's send and its receive is one request.
"""

import re
import statistics
from dataclasses import dataclass

CLIENT = "client"
CLIENT_COMMAND = "qemu-img"
SENDS = ("sendto", "sendmsg")
RECEIVES = ("recvfrom", "recvmsg")
DISK = ("pread64", "preadv2", "pwrite64")
CALLS = SENDS + RECEIVES + DISK
ERRNO_FIRST = (1 << 64) - 4096
US = 1e6
LINE = re.compile(r"\s*(?P<comm>.+?)\s+(?P<pid>\d+)\s+(?P<seconds>\d+\.\d+):\s+"
                  r"syscalls:sys_(?P<edge>enter|exit)_(?P<call>\w+):\s*(?P<rest>.*)")

# In the order of the request: each begins where the one before ends.
HOPS = ("client sends, gateway wakes and receives",
        "gateway: NBD request, volume, coordinator, messages",
        "gateway sends, child wakes and receives",
        "child: fence, file, answer",
        "child sends, gateway wakes and receives",
        "gateway: coordinator, reply",
        "gateway sends, client wakes and receives")
OF_IT_FILE = "of the child's time, the call that reads or writes the file"


@dataclass(frozen=True)
class Event:
    """A system call's beginning or end in one process; received: it ended with bytes."""

    at_us: float
    process: str
    entered: bool
    call: str
    received: bool = False


def events(lines, processes):
    """Events out of `perf script -F comm,pid,time,event,trace`, by the names of processes (by pid) and of the
    client (by its command); what else ran is left out."""
    found = []
    for line in lines:
        match = LINE.match(line)
        if not match or match["call"] not in CALLS:
            continue
        process = processes.get(int(match["pid"]))
        if process is None and match["comm"].startswith(CLIENT_COMMAND):
            process = CLIENT
        if process is None:
            continue
        entered = match["edge"] == "enter"
        result = 0 if entered else int(match["rest"].split()[0], 16)
        found.append(Event(float(match["seconds"]) * US, process, entered, match["call"],
                           match["call"] in RECEIVES and 0 < result < ERRNO_FIRST))
    return sorted(found, key=lambda event: event.at_us)


def requests(found, gateway, children):
    """The events of each request, from the client's first send to the first that it receives after the
    gateway has sent one message to each child and a reply; what differs (a heartbeat came along) is left
    out."""
    current, sends = None, 0
    for event in found:
        if current is None:
            if event.process == CLIENT and event.entered and event.call in SENDS:
                current, sends = [event], 0
            continue
        current.append(event)
        if event.process == gateway and event.entered and event.call in SENDS:
            sends += 1
        elif event.process == CLIENT and event.received and sends > 0:
            if sends == children + 1:
                yield current
            current = None


def hops(request, gateway):
    """The microseconds of each of HOPS, and of the file's call; None where a piece is missing. The child is
    the one whose answer was the last that the reply waited for."""
    sent = [event.at_us for event in request
            if event.process == gateway and event.entered and event.call in SENDS]
    reply = sent[-1]
    answers = [event for event in request if event.process not in (gateway, CLIENT) and event.entered
               and event.call in SENDS and event.at_us < reply]
    if not answers:
        return None
    answer = answers[-1]

    def last_received(process, before):
        return max((event.at_us for event in request if event.process == process and event.received
                    and event.at_us <= before), default=None)

    points = [request[0].at_us, last_received(gateway, sent[0]), sent[0],
              last_received(answer.process, answer.at_us), answer.at_us, last_received(gateway, reply), reply,
              request[-1].at_us]
    if None in points or points != sorted(points):
        return None
    file_us = _file_us(request, answer.process, points[3], answer.at_us)
    return [later - earlier for earlier, later in zip(points, points[1:])] + [file_us]


def summarize(found, gateway, children):
    """Medians: {"requests": how many, "totalMicroseconds": ..., "hops": {name: microseconds}}; None without
    any request."""
    all_hops = [hops(request, gateway) for request in requests(found, gateway, children)]
    all_hops = [one for one in all_hops if one]
    if not all_hops:
        return None
    medians = [statistics.median(column) for column in zip(*all_hops)]
    return {"requests": len(all_hops),
            "totalMicroseconds": statistics.median(sum(one[:len(HOPS)]) for one in all_hops),
            "hops": dict(zip(HOPS + (OF_IT_FILE,), medians))}


def _file_us(request, child, first_us, last_us):
    calls = [event for event in request if event.process == child and event.call in DISK
             and first_us <= event.at_us <= last_us]
    return sum(event.at_us if not event.entered else -event.at_us for event in calls)
