"""Callers who come at a steady rate, whether those before them have been answered or not, and what each of them was answered."""

import asyncio
import dataclasses
import threading
import time


@dataclasses.dataclass(frozen=True)
class Call:
    begin: float
    end: float
    status: int | None  # None: there was no answer
    attempts: int = 0  # of the plugin to reach the other side

    @property
    def is_ok(self):
        return self.status == 200

    @property
    def is_rejected(self):
        """A policy refused it before it was made."""
        return self.status == 503 and self.attempts == 0

    @property
    def has_failed(self):
        return not self.is_ok and not self.is_rejected

    @property
    def seconds(self):
        return self.end - self.begin


class OpenLoop:
    """Calls as long as the block lasts, and ends with the last answer. A connection each."""

    def __init__(self, address, path, rate, patience):
        self.address, self.path, self.rate, self.patience = address, path, rate, patience
        self.calls = []  # in the order of their ends
        self.ending = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()

    async def run(self):
        under_way = set()
        started, number = time.monotonic(), 0
        while not self.ending.is_set():
            call = asyncio.create_task(self.call())
            under_way.add(call)
            call.add_done_callback(under_way.discard)
            number += 1
            await asyncio.sleep(started + number / self.rate - time.monotonic())
        await asyncio.gather(*under_way)

    async def call(self):
        begin = time.monotonic()
        try:
            status, attempts = await asyncio.wait_for(self.ask(), self.patience)
        except (OSError, ValueError, asyncio.TimeoutError):
            status, attempts = None, 0
        self.calls.append(Call(begin, time.monotonic(), status, attempts))

    async def ask(self):
        host, port = self.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET {self.path} HTTP/1.1\r\nHost: {self.address}\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            if not answer:
                raise ConnectionError("closed without an answer")
            first, *fields = answer.decode("latin-1").split("\r\n\r\n", 1)[0].split("\r\n")
            told = dict(field.lower().split(": ", 1) for field in fields)
            return int(first.split()[1]), int(told.get("x-attempts", 0))
        finally:
            writer.close()
