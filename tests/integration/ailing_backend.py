"""A real HTTP server that falls ill when it is told to: slow, failing, refusing, hanging, killed, and well again. A process of its own
on loopback, always on the same port. Run as a program it is that process: orders come on standard input, a line each."""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time

PATIENCE = 60  # seconds; a deadline, never a wait


def port_that_stays_free():
    """Below those that the kernel takes for connections: nobody gets it while nobody listens."""
    while True:
        port = random.randint(10000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait(what, condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.002)


class AilingBackend:
    """The verbs make it ill or well, and return when it is."""

    def __init__(self):
        self.port = port_that_stays_free()
        self.process = None
        self.served = 0  # requests read by processes that were killed
        self.is_hanging = False
        self.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def start(self):
        self.process = subprocess.Popen([sys.executable, __file__, str(self.port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.order("well")

    def order(self, words):
        """How many requests it has read so far."""
        self.process.stdin.write(words + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline()
        if not said:
            raise AssertionError(f"the backend ended with {self.process.wait()} at '{words}'")
        return self.served + json.loads(said)

    def requests(self):
        return self.order("count")

    def slow(self, seconds):
        self.order(f"slow {seconds}")

    def fail(self):
        """Answers 500."""
        self.order("fail")

    def refuse(self):
        """Nobody listens any more, and what was connected is reset."""
        self.order("refuse")

    def hang(self):
        """Stopped: the kernel still takes connections and requests for it."""
        self.process.send_signal(signal.SIGSTOP)
        self.is_hanging = True
        wait("the backend is stopped", lambda: self.state() == "T")

    def kill(self):
        self.served = self.requests()
        self.process.kill()
        self.reap()

    def recover(self):
        if self.process is None:
            self.start()
            return
        if self.is_hanging:
            self.process.send_signal(signal.SIGCONT)
            self.is_hanging = False
        self.order("well")

    def state(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]

    def reap(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.process = None

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.reap()


class Connection(asyncio.Protocol):
    def __init__(self, server):
        self.server = server
        self.head = b""

    def connection_made(self, transport):
        self.transport = transport
        self.server.connections.add(self)

    def connection_lost(self, _):
        self.server.connections.discard(self)

    def data_received(self, data):
        self.head += data
        while b"\r\n\r\n" in self.head:
            _, self.head = self.head.split(b"\r\n\r\n", 1)
            self.server.requests += 1
            if self.server.delay:
                asyncio.get_running_loop().call_later(self.server.delay, self.answer, 200)
            else:
                self.answer(500 if self.server.fails else 200)

    def answer(self, status):
        body = b"well" if status == 200 else b"ill"
        self.transport.write(b"HTTP/1.1 %d X\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))


class Server:
    def __init__(self, port):
        self.port = port
        self.listening = None
        self.connections = set()
        self.requests = 0
        self.delay, self.fails = 0.0, False

    async def obey(self, word, number="0"):
        if word == "count":
            return
        self.delay, self.fails = float(number), word == "fail"
        if word == "refuse":
            self.listening.close()
            self.listening = None
            for connection in list(self.connections):
                connection.transport.abort()
        elif self.listening is None:
            self.listening = await asyncio.get_running_loop().create_server(lambda: Connection(self), "127.0.0.1", self.port,
                                                                            backlog=1024)

    async def run(self):
        orders = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        while line := await orders.readline():
            await self.obey(*line.decode().split())
            print(self.requests, flush=True)


if __name__ == "__main__":
    asyncio.run(Server(int(sys.argv[1])).run())
    os._exit(0)  # whoever gave the orders has gone
