"""fio with its nbd engine, as several clients of one volume, each with a connection of its own."""

import glob
import json
import os
from dataclasses import dataclass, field

from .processes import BenchError, tail

READ, WRITE = "read", "write"
DIRECTIONS = {"0": READ, "1": WRITE}


@dataclass(frozen=True)
class Client:
    """One job of fio, by its options."""

    name: str
    options: dict = field(default_factory=dict)


class Fio:
    """One run of fio. Its clients begin together."""

    def __init__(self, processes, folder, uri, clients, common):
        """common: options of every client. The latency of every request is written down."""
        os.mkdir(folder)
        self._folder = folder
        self.clients = clients
        arguments = ["fio", "--output-format=json", f"--output={folder}/fio.json", "--group_reporting=0"]
        for client in clients:
            options = {"name": client.name, "ioengine": "nbd", "uri": uri,
                       "write_lat_log": os.path.join(folder, client.name), **common, **client.options}
            arguments += [f"--{key}={value}" for key, value in options.items()]
        self.process = processes.start(arguments, os.path.join(folder, "fio.out"))

    def latency_logs(self):
        return glob.glob(os.path.join(self._folder, "*_lat.*.log"))

    def jobs(self):
        """What fio says of each client once it has ended. BenchError when one saw an error."""
        said = tail(self.process.log_path)
        if self.process.poll() != 0:
            raise BenchError(f"fio ended with {self.process.returncode}: {said}")
        with open(os.path.join(self._folder, "fio.json"), encoding="utf-8") as file:
            text = file.read()
        jobs = json.loads(text[text.index("{"):])["jobs"]  # Notes and warnings may come first.
        wrong = [job["jobname"] for job in jobs if job["error"]]
        if wrong:
            raise BenchError(f"fio saw errors in {', '.join(wrong)}: {said}")
        return jobs


def latencies(path):
    """(seconds since the start, latency in seconds) of every request, by direction; trims are left out."""
    found = {READ: [], WRITE: []}
    with open(path, encoding="ascii") as file:
        for line in file:
            at_ms, nanoseconds, direction = line.split(",", 3)[:3]
            kind = DIRECTIONS.get(direction.strip())
            if kind:
                found[kind].append((int(at_ms) / 1e3, int(nanoseconds) / 1e9))
    return found
