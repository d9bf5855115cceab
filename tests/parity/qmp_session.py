"""QMP over a unix socket: replies in order, events set aside as they come."""

import json
import select
import socket
import time

REPLY_TIMEOUT_SECONDS = 20


class SessionEnded(Exception):
    """The other side closed the connection."""


class QmpSession:
    """One negotiated session. Events wait in `events`, oldest first, until they are taken."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._buffer = b""
        self.events = []
        self.greeting = self._next_object(REPLY_TIMEOUT_SECONDS)
        self.execute("qmp_capabilities")

    def execute(self, command, arguments=None):
        """The reply: an object with `return` or `error`."""
        request = {"execute": command}
        if arguments is not None:
            request["arguments"] = arguments
        return self.send(json.dumps(request))

    def send(self, line):
        """The reply to a line as it is. Raises SessionEnded where there is none."""
        try:
            self._socket.sendall(line.encode() + b"\r\n")
        except OSError as error:
            raise SessionEnded(str(error)) from error
        deadline = time.monotonic() + REPLY_TIMEOUT_SECONDS
        while True:
            item = self._next_object(deadline - time.monotonic())
            if item is None:
                raise AssertionError(f"no reply within {REPLY_TIMEOUT_SECONDS} s to {line}")
            if "event" not in item:
                return item
            self.events.append(item)

    def collect(self, seconds):
        """Takes in what arrives within that time; answers whether anything did. Ends early at the first."""
        item = self._next_object(seconds)
        if item is None:
            return False
        assert "event" in item, f"a reply that nobody asked for: {item}"
        self.events.append(item)
        return True

    def close(self):
        self._socket.close()

    def _next_object(self, seconds):
        deadline = time.monotonic() + seconds
        while b"\n" not in self._buffer:
            readable, _, _ = select.select([self._socket], [], [], max(0, deadline - time.monotonic()))
            if not readable:
                return None
            try:
                received = self._socket.recv(65536)
            except OSError as error:
                raise SessionEnded(str(error)) from error
            if not received:
                raise SessionEnded("the QMP connection was closed")
            self._buffer += received
        line, self._buffer = self._buffer.split(b"\n", 1)
        return json.loads(line)
