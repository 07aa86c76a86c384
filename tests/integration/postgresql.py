"""A real PostgreSQL for a test: made by initdb in a temporary folder, on a socket and a free port of its own, and gone afterwards."""

import glob
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 60  # seconds; a deadline, never a wait


def programs():
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
    if not folders:
        raise AssertionError("no PostgreSQL server here: tools/setup test installs it")
    return pathlib.Path(folders[-1])


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Postgresql:
    def __init__(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="revenge-postgresql-"))
        self.data = self.root / "data"
        self.port = free_port()
        # It refuses to run as root.
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.process = None
        if os.geteuid() == 0:
            account = pwd.getpwnam(self.user)
            os.chown(self.root, account.pw_uid, account.pw_gid)
            self.root.chmod(0o755)
        self.run("initdb", "-D", self.data, "-U", "revenge", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        self.configure(fsync="off", shared_buffers="'16MB'", max_connections="60",
                       unix_socket_directories=f"'{self.root}'", listen_addresses="'127.0.0.1'")
        self.start()

    def as_user(self, words):
        words = [str(programs() / words[0]), *map(str, words[1:])]
        if os.geteuid() != 0:
            return words
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "--inh-caps=-all", *words]

    def run(self, *words):
        done = subprocess.run(self.as_user(words), capture_output=True, text=True, cwd=self.root, timeout=PATIENCE)
        if done.returncode != 0:
            raise AssertionError(f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def configure(self, **settings):
        with open(self.data / "postgresql.conf", "a") as at:
            for name, value in settings.items():
                at.write(f"{name} = {value}\n")

    def start(self):
        self.log = open(self.root / "log", "ab")
        self.process = subprocess.Popen(self.as_user(["postgres", "-D", self.data, "-p", self.port]), stdout=self.log,
                                        stderr=self.log, cwd=self.root)
        deadline = time.monotonic() + PATIENCE
        while subprocess.run([programs() / "pg_isready", "-q", "-h", self.root, "-p", str(self.port)]).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"PostgreSQL did not start: {(self.root / 'log').read_text(errors='replace')}")
            time.sleep(0.05)
        return self

    @property
    def url(self):
        """Over its Unix socket."""
        return f"postgresql://revenge@/postgres?host={self.root}&port={self.port}"

    @property
    def tcp_url(self):
        return f"postgresql://revenge@127.0.0.1:{self.port}/postgres"

    def sql(self, text, database="postgres"):
        return self.run("psql", "-qAtX", "-h", self.root, "-p", self.port, "-U", "revenge", "-d", database, "-v",
                        "ON_ERROR_STOP=1", "-c", text).strip()

    def backends(self, of="revenge"):
        """Connections of that application, with what they run."""
        return [line for line in self.sql(f"SELECT state || ' ' || query FROM pg_stat_activity WHERE application_name = '{of}'").splitlines() if line]

    def signal_all(self, number):
        """The server and all its children."""
        children = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True).stdout.split()
        for pid in [self.process.pid, *map(int, children)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass

    def kill(self):
        self.signal_all(signal.SIGKILL)
        self.wait()

    def stop(self):
        self.process.send_signal(signal.SIGINT)  # fast: clients are cut
        self.wait()

    def wait(self):
        self.process.wait(PATIENCE)
        self.log.close()
        self.process = None

    def close(self):
        if self.process is not None:
            self.signal_all(signal.SIGCONT)
            self.kill()
        shutil.rmtree(self.root, ignore_errors=True)
