"""What the shells make of revengectl's completion, the manual page, and colours: real shells on a terminal of their own."""

import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from host import BUILD, HostTest, PATIENCE

PAGES = BUILD / "share"


class Terminal:
    """A program on a pseudo terminal: what is typed, and what it shows."""

    def __init__(self, test, command, environment):
        self.shown = ""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.execvpe(command[0], command, environment)
        test.addCleanup(self.close)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def until(self, pattern):
        """What was shown up to that, which is then forgotten."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.shown)):
            if not select.select([self.terminal], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"not within {PATIENCE} s: {pattern!r} in {self.shown!r}")
            try:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(f"ended without {pattern!r}: {self.shown!r}") from None
        shown, self.shown = self.shown[:found.end()], self.shown[found.end():]
        return shown

    def close(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


def environment(host=None, **more):
    return {"PATH": f"{BUILD}/bin:{os.environ['PATH']}", "HOME": "/nonexistent", "TERM": "vt100", "LC_ALL": "C.UTF-8",
            "REVENGE_SOCKET": str(host.socket) if host else "/nonexistent/revenge.sock", **more}


class Completion(HostTest):
    def interactive(self, command, setup):
        """A shell in which the words completed with Tab are then really run."""
        host = self.running()
        shell = Terminal(self, command, environment(host, NO_COLOR="1"))
        shell.type(setup + "; echo rea''dy\r")
        shell.until("ready")
        shell.type("revengectl stat\t\r")
        shell.until(r"revenge \d\S+ +ready")
        shell.type("revengectl sho\tstr\t\r")
        shell.until(r"stream \d\S+  \S*running")
        plan = self.root / "change-of-plugins.yaml"
        plan.write_text("changes: [{plugin: stream, disable: true}]\n")
        shell.type(f"revengectl pla\t{self.root}/change-of\t\r")
        shell.until("can be applied")
        return shell

    def test_bash(self):
        shell = self.interactive(["bash", "--norc", "--noprofile", "-i"],
                                 f"PS1='> '; source {PAGES}/bash-completion/completions/revengectl")
        shell.type(f"revengectl list --socket={self.root}/host1/run/rev\t\r")
        shell.until(r"stream +\d\S+ +running")

    def test_zsh(self):
        self.interactive(["zsh", "-f", "-i"], "PS1='> '; autoload -Uz compinit; compinit -u -D; "
                         f"source {PAGES}/zsh/site-functions/_revengectl")

    def test_fish(self):
        host = self.running()
        asked = [f"source {PAGES}/fish/vendor_completions.d/revengectl.fish",
                 *(f"complete -C 'revengectl {words}'" for words in ("stat", "show str", "events --fo"))]
        done = subprocess.run(["fish", "--no-config", "-c", "; ".join(asked)], env=environment(host), capture_output=True,
                              text=True, timeout=PATIENCE)
        self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], ["status", "stream", "--follow"])
        self.assertEqual(done.stderr, "")

    def test_without_a_host_there_are_the_words_that_need_none(self):
        def complete(*words):
            done = subprocess.run([BUILD / "bin" / "revengectl", "complete", "--", *words], capture_output=True, text=True,
                                  env=environment(), timeout=PATIENCE)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return [line.split("\t")[0] for line in done.stdout.splitlines()]

        self.assertEqual(complete("show", ""), [])
        self.assertEqual(complete("sho"), ["show"])
        self.assertEqual(complete("apply", ""), [":files"])


class ManPage(unittest.TestCase):
    page = str(PAGES / "man" / "man1" / "revengectl.1")

    def test_man_shows_it_without_a_warning(self):
        done = subprocess.run(["man", "--warnings", "-l", self.page], capture_output=True, text=True, timeout=PATIENCE,
                              env={**environment(), "MANPAGER": "cat"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("--dry-run", re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout))

    def test_mandoc_finds_nothing_but_that_it_has_no_date(self):
        done = subprocess.run(["mandoc", "-T", "lint", self.page], capture_output=True, text=True, timeout=PATIENCE)
        said = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
        self.assertEqual(said, [])


class Colours(HostTest):
    def shown(self, host, **more):
        terminal = Terminal(self, [str(BUILD / "bin" / "revengectl"), "list"], {**environment(host), **more})
        return terminal.until("running")

    def test_only_on_a_terminal_and_where_they_are_wanted(self):
        host = self.running()
        self.assertIn("\x1b[32m", self.shown(host))
        self.assertIn("\x1b[32m", self.shown(host, NO_COLOR=""))
        self.assertNotIn("\x1b[", self.shown(host, NO_COLOR="1"))
        self.assertNotIn("\x1b[", self.shown(host, TERM="dumb"))
        self.assertNotIn("\x1b", host.ctl("list")[1])


if __name__ == "__main__":
    unittest.main()
