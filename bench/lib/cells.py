"""What is measured: the rows of the table."""

from dataclasses import dataclass

GIB = 1 << 30


@dataclass(frozen=True)
class Cell:
    """A block size, a queue depth and a direction, and how many requests are one run."""

    size_bytes: int
    depth: int
    count: int
    write: bool

    @property
    def name(self):
        mebibytes, kibibytes = self.size_bytes >> 20, self.size_bytes >> 10
        size = f"{mebibytes} MiB" if mebibytes else f"{kibibytes} KiB"
        return f"{size} {'write' if self.write else 'read'} depth {self.depth}"

    def has(self, text):
        """Whether the text is in its name, from the beginning of a word."""
        return f" {text}" in f" {self.name}"

    @property
    def prototype(self):
        return PROTOTYPES.get((self.size_bytes, self.depth, self.write))


@dataclass(frozen=True)
class Prototype:
    """What a prototype of plain sockets, without actors and with SHA-256 digests, did on two cores, and what
    QEMU's quorum did beside it. The machine of today is another: the ratio travels better than the figure."""

    count: int
    seconds: float
    qemu_quorum_seconds: float

    @property
    def requests_per_second(self):
        return self.count / self.seconds

    @property
    def to_qemu_quorum(self):
        return self.qemu_quorum_seconds / self.seconds


# By block size, depth and whether it writes.
PROTOTYPES = {
    (4096, 1, False): Prototype(10000, 1.8, 6.4),
    (4096, 1, True): Prototype(10000, 2.0, 7.6),
    (4096, 32, False): Prototype(40000, 3.1, 28.6),
    (4096, 32, True): Prototype(40000, 1.4, 6.2),
    (65536, 16, False): Prototype(10000, 1.8, 2.8),
    (65536, 16, True): Prototype(10000, 1.9, 2.0),
}

# The counts keep a round of all systems below a minute on two quiet cores.
CELLS = [Cell(size_bytes, depth, count, write)
         for size_bytes, depth, count in (
             (4096, 1, 6000), (4096, 32, 16000), (65536, 16, 8000), (1 << 20, 8, 400))
         for write in (False, True)]
