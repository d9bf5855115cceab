"""The client of every system: qemu-img over a unix socket."""

import re

from .processes import BenchError, finish, run


def bench(uri, cell, count, timeout_s=60):
    """Requests a second, as qemu-img bench itself times them: its start and connection are not counted.
    BenchTimeout when they are not all answered in time."""
    output = complete(uri, cell, count, timeout_s)
    match = re.search(r"Run completed in ([0-9.]+) seconds", output)
    if not match or float(match.group(1)) <= 0:
        raise BenchError(f"qemu-img bench printed no time: {output.strip()}")
    return count / float(match.group(1))


def complete(uri, cell, count, timeout_s=60):
    """The same without a rate, which few requests do not have: qemu-img counts in milliseconds. Returns what
    it printed."""
    arguments = ["qemu-img", "bench", "-f", "raw", "-t", "none", "-c", str(count), "-d", str(cell.depth),
                 "-s", str(cell.size_bytes)]
    if cell.write:
        arguments += ["-w", "--pattern=165"]
    return run(arguments + [uri], timeout_s)


def fill(uri, source):
    """Writes a file into an export through its door."""
    run(["qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", source, uri])


def same_data(uri, source):
    """Whether reading the whole export gives the bytes of the file."""
    arguments = ["qemu-img", "compare", "-U", "-f", "raw", "-F", "raw", source, uri]
    done = finish(arguments)
    if done.returncode not in (0, 1):
        raise BenchError(f"`{' '.join(arguments)}` ended with {done.returncode}: {done.stderr.strip()}")
    return done.returncode == 0
