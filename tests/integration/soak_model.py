"""What a set of plugins may answer while they are changed: the reference the soak compares with.

Each plugin has a history of spans: from when to when a version (with a configuration) may have answered. A change that
is under way makes two spans overlap; a call may be answered by whatever overlaps it, and by nothing else.
"""

import dataclasses
import threading
import time

OFF = None


@dataclasses.dataclass
class Span:
    serves: tuple | None  # (version, weight), or OFF
    begin: float
    end: float = float("inf")


class Model:
    def __init__(self, beneath, serves):
        """`beneath`: id -> ids it requires. `serves`: id -> (version, weight) at the beginning."""
        self.beneath = beneath
        self.lock = threading.Lock()
        self.spans = {id: [Span(what, 0.0)] for id, what in serves.items()}
        self.changing = {}

    def closure(self, id):
        seen = set()
        rest = [id]
        while rest:
            one = rest.pop()
            if one not in seen:
                seen.add(one)
                rest += self.beneath[one]
        return seen

    def now(self, id):
        with self.lock:
            return self.spans[id][-1].serves

    def begin(self, changes):
        """`changes`: id -> what may serve from now on, beside what does."""
        with self.lock:
            for id, serves in changes.items():
                self.changing[id] = Span(serves, time.monotonic())

    def end(self, happened):
        """`happened`: ids of what was begun and has come true; the others were refused."""
        with self.lock:
            now = time.monotonic()
            for id, span in self.changing.items():
                if id in happened:
                    self.spans[id][-1].end = now
                    self.spans[id].append(span)
                else:
                    span.end = now  # nobody may have seen it: it is not kept
            self.changing = {}

    def may(self, id, begin, end):
        """What may have answered in that time."""
        with self.lock:
            spans = self.spans[id] + ([self.changing[id]] if id in self.changing else [])
            return [span.serves for span in spans if span.begin <= end and span.end >= begin]

    def may_be_away(self, id, begin, end):
        return any(OFF in self.may(each, begin, end) for each in self.closure(id))
