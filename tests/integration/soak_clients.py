"""Those who call while the soak changes what they call: each kind states what its answers must be, by the model."""

import collections
import json
import random
import threading
import time

from soak_model import OFF
from soak_tree import TREE, visits, visits_leaf
from store_pair import query


class Client(threading.Thread):
    """Calls on and on over one connection; what the model does not allow ends up in `wrong`."""

    def __init__(self, soak):
        super().__init__()
        self.soak = soak
        self.random = random.Random(soak.random.random())
        self.connection = soak.host.connect()
        self.answered = collections.Counter()

    def run(self):
        try:
            while not self.soak.ending.is_set():
                self.call()
        except Exception as failure:  # pylint: disable=broad-except
            if not self.soak.ending.is_set():
                self.soak.wrong.append(f"{type(self).__name__}: {failure!r}")
        finally:
            self.connection.close()

    def ask(self, id, path, allowed=(200,), **parameters):
        """Begin, end, status and body. 503 is allowed while something beneath `id` may be away."""
        begin = time.monotonic()
        self.connection.request("GET", query(path, **parameters))
        response = self.connection.getresponse()
        body = response.read().decode()
        end = time.monotonic()
        self.answered[response.status] += 1
        if response.status not in allowed:
            if response.status != 503 or not self.soak.model.may_be_away(id, begin, end):
                self.soak.wrong.append(f"{path} {parameters}: {response.status} {body!r} after {end - begin:.3f} s")
        return begin, end, response.status, body


class Walker(Client):
    """Visits the tree: every node on the trail was one that served then."""

    def call(self):
        id = self.random.choice(list(TREE))
        begin, end, status, body = self.ask(id, f"/tree/{id}")
        if status != 200:
            self.soak.visited(begin, end, 0, visits_leaf(id))
            return
        answer = json.loads(body)
        if answer["nodes"] != visits(id):
            self.soak.wrong.append(f"{id} reached {answer['nodes']} nodes of {visits(id)}")
        counted = 0
        for step in filter(None, answer["trail"].split(";")):
            node, version, weight = step.split(" ")
            if (version, int(weight)) not in self.soak.model.may(node, begin, end):
                self.soak.wrong.append(f"{node} {version} weight {weight} answered, and did not serve: "
                                       f"{self.soak.model.may(node, begin, end)}")
            counted += int(weight) if node == "leaf" else 0
        self.soak.visited(begin, end, counted, counted)


class Writer(Client):
    """A counter of its own: each answer is one more than the last, or 1 when the store began anew."""

    def __init__(self, soak, id):
        super().__init__(soak)
        self.id = id
        self.key = f"counter/{id}/{len(soak.clients)}"
        self.value = 0
        self.since = time.monotonic()

    def call(self):
        begin, end, status, body = self.ask(self.id, f"/{self.id}/add", key=self.key, by=1)
        if status != 200:
            return
        value = int(body)
        anew = OFF in self.soak.model.may("store", self.since, end)
        if value != self.value + 1 and not (anew and value == 1):
            self.soak.wrong.append(f"{self.key}: {value} after {self.value}")
        self.value, self.since = value, begin


class Trader(Client):
    """Transactions: both keys or none."""

    def call(self):
        stamp = str(self.random.getrandbits(32))
        begin, _, status, body = self.ask("reader", "/reader/transaction", (200, 503), a=stamp, b=stamp)
        if status == 503 and "another one goes on" not in body:
            if not self.soak.model.may_be_away("reader", begin, time.monotonic()):
                self.soak.wrong.append(f"transaction: 503 {body!r}")
        begin, end, status, a = self.ask("reader", "/reader/get", (200, 404), key="a")
        _, _, other, b = self.ask("reader", "/reader/get", (200, 404), key="b")
        if status == other == 200 and a != b:
            self.soak.wrong.append(f"half a transaction: {a} {b}")


class Scanner(Client):
    """Reads the store in pieces, in order, from the one it began in."""

    def call(self):
        begin, end, status, body = self.ask("reader", "/reader/scan", (200,), **{"from": "fill/", "to": "fill0"})
        keys = [line.split("=")[0] for line in body.splitlines()]
        whole = len(keys) == self.soak.FILL and keys == sorted(keys)
        if status == 200 and not whole and not self.soak.model.may_be_away("reader", begin, end):
            self.soak.wrong.append(f"a scan of {len(keys)} keys")


class Watcher(Client):
    """The generation shown is the one that runs: no publication between two looks, so whoever answered is listed."""

    def call(self):
        id = self.random.choice(list(TREE))
        before = self.soak.host.control("GET", "/v1/plugins").json
        _, _, status, body = self.ask(id, f"/tree/{id}")
        after = self.soak.host.control("GET", "/v1/plugins").json
        if before["generation"] != after["generation"] or status != 200:
            return
        shown = {plugin["id"]: plugin["version"] for plugin in after["plugins"]}
        for step in filter(None, json.loads(body)["trail"].split(";")):
            node, version, _ = step.split(" ")
            if shown[node] != version:
                self.soak.wrong.append(f"{node} {version} answered in generation {after['generation']}, "
                                       f"which shows {shown[node]}")
