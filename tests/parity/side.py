"""What the steps ask of a system under comparison, whichever it is."""

import os
import re
import subprocess
import time
from dataclasses import dataclass
from typing import Optional

from qmp_session import QmpSession, SessionEnded

START_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 15
CLIENT_TIMEOUT_SECONDS = 60

# An event that is due is here within this time, also where the one-a-second throttle holds it back.
EVENT_TIMEOUT_SECONDS = 2
QUIET_SECONDS = 0.1


@dataclass(frozen=True)
class Fault:
    """Each disk operation of a kind (read, write, flush) fails with an error number, everywhere or where it
    touches a sector."""

    iotype: str
    sector: Optional[int]
    errno: int

    def blkdebug(self):
        """As QEMU's blkdebug wants it."""
        rule = {"event": "none", "iotype": self.iotype, "errno": self.errno}
        return rule if self.sector is None else {**rule, "sector": self.sector}


class Side:
    """A process with a QMP socket and an NBD socket in a folder, and children that are plain files.

    A subclass starts the process and says what its children are called in QMP, where their bytes are, and how
    a disk under one is made to fail."""

    name = "?"

    # How long after a read was answered a repair that it called for may still go on.
    repair_seconds = 5

    def __init__(self, folder):
        os.makedirs(folder)
        self.folder = folder
        self.nbd_path = os.path.join(folder, "nbd.sock")
        self.qmp_path = os.path.join(folder, "qmp.sock")
        self.process = None
        self.qmp = None

    # Subclasses.

    def command(self):
        """The process's command line."""
        raise NotImplementedError

    def child(self, name, size):
        """The definition of a child's node, for blockdev-add and for children that are given inline."""
        raise NotImplementedError

    def child_file(self, name):
        """The file with the bytes of a child that is attached."""
        raise NotImplementedError

    def fail(self, name, fault):
        """From now on the disk of a child fails."""
        raise NotImplementedError

    def await_children(self):
        """Waits until every child has what the others have."""

    # Both alike.

    def start(self):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        wait_for(lambda: os.path.exists(self.qmp_path) or self.process.poll() is not None,
                 START_TIMEOUT_SECONDS, lambda: f"{self.name} to start\n{self.log()}")
        assert self.process.poll() is None, f"{self.name} ended at once\n{self.log()}"
        self.connect()

    def connect(self):
        self.qmp = wait_for(self._try_connect, START_TIMEOUT_SECONDS, lambda: f"QMP of {self.name}")

    def stop(self):
        """Ends the process, as an operator does."""
        if self.qmp is not None:
            self.qmp.close()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def io(self, export, commands, read_only=False):
        """qemu-io over NBD: one line for what became of each command, without its times and without the
        server's own words for people."""
        arguments = ["qemu-io", "-f", "raw", "-t", "writeback"] + (["-r"] if read_only else [])
        for command in commands:
            arguments += ["-c", command]
        done = subprocess.run(
            arguments + [f"nbd+unix:///{export}?socket={self.nbd_path}"], capture_output=True, text=True,
            timeout=CLIENT_TIMEOUT_SECONDS, check=False)
        lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        return [line.replace(self.nbd_path, "SOCKET") for line in lines if not NOT_COMPARED.search(line)]

    def corrupt(self, name, offset, length, value):
        """Overwrites bytes of a child behind the system's back."""
        with open(self.child_file(name), "r+b") as file:
            file.seek(offset)
            file.write(bytes([value]) * length)

    def content(self, name, offset, length):
        with open(self.child_file(name), "rb") as file:
            file.seek(offset)
            return file.read(length)

    def take_events(self, count):
        """Waits for so many QUORUM events and a moment more, or until no more is to be expected."""
        deadline = time.monotonic() + EVENT_TIMEOUT_SECONDS
        try:
            while time.monotonic() < deadline and len(self._quorum_events()) < count:
                if self.qmp.collect(deadline - time.monotonic()):
                    deadline = time.monotonic() + EVENT_TIMEOUT_SECONDS
            while self.qmp.collect(QUIET_SECONDS):
                pass
        except SessionEnded:
            pass  # What came before counts; that the process is gone shows in the steps.
        taken, self.qmp.events = self._quorum_events(), []
        return taken

    def take_told(self, name):
        """The events of a name that came before the last reply; all others stay."""
        taken = [item for item in self.qmp.events if item["event"] == name]
        self.qmp.events = [item for item in self.qmp.events if item["event"] != name]
        return taken

    def _quorum_events(self):
        return [item for item in self.qmp.events if self.is_compared(item)]

    def is_compared(self, event):
        """Only quorum's own; the others are either side's own affair."""
        return event["event"].startswith("QUORUM_") or event["event"] == "BLKVERIFY_MISMATCH"

    def _try_connect(self):
        try:
            return QmpSession(self.qmp_path)
        except OSError:
            return None


NOT_COMPARED = re.compile(r"ops;|ops/sec|^server reported:")


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what()}")
        time.sleep(0.02)
    return result
