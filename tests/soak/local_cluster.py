"""A cluster of real processes on this machine, as deploy/local-nodes starts it, for the soak tests."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Cluster:
    """Its processes are ended by id, and its folder is the caller's."""

    def __init__(self, folder, nodes=3, volume="v", size="64MiB", options=()):
        self.folder = os.path.abspath(folder)
        self.nodes = nodes
        self.volume = volume
        self.size = size
        self.options = list(options)
        self.uri = f"nbd+unix:///{volume}?socket={self.folder}/nbd.sock"

    def up(self):
        """Starts what is not running, and returns when the volume can be attached."""
        command = [f"{ROOT}/deploy/local-nodes", "up", "--dir", self.folder, "--nodes", str(self.nodes),
                   "--nbd", f"unix:{self.folder}/nbd.sock", "--volume", self.volume, "--size", self.size]
        self._run(command + self.options)

    def down(self):
        self._run([f"{ROOT}/deploy/local-nodes", "down", "--dir", self.folder])

    def names(self):
        return [f"node{number}" for number in range(1, self.nodes + 1)] + ["gateway"]

    def pid(self, name):
        with open(f"{self.folder}/{name}.pid", encoding="ascii") as file:
            return int(file.read().strip())

    def signal(self, name, number):
        os.kill(self.pid(name), number)

    def kill(self, *names):
        """kill -9, all of them before waiting for any."""
        pids = [self.pid(name) for name in names]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            wait_for(lambda: not alive(pid), 30, f"process {pid} to be gone")

    def replicas(self):
        return [f"{self.folder}/node{number}/volumes/{self.volume}/data.raw"
                for number in range(1, self.nodes + 1)]

    def status(self):
        """The volume as query-volumes tells it, or None while the gateway does not answer."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(10)
                client.connect(f"{self.folder}/qmp.sock")
                lines = client.makefile("rw", encoding="utf-8", newline="\r\n")
                lines.readline()
                for command in ("qmp_capabilities", "query-volumes"):
                    lines.write(json.dumps({"execute": command}) + "\r\n")
                    lines.flush()
                    answer = json.loads(lines.readline())
                    while "event" in answer:
                        answer = json.loads(lines.readline())
                return next(one for one in answer["return"] if one["name"] == self.volume)
        except (OSError, ValueError, StopIteration):
            return None

    def await_healthy(self, seconds):
        """Waits until every child is Synced and nothing is to be reconciled; returns how long it took."""
        started = time.monotonic()
        wait_for(self.is_healthy, seconds, "the volume to be healthy", lambda: self.status())
        return time.monotonic() - started

    def is_healthy(self):
        status = self.status()
        return (status is not None and status["condition"] == "healthy"
                and status["unreconciled-bytes"] == 0
                and all(child["state"] == "synced" for child in status["children"]))

    def assert_replicas_equal(self):
        digests = [digest_of(path) for path in self.replicas()]
        if len(set(digests)) != 1:
            raise AssertionError(f"the replicas differ: {digests}")

    @staticmethod
    def _run(command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(condition, seconds, what, more=lambda: ""):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for {what} {more()}")
        time.sleep(0.1)


def digest_of(path):
    digest = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
