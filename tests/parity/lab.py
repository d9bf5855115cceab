"""The steps' vocabulary: each does one thing to a side and writes down what came of it."""

import errno
import json
import os
import re
import time

from qmp_session import SessionEnded
from side import Fault

MIB = 1 << 20
SIZE = 10 * MIB
BURST_SECONDS = 0.8
BURST_ATTEMPTS = 5


class Lab:
    """One scenario on one side. `entries` is its transcript: pairs of a step and the lines of its outcome."""

    def __init__(self, side):
        self.side = side
        self.entries = []

    # QMP

    def qmp(self, step, command, arguments=None):
        """A command as it is; the reply is the outcome."""
        self._record(step, [self._text(self._execute(command, arguments))])

    def ask(self, step, command, of_reply, arguments=None):
        """The same, where only some of a successful reply is compared."""
        reply = self._execute(command, arguments)
        found = of_reply(reply["return"]) if "return" in reply else reply
        self._record(step, [self._text(found)])

    def names(self, step):
        """Which nodes of the scenario there are."""
        self.ask(f"nodes {step}", "query-named-block-nodes", lambda reply: sorted(
            node["node-name"] for node in reply if re.fullmatch(r"[cq]\d", node["node-name"])))

    def exports(self, step):
        """The exports of the scenario's nodes."""
        self.ask(f"exports {step}", "query-block-exports", lambda reply: [
            item for item in reply if re.fullmatch(r"[cq]\d", item["node-name"])])

    def line(self, step, text):
        """A line to the QMP socket."""
        self._record(step, [self._text(self.side.qmp.send(text))])

    def serve(self):
        """Starts the NBD server; no step of its own but where it fails."""
        reply = self._execute("nbd-server-start", self.address())
        assert "return" in reply, reply

    def address(self):
        return {"addr": {"type": "unix", "data": {"path": self.side.nbd_path}}}

    def inline(self, name, size=SIZE, named=True):
        """A child given with its quorum. Without a name of its own its file has the given one."""
        definition = self.side.child(name, size)
        if not named:
            del definition["node-name"]
        return definition

    def node(self, name, size=SIZE):
        """A free node that a quorum can take."""
        self.qmp(f"blockdev-add {name}", "blockdev-add", self.side.child(name, size))

    def quorum(self, name, children, threshold=2, export=True, step=None, **options):
        """A quorum over free nodes (their names) and inline definitions, exported under its own name."""
        arguments = {"driver": "quorum", "node-name": name, "vote-threshold": threshold, "children": children}
        arguments.update({key.replace("_", "-"): value for key, value in options.items()})
        shown = [child if isinstance(child, str) else f"inline {child.get('node-name', 'without a name')}"
                 for child in children]
        more = "".join(f", {key} {self._text(arguments[key])}" for key in sorted(arguments)
                       if key not in ("driver", "node-name", "vote-threshold", "children"))
        self.qmp(step or f"blockdev-add quorum {name} of {', '.join(shown)}, threshold {threshold}{more}",
                 "blockdev-add", arguments)
        if export:
            self.export(name)

    def three(self, name="q0", threshold=2, **options):
        """The usual: three free nodes and a quorum of them, filled with 0x32."""
        self.serve()
        for child in ("c0", "c1", "c2"):
            self.node(child)
        self.quorum(name, ["c0", "c1", "c2"], threshold, **options)
        self.io(name, "write -P 0x32 0 10M", "flush")

    def export(self, name, writable=True):
        self.qmp(f"block-export-add {name}{'' if writable else ' read-only'}", "block-export-add", {
            "type": "nbd", "id": f"export-{name}{'' if writable else '-ro'}", "node-name": name,
            "name": f"{name}{'' if writable else '-ro'}", "writable": writable})

    def add_child(self, parent, node):
        self.qmp(f"x-blockdev-change: add {node} to {parent}", "x-blockdev-change",
                 {"parent": parent, "node": node})

    def await_children(self):
        """Waits until every child has what the others have, where the side looks after that."""
        self.side.await_children()

    def remove_child(self, parent, child):
        self.qmp(f"x-blockdev-change: remove {child} of {parent}", "x-blockdev-change",
                 {"parent": parent, "child": child})

    # Data

    def io(self, export, *commands, read_only=False):
        """qemu-io over NBD, all commands on one connection."""
        where = "" if export == "q0" else f" on {export}"
        self._record(f"qemu-io{where}: {'; '.join(commands)}", self.side.io(export, commands, read_only))

    def corrupt(self, child, value, offset=0, length=SIZE):
        """Writes past the service into a child's file; the outcome is nothing."""
        self.side.corrupt(child, offset, length, value)
        self._record(f"corrupt {child}: 0x{value:02x} at {offset}, {length} bytes", [])

    def content(self, child, awaited, offset=0, length=SIZE):
        """What is in a child's file, once it is what is awaited, or when waiting does not help."""
        expected = bytes([awaited]) * length
        deadline = time.monotonic() + self.side.repair_seconds
        found = self.side.content(child, offset, length)
        while found != expected and time.monotonic() < deadline:
            time.sleep(0.05)
            found = self.side.content(child, offset, length)
        self._record(f"content of {child} at {offset}, {length} bytes", [runs(found)])

    def allocated(self, child):
        """Whether a child's file occupies space on its disk."""
        occupied = os.stat(self.side.child_file(child)).st_blocks * 512
        self._record(f"space of {child}", ["occupied" if occupied > SIZE // 2 else "free"])

    def fail(self, child, iotype, sector=None, number=errno.EIO):
        """Makes a child's disk fail from now on; the outcome is nothing."""
        self.side.fail(child, Fault(iotype, sector, number))
        where = "" if sector is None else f" at sector {sector}"
        self._record(f"the disk of {child} fails each {iotype}{where}: {errno.errorcode[number]}", [])

    # Events

    def events(self, count, of_type=None):
        """The quorum events since they were last asked for, or those of one type; so many are expected.
        Children answer in any order, so the order of events between them is not compared."""
        taken = [{"event": item["event"], "data": item["data"]} for item in self.side.take_events(count)]
        taken = [item for item in taken if of_type is None or item["data"].get("type") == of_type]
        self._record("events" if of_type is None else f"events of a {of_type}",
                     sorted(self._text(item) for item in taken))

    def removed(self):
        """The exports that were told of as removed since they were last asked for. They come before
        the reply of the command that removes them."""
        taken = self.side.take_told("BLOCK_EXPORT_DELETED")
        self._record("BLOCK_EXPORT_DELETED", sorted(
            self._text({"event": item["event"], "data": item["data"]}) for item in taken))

    def burst(self, commands):
        """Reads within the second that begins with the first one's event, and what comes of them: that first
        event, then the newest of those that were held back, until no more come. Done again where the machine
        was too slow."""
        for _ in range(BURST_ATTEMPTS):
            began = time.monotonic()
            lines = self.side.io("q0", commands)
            took = time.monotonic() - began
            taken = self.side.take_events(len(commands) + 1)
            if took < BURST_SECONDS:
                break
        self._record(f"qemu-io at once: {commands[0]} ... {commands[-1]}", lines)
        taken.sort(key=lambda item: item["data"].get("node-name", ""))  # And in time, for each of them.
        self._record("events of the burst", [self._text(
            {"event": item["event"], "data": item["data"]}) for item in taken])

    def process(self, step):
        """Whether the process still runs."""
        code = self.side.process.poll()
        self._record(step, ["runs" if code is None else f"ended with {code}"])

    def _execute(self, command, arguments):
        try:
            return self.side.qmp.execute(command, arguments)
        except SessionEnded:
            return {"session": "closed"}

    def _record(self, step, lines):
        times = 1 + sum(1 for other, _ in self.entries if other.split(" #")[0] == step)
        self.entries.append((step if times == 1 else f"{step} #{times}", lines))

    @staticmethod
    def _text(item):
        return normalized(json.dumps(item, sort_keys=True))


def normalized(text):
    """Names that are made up by either side are one."""
    return re.sub(r"#block\d+", "#auto", text)


def runs(data):
    """Bytes as the lengths of what repeats: `10485760 x 0x32`."""
    found, start = [], 0
    while start < len(data) and len(found) < 8:
        end = start + 1
        step = 1 << 20
        while step and end < len(data):
            chunk = data[end:end + step]
            if chunk == data[start:start + 1] * len(chunk):
                end += len(chunk)
            else:
                step //= 2
        found.append(f"{end - start} x 0x{data[start]:02x}")
        start = end
    return ", ".join(found)
