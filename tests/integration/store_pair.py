"""The store of tests/plugins/store and its readers on a running host, and short verbs over their routes."""

import threading
import urllib.parse

from host import BUILD, HostTest

STORES = BUILD / "store"
READER = STORES / "reader-1.0.0" / "reader"
NEXT_READER = STORES / "reader-2.0.0" / "reader"
HASTY_READER = STORES / "reader-hasty" / "reader"  # as READER, with a drain of 0.3 s
OPTIONAL_READER = STORES / "reader-optional" / "reader"  # as READER; it starts without a store
READER_C = STORES / "reader-c" / "reader-c"


def store(folder):
    return STORES / folder / "store"


def query(path, **parameters):
    return path + ("?" + urllib.parse.urlencode(parameters) if parameters else "")


class PairTest(HostTest):
    """A host with a store and readers that run."""

    WORKERS = 8  # waits in this suite block some of them

    def pair(self, folder="1.0.0", readers=(READER,), options=()):
        host = self.running(plugins=(store(folder), *readers), options=[f"workers.threads={self.WORKERS}", *options])
        for package in (store(folder), *readers):
            host.wait(f"{package.name} runs", lambda id=package.name: host.plugin(id)["state"] == "running")
        return host

    def ask(self, host, path, status=200, **parameters):
        answer = host.get(query(path, **parameters))
        self.assertEqual(answer.status, status, f"{path} {parameters}: {answer.body!r}")
        return answer.body.decode()

    def info(self, host):
        return host.get("/store/info").json

    def later(self, host, path, **parameters):
        """An answer that comes later: a function that waits for it."""
        answers = []
        thread = threading.Thread(target=lambda: answers.append(host.get(query(path, **parameters))))
        thread.start()
        self.addCleanup(thread.join)

        def answer():
            thread.join()
            return answers[0]

        return answer
