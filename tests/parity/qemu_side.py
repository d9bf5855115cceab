"""QEMU's quorum: children are files, exported by qemu-storage-daemon's NBD server."""

import os

from side import Side


class QemuSide(Side):
    """Each child is a `raw` node, which blockdev-reopen can put on a blkdebug node that fails."""

    name = "qemu-storage-daemon"
    repair_seconds = 0.2

    def command(self):
        return ["qemu-storage-daemon", "--chardev", f"socket,id=qmp,path={self.qmp_path},server=on,wait=off",
                "--monitor", "chardev=qmp"]

    def child(self, name, size):
        path = os.path.join(self.folder, f"{name}.raw")
        with open(path, "ab") as file:
            file.truncate(size)
        plain = {"driver": "file", "filename": path, "node-name": f"{name}-file",
                 "discard": "unmap"}
        return {"driver": "raw", "node-name": name, "file": plain, "discard": "unmap"}

    def child_file(self, name):
        return os.path.join(self.folder, f"{name}.raw")

    def fail(self, name, fault):
        self._demand("blockdev-add", {"driver": "blkdebug", "node-name": f"{name}-failing",
                                      "image": f"{name}-file", "inject-error": [fault.blkdebug()]})
        self._demand("blockdev-reopen", {"options": [
            {"driver": "raw", "node-name": name, "file": f"{name}-failing"}]})

    def _demand(self, command, arguments):
        reply = self.qmp.execute(command, arguments)
        assert "return" in reply, f"{command}: {reply}"
