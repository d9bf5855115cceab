"""Starting, watching and ending processes: whatever ends a run, none of its processes is left."""

import ctypes
import fcntl
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback

START_TIMEOUT_S = 60
RUN_TIMEOUT_S = 60
STOP_TIMEOUT_S = 20
MEMORY_FOLDER = "/dev/shm"
FOLDER_PREFIX = "replication-bench-"
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


class BenchError(Exception):
    """The run cannot go on; the text says why."""


class BenchTimeout(BenchError):
    """A program did not end in its time, and was killed."""


class Processes:
    """The processes that a run started. They are ended by id, the last first, whatever ends the run."""

    def __init__(self):
        self._started = []

    def start(self, arguments, log_path):
        """Starts a process in a session of its own, so that a Ctrl-C reaches it through stop() only. What it
        prints goes to log_path. Must be called on the main thread, with which the kernel ends the process."""
        with open(log_path, "wb") as log:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True, preexec_fn=_die_with_parent)
        process.log_path = log_path
        self._started.append(process)
        return process

    def stop(self, process):
        """Returns the exit status; a process that does not heed SIGTERM is killed."""
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)  # One that is stopped hears of SIGTERM only when it is woken.
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process in self._started:
            self._started.remove(process)
        return process.returncode

    def stop_all(self):
        while self._started:
            self.stop(self._started[-1])


def finish(arguments, timeout_s=RUN_TIMEOUT_S):
    """Runs a program to whatever end it comes to in time; BenchError when it does not."""
    try:
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=timeout_s, preexec_fn=_die_with_parent, check=False)
    except subprocess.TimeoutExpired as expired:
        raise BenchTimeout(f"`{' '.join(arguments)}` did not end within {timeout_s} s") from expired


def run(arguments, timeout_s=RUN_TIMEOUT_S):
    """What a program printed that ended well in time; BenchError otherwise."""
    done = finish(arguments, timeout_s)
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(arguments)}` ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def wait_for(condition, process, what, timeout_s=START_TIMEOUT_S, poll_s=0.02):
    """Waits until condition() gives something true, and returns that. BenchError when the process ends
    before, or the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found:
            return found
        if process.poll() is not None:
            raise BenchError(f"{process.args[0]} ended with {process.returncode}, waiting for {what}: "
                             f"{tail(process.log_path)}")
        if time.monotonic() > deadline:
            raise BenchError(f"waited {timeout_s} s for {what}: {tail(process.log_path)}")
        time.sleep(poll_s)


def wait_for_socket(path, process):
    """A server is up when its socket accepts: the file alone may exist before listen()."""
    def accepts():
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            try:
                probe.connect(path)
                return True
            except OSError:
                return False
    wait_for(accepts, process, f"{path} to listen")


def tail(path, lines=8):
    try:
        with open(path, encoding="utf-8", errors="replace") as log:
            return "".join(log.readlines()[-lines:]).strip()
    except OSError:
        return ""


def progress(text):
    """For people who watch, and only for them."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


def main(work):
    """Runs work(processes, folder), with a folder of its own in memory, and exits with what it returns; 2
    when it cannot run. Everything that was started is ended and the folder removed, however it ends."""
    def interrupted(number, _frame):
        raise SystemExit(128 + number)

    for number in ENDING_SIGNALS:
        signal.signal(number, interrupted)
    _remove_left_folders()
    processes = Processes()
    folder = tempfile.mkdtemp(prefix=FOLDER_PREFIX, dir=MEMORY_FOLDER)
    lock = _locked(folder)
    try:
        status = work(processes, folder)
    except BenchError as error:
        print(f"{os.path.basename(sys.argv[0])}: {error}", file=sys.stderr)
        status = 2
    except Exception:  # Python's own status for it is 1, which says that a claim does not hold.
        traceback.print_exc()
        status = 2
    finally:
        for number in ENDING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
    sys.exit(status)


def _remove_left_folders():
    """A run that was killed leaves its folder, which holds memory. One whose lock is free is nobody's."""
    for folder in glob.glob(os.path.join(MEMORY_FOLDER, FOLDER_PREFIX + "*", "run.lock")):
        folder = os.path.dirname(folder)
        try:
            lock = _locked(folder)
        except OSError:
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _locked(folder):
    """A lock that ends with this process. OSError where another has it. Not inherited by what is started."""
    lock = os.open(os.path.join(folder, "run.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise
    return lock


def _die_with_parent():
    """In the child: the kernel kills it when the bench is killed, also while it is stopped."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
