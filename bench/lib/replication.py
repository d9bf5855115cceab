"""This service as real processes: storage nodes and a gateway, each `replication node --config FILE`."""

import json
import os
import random
import signal
import socket
import time
import urllib.request

from . import data
from .processes import BenchError, tail, wait_for

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DEFAULT_DLL = os.path.join(ROOT, "src/Host/bin/Release/net10.0/replication.dll")
GATEWAY = "gateway"
MIB = 1 << 20
HEALTHY_TIMEOUT_S = 120
HTTP_TIMEOUT_S = 10
# Below Linux's range of ports that outgoing connections take, so that none takes one that was found free.
LISTEN_PORTS = range(20000, 32000)
ALLOCATED = "dotnet_gc_allocated_bytes_total"


def executable():
    """The program to run; BenchError when it has not been built."""
    dll = os.environ.get("REPLICATION_DLL", DEFAULT_DLL)
    if not os.path.exists(dll):
        raise BenchError(f"{dll} is not there; run `dotnet build -c Release Replication.sln`, or set "
                         "REPLICATION_DLL")
    return dll


class Cluster:
    """Storage nodes and a gateway. The NBD client always comes over a unix socket; between the gateway and
    the nodes is TCP, or unix sockets too."""

    def __init__(self, processes, folder, *, size_bytes, tcp=True, nodes=3, volumes=("bench",),
                 settings=None):
        """settings: more of each volume's, as cluster.hocon names them. Starts everything, and returns when
        the gateway is ready."""
        self._processes, self.folder, self._volumes = processes, folder, list(volumes)
        self._nodes = [f"node{i}" for i in range(1, nodes + 1)]
        self._size_bytes = size_bytes
        self._running = {}
        os.mkdir(folder)
        names = self._nodes + [GATEWAY]
        ports = _free_ports(2 * len(names))
        self._http = dict(zip(names, ports))
        self._listen = {name: f"tcp:127.0.0.1:{port}" if tcp else f"unix:{folder}/{name}.sock"
                        for name, port in zip(names, ports[len(names):])}
        self._configuration = os.path.join(folder, "cluster.hocon")
        with open(self._configuration, "w", encoding="utf-8") as file:
            file.write(self._hocon(settings or {}))
        self.uri = self.uri_of(self._volumes[0])
        self.start()

    def uri_of(self, volume):
        return f"nbd+unix:///{volume}?socket={self.folder}/nbd.sock"

    def start(self):
        """Starts what does not run; the nodes first, so that the gateway finds them."""
        starting = [name for name in self._nodes if name not in self._running]
        for name in starting:
            self._launch(name)
        for name in starting:
            _await_ready(self._running[name], name)
        if GATEWAY not in self._running:
            self._launch(GATEWAY)
            _await_ready(self._running[GATEWAY], GATEWAY)

    @property
    def pids(self):
        return [process.pid for process in self._running.values()]

    @property
    def running(self):
        """The names of the processes that run."""
        return list(self._running)

    def pid(self, name):
        return self._running[name].pid

    @property
    def names(self):
        return self._nodes + [GATEWAY]

    def files(self, volume=None):
        """The replicas, plain raw files, in the order of the nodes."""
        return [os.path.join(self.folder, name, "volumes", volume or self._volumes[0], "data.raw")
                for name in self._nodes]

    def require_data(self):
        """Of what is measured, every block of every replica is data."""
        for file in self.files():
            if os.path.getsize(file) != self._size_bytes or data.holes_bytes(file):
                raise BenchError(f"{file} should hold {self._size_bytes} bytes of data, but has "
                                 f"{os.path.getsize(file)} bytes, {data.holes_bytes(file)} of them in holes")

    def pause_child(self):
        self._running[self._nodes[0]].send_signal(signal.SIGSTOP)

    def resume_child(self):
        self._running[self._nodes[0]].send_signal(signal.SIGCONT)

    def corrupt_child(self):
        """Puts other bytes into the first replica's file behind the node's back."""
        data.overwrite(self.files()[0])

    def stop_node(self, name):
        """Ends one process in good order; start() brings it back."""
        _stop_well(self._processes, self._running.pop(name), name)

    def stop(self):
        """Ends everything in good order; the gateway first, which closes the replicas for which it needs
        their nodes."""
        for name in [GATEWAY] + self._nodes:
            self.stop_node(name)

    def stop_and_check(self):
        """Speed counts only where the work was done: the end is clean, and the replicas are equal."""
        self.stop()
        for volume in self._volumes:
            first, *others = self.files(volume)
            for file in others:
                if not data.equal(first, file):
                    raise BenchError(f"{file} differs from {first} after the run")

    def allocated_bytes(self):
        """What the runtimes of all processes have allocated for objects since their start."""
        return int(sum(self.metric(name, ALLOCATED) for name in self._running))

    def metric(self, name, series, *labels):
        """The sum of a metric's series of one process that have all of the labels, each as `kind="read"`."""
        total = 0.0
        for line in self._get(name, "/metrics").splitlines():
            found, _, rest = line.partition("{" if "{" in line else " ")
            if found == series and all(label in rest for label in labels):
                total += float(rest.split()[-1])
        return total

    def volumes(self):
        """Every volume as query-volumes tells it."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(10)
            client.connect(os.path.join(self.folder, "qmp.sock"))
            lines = client.makefile("rw", encoding="utf-8", newline="\r\n")
            lines.readline()
            for command in ("qmp_capabilities", "query-volumes"):
                lines.write(json.dumps({"execute": command}) + "\r\n")
                lines.flush()
                answer = json.loads(lines.readline())
                while "event" in answer:
                    answer = json.loads(lines.readline())
        if "return" not in answer:
            raise BenchError(f"query-volumes answers {answer}")
        return answer["return"]

    def await_healthy(self):
        """Waits until every child of every volume is Synced and nothing is to be reconciled; returns the
        seconds it took. A gateway that starts has its volumes one after the other."""
        def healthy():
            volumes = self.volumes()
            return len(volumes) == len(self._volumes) and all(_is_healthy(volume) for volume in volumes)
        started = time.monotonic()
        wait_for(healthy, self._running[GATEWAY], "every volume to be healthy", HEALTHY_TIMEOUT_S, poll_s=0.1)
        return time.monotonic() - started

    def _get(self, name, path):
        address = f"http://127.0.0.1:{self._http[name]}{path}"
        with urllib.request.urlopen(address, timeout=HTTP_TIMEOUT_S) as page:
            return page.read().decode("utf-8")

    def _launch(self, name):
        self._running[name] = self._processes.start(
            ["dotnet", executable(), "node", "--config", self._configuration, "--name", name],
            os.path.join(self.folder, name + ".out"))

    def _hocon(self, settings):
        lines = ["replication {", "  nodes {"]
        for name in self.names:
            role = "roles = [gateway]" if name == GATEWAY else f'listen = "{self._listen[name]}"'
            lines.append(f'    {name} {{ {role}, data = "{self.folder}/{name}", '
                         f'http = "127.0.0.1:{self._http[name]}" }}')
        options = {"size": f"{self._size_bytes // MIB} MiB", "threshold": len(self._nodes) // 2 + 1,
                   **settings}
        listed = ", ".join(f"{key} = {value}" for key, value in options.items())
        lines += ["  }", "  volumes {"]
        lines += [f'    "{volume}" {{ {listed} }}' for volume in self._volumes]
        lines += ["  }", f'  nbd.listen = "unix:{self.folder}/nbd.sock"',
                  f'  qmp.listen = "unix:{self.folder}/qmp.sock"', "}", ""]
        return "\n".join(lines)


class Demo:
    """`replication demo`: three storage nodes, a gateway and a volume in one process."""

    def __init__(self, processes, folder, size_bytes):
        self._processes = processes
        os.mkdir(folder)
        self.process = processes.start(
            ["dotnet", executable(), "demo", "--data", os.path.join(folder, "data"), "--size",
             f"{size_bytes // MIB}MiB", "--nbd", f"unix:{folder}/nbd.sock"], os.path.join(folder, "demo.out"))
        _await_ready(self.process, "demo")

    def stop(self):
        _stop_well(self._processes, self.process, "demo")


def _await_ready(process, name):
    """`ready ADDRESS` is what a process prints that serves."""
    def says_so():
        with open(process.log_path, encoding="utf-8", errors="replace") as out:
            return any(line.startswith("ready ") and line.endswith("\n") for line in out)
    wait_for(says_so, process, f"{name} to be ready")


def _stop_well(processes, process, name):
    status = processes.stop(process)
    if status != 0:
        raise BenchError(f"{name} ended with {status} on SIGTERM: {tail(process.log_path)}")


def _is_healthy(volume):
    return (volume["condition"] == "healthy" and volume["unreconciled-bytes"] == 0
            and all(child["state"] == "synced" for child in volume["children"]))


def _free_ports(count):
    """Ports of loopback that nobody listens on. They are held until all are found, so that none comes
    twice."""
    held = []
    try:
        for port in random.sample(LISTEN_PORTS, len(LISTEN_PORTS)):
            one = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            held.append(one)
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                held.pop().close()
            if len(held) == count:
                return [one.getsockname()[1] for one in held]
        raise BenchError(f"no {count} free ports from {LISTEN_PORTS.start} to {LISTEN_PORTS.stop - 1}")
    finally:
        for one in held:
            one.close()
