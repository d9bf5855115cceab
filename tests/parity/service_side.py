"""This service: children are replicas on the storage nodes of a demo process."""

import glob
import os
import shutil
import subprocess

from qmp_session import QmpSession
from side import STOP_TIMEOUT_SECONDS, START_TIMEOUT_SECONDS, Side, wait_for

STORAGE_NODES = 5


class ServiceSide(Side):
    """Child cN is a replica on storage node N+1: no two children of a scenario share a node.

    A disk that fails is a FUSE export of qemu-storage-daemon over a blkdebug node, mounted on the replica's
    own name while the service is down for a moment. That needs /dev/fuse and root."""

    name = "replication"

    def __init__(self, folder, executable):
        super().__init__(folder)
        self._executable = executable
        self._data = os.path.join(folder, "data")
        self.qmp_path = os.path.join(self._data, "qmp.sock")
        self._disks = None

    def command(self):
        return ["dotnet", self._executable, "demo", "--data", self._data, "--nodes", str(STORAGE_NODES),
                "--size", "1MiB", "--nbd", f"unix:{self.nbd_path}"]

    def connect(self):
        super().connect()
        if self._disks is None:
            # The demo has begun to serve NBD by itself; the steps begin where QEMU's daemon begins.
            wait_for(self._has_stopped_nbd, START_TIMEOUT_SECONDS, lambda: "the NBD server to stop")

    def stop(self):
        super().stop()
        if self._disks is not None:
            self._disks.close()

    def child(self, name, size):
        return {"driver": "replica", "node-name": name, "host": f"node{number_of(name) + 1}", "size": size}

    def child_file(self, name):
        if self._disks is not None:
            return self._disks.backing(name)
        folder = os.path.join(self._data, f"node{number_of(name) + 1}", "volumes")
        found = [path for path in glob.glob(f"{folder}/*/data.raw") if "/demo/" not in path]
        assert len(found) == 1, f"{name}: {found} in {folder}"
        return found[0]

    def await_children(self):
        wait_for(self._is_healthy, START_TIMEOUT_SECONDS, lambda: f"every volume to be healthy\n{self.log()}")

    def fail(self, name, fault):
        if self._disks is None:
            super().stop()
            self._disks = FailingDisks(self.folder, {
                child: self.child_file(child) for child in ("c0", "c1", "c2")})
            if os.path.exists(self.qmp_path):
                os.unlink(self.qmp_path)
            super().start()
            self.await_children()
        self._disks.fail(name, fault)

    def _is_healthy(self):
        volumes = self.qmp.execute("query-volumes")["return"]
        return all(volume["condition"] == "healthy" for volume in volumes)

    def _has_stopped_nbd(self):
        return "return" in self.qmp.execute("nbd-server-stop")


class FailingDisks:
    """Files behind FUSE exports that are mounted on the files' own names."""

    def __init__(self, folder, files):
        self._folder = folder
        self._mounts = []
        self._process = None
        self._qmp = None
        socket = os.path.join(folder, "disks.sock")
        command = ["qemu-storage-daemon", "--chardev", f"socket,id=qmp,path={socket},server=on,wait=off",
                   "--monitor", "chardev=qmp"]
        for name, path in files.items():
            backing = self.backing(name)
            shutil.move(path, backing)
            with open(path, "wb"):
                self._mounts.append(path)
            command += ["--blockdev", f"file,node-name={name}-plain,filename={backing},discard=unmap",
                        "--blockdev", f"raw,node-name={name},file={name}-plain", "--export",
                        f"fuse,id={name}-export,node-name={name},mountpoint={path},writable=on"]
        with open(os.path.join(folder, "disks.log"), "wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(lambda: self._process.poll() is not None or (
            os.path.exists(socket) and all(os.path.getsize(path) > 0 for path in self._mounts)),
            START_TIMEOUT_SECONDS, lambda: "the FUSE exports")
        assert self._process.poll() is None, "qemu-storage-daemon cannot export by FUSE: is /dev/fuse there?"
        self._qmp = QmpSession(socket)

    def fail(self, name, fault):
        self._demand("blockdev-add", {"driver": "blkdebug", "node-name": f"{name}-failing",
                                      "image": f"{name}-plain", "inject-error": [fault.blkdebug()]})
        self._demand("blockdev-reopen", {"options": [
            {"driver": "raw", "node-name": name, "file": f"{name}-failing"}]})

    def backing(self, name):
        """The file with the bytes, which no fault touches."""
        return os.path.join(self._folder, f"{name}.backing")

    def close(self):
        """The service that used them is gone."""
        if self._qmp is not None:
            self._qmp.close()
        self._process.kill()
        self._process.wait(STOP_TIMEOUT_SECONDS)
        for path in self._mounts:
            subprocess.run(["fusermount3", "-u", "-q", "-z", path], check=False)

    def _demand(self, command, arguments):
        reply = self._qmp.execute(command, arguments)
        assert "return" in reply, f"{command}: {reply}"


def number_of(name):
    """c2 is child number 2."""
    return int(name.removeprefix("c"))
