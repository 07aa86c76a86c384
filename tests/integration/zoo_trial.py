"""One member of the zoo in a host of its own, beside a neighbour that is asked all the time: what becomes of both."""

import contextlib
import http.client
import json
import signal
import threading

import zoo_package
from host import PATIENCE, SANITIZED, STREAM

ENOUGH = 5  # answers of the neighbour after the member's end
PACE = 0.002  # seconds between two requests of it


class Neighbour(threading.Thread):
    """Asks the neighbour over one connection, again and again, until it is told to end or the host is expected to die."""

    def __init__(self, host):
        super().__init__(daemon=True)
        self.host = host
        self.answers = 0
        self.failures = []
        self.ending = threading.Event()

    def run(self):
        connection = self.host.connect()
        while not self.ending.wait(PACE):
            try:
                connection.request("GET", "/stream")
                answer = connection.getresponse()
                answer.read()
                if answer.status == 200:
                    self.answers += 1
                else:
                    self.failures.append(answer.status)
            except (OSError, http.client.HTTPException) as problem:
                if self.ending.is_set():
                    break
                self.failures.append(repr(problem))
                connection.close()
        connection.close()

    def end(self):
        self.ending.set()
        self.join(PATIENCE)


class Trial:
    def __init__(self, test, member):
        self.test = test
        self.member = member
        # In JSON the lines of the log can be told apart; one crash is enough; a stop does not wait for long.
        options = ["log.format=json", "log.source=false", "http.access_log=false", "host.shutdown_s=3", "crashes.limit=1", "workers.threads=4",
                   *member.options]
        self.host = test.host(plugins=(STREAM,), options=options)
        self.open = contextlib.ExitStack()

    def text(self):
        return f"{self.member.name}\n{self.host.logged()}"

    def place(self):
        member = self.member
        self.placed = zoo_package.place(member.built, member.id, [one for one in member.change if one[0] != "library-lengths"],
                                        self.host.plugins if member.load != "elsewhere" else self.host.root)
        if (self.host.root / "more").exists():
            self.host.more = ["--plugins", str(self.host.root / "more")]
        for package, id, change in member.beside:
            zoo_package.place(package, id, change, self.host.plugins)
        if member.load == "start":
            return
        (self.host.root / "state").mkdir()
        off = [member.id, *(id for _, id, _ in member.beside)]
        folder = self.placed.path if member.load == "elsewhere" else "-"
        (self.host.root / "state" / "desired").write_text("".join(f"{id}\toff\t{folder}\t-\n" for id in off))

    def lines(self):
        """What was logged of the member at warn or error level."""
        found = []
        for line in self.host.logged().splitlines():
            with contextlib.suppress(ValueError):
                read = json.loads(line)
                of = read.get("attributes", {}).get("plugin") or read.get("plugin") or read.get("component", "").partition("/")[2]
                named = of == self.member.id or not of and f"plugin '{self.member.id}'" in line
                if read["level"] in ("warn", "error") and named:
                    found.append(read)
        return found

    def saying(self):
        """Those of them that say the cause."""
        texts = [" ".join([line["message"], *(str(value) for value in line.get("attributes", {}).values())]) for line in self.lines()]
        return [text for text in texts if all(word in text for word in self.member.words)]

    def run(self):
        member = self.member
        try:
            self.place()
            if member.dies:
                return self.die()
            lengths = [count for word, count in (one for one in member.change if one[0] == "library-lengths")]
            for count in lengths:
                return self.at_lengths(count)
            self.live()
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.text()}") from problem

    # What ends in the host, which lives.

    def live(self):
        self.start()
        self.load()
        for deed in self.member.deeds:
            self.do(*deed)
        self.settle()
        self.message()
        self.finish()

    def start(self):
        self.test.started(self.host)
        self.neighbour = Neighbour(self.host)
        self.neighbour.start()
        self.open.callback(self.neighbour.end)

    def load(self):
        member = self.member
        if member.load != "start":
            self.host.operate("enable", member.id)
        if member.deeds:
            self.host.wait("it serves", lambda: self.shown()["state"] in ("running", "degraded"))

    def shown(self):
        return self.host.plugin(self.member.id)

    def told(self):
        """Its state and what it says of it: of the plugin, or of its last instance that is on its way out."""
        shown = self.shown()
        if "error" in shown:
            return "unknown", json.dumps(shown)
        instances = shown["instances"]
        if instances and shown["state"] == "disabled":
            return instances[-1]["state"], instances[-1]["note"]
        if shown["state"] == "disabled" and self.host.mapped(f"{self.member.id}.so") > 0:
            return "retired", ""
        return shown["state"], shown["note"]

    def settle(self):
        member = self.member
        self.host.wait(f"it is {member.state}, not {self.told()}", lambda: self.told()[0] == member.state)
        state, note = self.told()
        if state in ("refused", "failed", "stuck", "degraded", "waiting"):
            for word in member.words:
                self.test.assertIn(word, note)

    def message(self):
        """One line names the member and the cause for each time it was provoked; without a cause, none."""
        expected = self.member.lines if self.member.words else 0
        if expected != 0:
            self.host.wait(f"a message that says {self.member.words}, not {self.lines()}", lambda: self.saying())
            self.host.wait(f"{expected} of them, not {self.saying()}", lambda: len(self.saying()) >= expected)
            if expected > 0:
                self.test.assertEqual(len(self.saying()), expected, self.saying())
        elif not self.member.words:
            self.test.assertEqual([line for line in self.lines() if line["message"] != "running, with a warning"], [])

    def finish(self):
        before = self.neighbour.answers
        self.host.wait("the neighbour answers on", lambda: self.neighbour.answers >= before + ENOUGH or self.neighbour.failures)
        self.open.close()
        self.test.assertEqual(self.neighbour.failures, [], "of the neighbour")
        self.test.assertIn(self.host.stop(), self.member.exit, "exit code")

    def at_lengths(self, count):
        """The same host, and the library cut shorter each time."""
        whole = self.placed.library.read_bytes()
        self.start()
        for number in range(count):
            self.placed.library.write_bytes(whole[:len(whole) * number // count])
            answer = self.host.operate("enable", self.member.id)
            self.test.assertNotEqual(answer.status, 200, number)
            self.settle()
        self.member = self.test.repeated(self.member, count)
        self.message()
        self.finish()

    # What ends the host.

    def die(self):
        member = self.member
        self.start()
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.host.operate("enable", member.id)
            for deed in member.deeds:
                self.do(*deed)
        self.neighbour.ending.set()  # from now on its connection may break at any time
        code = self.host.end()
        names = [f"SIG{sign.name[3:]}" for sign in signal.Signals if code == -sign] or [str(code)]
        ends = member.dies.split("|")
        if SANITIZED and any(end.startswith("SIG") for end in ends):
            ends.append("1")  # the sanitizer's handler comes behind the host's, and ends it so
        self.test.assertIn(names[0], ends, "how the host ends")
        self.open.close()
        self.come_back()

    def come_back(self):
        member = self.member
        (self.host.root / "log").write_text("")
        self.start()
        self.host.wait(f"it is {member.state}", lambda: self.told()[0] == member.state)
        self.host.wait_logged("the last run crashed")
        crashed = [line for line in self.host.logged().splitlines() if "the last run crashed" in line]
        self.test.assertEqual(len(crashed), 1)
        for word in (*member.words, *([member.id] if member.blames else [])):
            self.test.assertIn(word, crashed[0])
        history = json.loads((self.host.root / "state" / "crashes" / "history.json").read_text())
        self.test.assertEqual(history["crashes"][-1]["plugin"], member.id if member.blames else "")
        if member.blames:
            code, why, _ = self.host.ctl("why", member.id)
            self.test.assertEqual(code, 0)
            self.test.assertIn("the host crashed in it", why)
            if member.state == "quarantined":
                self.test.assertIn(f"revengectl release {member.id}", why)
        self.finish()

    # The words of the catalogue's `deeds`.

    def do(self, word, *arguments):
        getattr(self, "do_" + word.replace("-", "_"))(*arguments)

    def path(self, given=""):
        return given or f"/zoo/{self.member.id}"

    def do_get(self, path, statuses, body=None):
        answer = self.host.get(self.path(path))
        self.test.assertIn(answer.status, statuses, answer.body)
        if body is not None:
            self.test.assertEqual(answer.body, body)

    def do_get_dead(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            self.host.get(self.path(), timeout=PATIENCE)

    def do_wait_dead(self):
        self.host.wait("it takes the host down", lambda: self.host.process.poll() is not None)

    def do_disable(self):
        self.test.assertEqual(self.host.operate("disable", self.member.id).status, 200)
        self.host.wait("it is gone", lambda: all(each["state"] in ("retired", "stuck") for each in self.shown()["instances"]))

    def do_disable_dead(self):
        self.host.operate("disable", self.member.id)
        self.do_wait_dead()

    def do_swap(self, statuses):
        answer = self.host.swap(self.member.id, self.placed.path)
        self.test.assertIn(answer.status, statuses, answer.body)

    def do_swap_twice(self):
        """Two at once, until they met: one is done, and the other refused."""

        def both():
            statuses = []
            swaps = [threading.Thread(target=lambda: statuses.append(self.host.swap(self.member.id, self.placed.path).status))
                     for _ in range(2)]
            for each in swaps:
                each.start()
            for each in swaps:
                each.join()
            return 200 in statuses and any(status in (409, 423, 503) for status in statuses)

        self.host.wait("one of two at once is done, and the other refused", both)

    def do_serves(self, path=""):
        path = path or ("" if self.member.package == "zoo/good" else self.path())
        self.test.assertEqual(self.shown()["state"], "running")
        if path:
            self.test.assertEqual(self.host.get(path).status, 200)

    def do_gone(self, path):
        self.test.assertIn(self.host.get(path).status, (404, 503))

    def do_open(self, path):
        """A client that stays."""
        connection = self.host.connect()
        self.open.callback(connection.close)
        connection.request("GET", path)
        self.test.assertEqual(connection.getresponse().read1(), b"begun\n")

    def do_half(self):
        connection = self.host.connect()
        self.open.callback(connection.close)
        connection.request("GET", self.path())
        self.test.assertEqual(connection.getresponse().read1(), b"half of")

    def do_rest(self):
        """Until its timer has said what is wrong, or is inside for good."""
        hangs = self.member.state == "retired"
        self.host.wait("its timer", lambda: self.shown()["instances"][0]["inside"] > 0 if hangs else self.saying())

    def do_state(self, state):
        self.host.wait(state, lambda: self.shown()["state"] == state)

    def do_rung(self, rung):
        """Where it stands on the ladder; empty: it may have come down again before anybody looks."""
        if rung:
            self.host.wait(f"it is on the rung {rung}", lambda: self.shown()["rung"] == rung)

    def do_configure(self, text):
        self.host.config.write_text(text)
        self.host.operate("reload", self.member.id)

    def do_cut_library(self):
        with open(self.placed.library, "r+b") as file:
            file.write(b"\0" * 4096)
            file.truncate(100)

    def do_remove_package(self):
        for path in sorted(self.placed.path.rglob("*"), reverse=True):
            path.unlink()
        self.placed.path.rmdir()

    def do_flip(self, times):
        """Last of all it is on."""
        for number in range(times):
            verb = "kill" if number % 2 == 0 else "set?variant=on"
            answer = self.host.control("POST", f"/v1/flags/{self.member.id}/{verb}")
            self.test.assertEqual(answer.status, 200, answer.body)


