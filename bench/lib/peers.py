"""QEMU's side of the bench: one qemu-nbd, and a quorum over three."""

import json
import os
import shutil
import signal

from . import data
from .processes import BenchError, wait_for_socket

CHILDREN = 3
THRESHOLD = 2


class QemuNbd:
    """One qemu-nbd over one file of its own, on a unix socket, with io_uring where the kernel has it."""

    def __init__(self, processes, folder, name, source):
        self.file = os.path.join(folder, name + ".raw")
        self.socket = os.path.join(folder, name + ".sock")
        shutil.copyfile(source, self.file)
        if data.holes_bytes(self.file):
            raise BenchError(f"{self.file} has holes")
        for self.aio in ("io_uring", "threads"):
            self.process = processes.start(
                ["qemu-nbd", "-k", self.socket, "-f", "raw", "-t", "-e", "0", "--cache=writeback",
                 f"--aio={self.aio}", "--discard=unmap", self.file], os.path.join(folder, name + ".log"))
            try:
                wait_for_socket(self.socket, self.process)
                break
            except BenchError:
                if self.aio == "threads":
                    raise

    @property
    def uri(self):
        return f"nbd+unix:///?socket={self.socket}"

    @property
    def pids(self):
        return [self.process.pid]


class QemuQuorum:
    """QEMU at its best on this job: unix sockets everywhere (over TCP it stalls 40 ms a request at depth
    above 1), and no iothread (with one, qemu-storage-daemon 7.2 dies on a quorum's write)."""

    def __init__(self, processes, folder, source):
        self.children = [QemuNbd(processes, folder, f"quorum{i}", source) for i in range(1, CHILDREN + 1)]
        self.aio = self.children[0].aio
        listen = os.path.join(folder, "quorum.sock")
        arguments = ["qemu-storage-daemon"]
        for i, child in enumerate(self.children):
            arguments += ["--blockdev", f"nbd,node-name=c{i},server.type=unix,server.path={child.socket}"]
        quorum = {"driver": "quorum", "node-name": "quorum", "vote-threshold": THRESHOLD,
                  "children": [f"c{i}" for i in range(CHILDREN)]}
        arguments += ["--blockdev", json.dumps(quorum), "--nbd-server", f"addr.type=unix,addr.path={listen}",
                      "--export", "nbd,id=export,node-name=quorum,name=quorum,writable=on"]
        self.process = processes.start(arguments, os.path.join(folder, "quorum.log"))
        wait_for_socket(listen, self.process)
        self.uri = f"nbd+unix:///quorum?socket={listen}"

    @property
    def pids(self):
        return [child.process.pid for child in self.children] + [self.process.pid]

    def pause_child(self):
        self.children[0].process.send_signal(signal.SIGSTOP)

    def resume_child(self):
        self.children[0].process.send_signal(signal.SIGCONT)

    def corrupt_child(self):
        """From now on the first child lies about every block."""
        data.overwrite(self.children[0].file)
