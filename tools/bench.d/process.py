"""Child processes and what the kernel says of them."""

import os
import signal
import socket
import subprocess
import time


class Failed(Exception):
    """A measurement that cannot go on; the text is the reason, in one line."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*command, timeout=600, **options):
    """Output of a command that must succeed."""
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout, **options)
    except FileNotFoundError:
        raise Failed(f"{command[0]} is missing; tools/setup build test bench installs it") from None
    except subprocess.TimeoutExpired:
        raise Failed(f"{command[0]} did not end within {timeout} s") from None
    if done.returncode:
        words = (done.stderr.strip() or done.stdout.strip() or "no reason given").split("\n")[-1]
        raise Failed(f"{os.path.basename(str(command[0]))} ended with {done.returncode}: {words}")
    return done.stdout


class Child:
    """A server of this run; ends with the block."""

    def __init__(self, command, folder):
        self.log = folder / "output.log"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=subprocess.STDOUT)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    def last_words(self):
        lines = self.log.read_text(errors="replace").strip().split("\n")
        return lines[-1] or "it said nothing"

    def wait_until(self, ready, what, within=10, pause=0.0005):
        until = time.monotonic() + within
        while not ready():
            if self.process.poll() is not None:
                raise Failed(f"{what}: ended with {self.process.returncode}: {self.last_words()}")
            if time.monotonic() > until:
                raise Failed(f"{what}: not within {within} s: {self.last_words()}")
            time.sleep(pause)


def cpu_seconds(pid):
    """utime + stime of all threads, also ended ones; in steps of 10 ms."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS:"))


def mapped_code(pid):
    """(inode, path) of every file mapped executable."""
    with open(f"/proc/{pid}/maps") as maps:
        fields = [line.rstrip("\n").split(None, 5) for line in maps]
    return {(f[3] + ":" + f[4], f[5]) for f in fields if "x" in f[1] and f[4] != "0"}


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as listed:
        return [int(word) for word in listed.read().split()]
