"""Files full of data, in memory."""

import os

MIB = 1 << 20


def make(path, length_bytes):
    """Writes random bytes; length_bytes is a multiple of 1 MiB."""
    with open(path, "wb") as file:
        for _ in range(length_bytes // MIB):
            file.write(os.urandom(MIB))


def overwrite(path):
    """Puts other bytes into every block of a file behind its owner's back, without making holes."""
    with open(path, "r+b") as file:
        for _ in range(os.path.getsize(path) // MIB):
            file.write(os.urandom(MIB))


def holes_bytes(path):
    """How much of the file is not allocated: a hole would make a read a memset, and a write an allocation."""
    status = os.stat(path)
    return max(0, status.st_size - status.st_blocks * 512)


def equal(one, other):
    """Byte by byte."""
    if os.path.getsize(one) != os.path.getsize(other):
        return False
    with open(one, "rb") as first, open(other, "rb") as second:
        while True:
            block = first.read(MIB)
            if block != second.read(MIB):
                return False
            if not block:
                return True
