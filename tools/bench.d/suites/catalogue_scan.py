"""What it costs to know 100 000 films, against what the system's own tools take for the same disk and the same tables.

first: the scan that follows the request for a library, by its own report, against `find -printf` of the same folder and an import of its lines
by the sqlite3 shell into tables and indexes as the plugin makes them: a row of a folder, title, item and file each, in order of
their keys, in one transaction. The shell takes the names as they are; the plugin also reads titles, years and versions out of them
and writes in steps that others may read between. again: nothing has changed; against find, which asks no more than each file's name,
size and times either. added: a film is moved in; until a client is told of it. memory: the most that was resident during the first scan over what
was before. probed: 200 real clips until all of them are described; against ffprobe with the same arguments under `xargs -P` with as
many at once and as nice, whose words nobody reads. The folder is in the page cache for both, and sides take turns."""

import contextlib
import functools
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import time

import film_tree
from figures import Bound, Figure, Sample, measure
from process import Failed, run
from servers import Host

FILMS = 100_000
CLIPS = 200
PROBES = 2
LOOK = 0.3  # seconds between two looks at a scan: each has the files of the library counted
FORMAT = r"%h\t%f\t%s\t%T@\t%D\t%i\n"
# Keys count up as the plugin's do.
IMPORT = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
CREATE TEMP TABLE line (folder, name, bytes, modified, device, inode);
.mode ascii
.separator "\\t" "\\n"
.import {lines} line
BEGIN;
INSERT INTO library_library VALUES (x'01', 'Films', 'movie', 1, 0, 0, NULL, 0);
INSERT INTO library_root (id, library, place, path) VALUES (1, x'01', 0, '/');
INSERT INTO library_folder SELECT min(rowid), 1, CAST(folder AS BLOB), x'00' FROM line GROUP BY folder ORDER BY 1;
INSERT INTO library_title (id, library, kind, name, sort, match_key, added_us)
  SELECT CAST(printf('%016d', rowid) AS BLOB), x'01', 'movie', name, lower(name), lower(name), rowid FROM line;
INSERT INTO library_item (id, library, title, kind, slot, name, sort, files, added_us)
  SELECT id, library, id, kind, 'm', name, sort, 1, added_us FROM library_title ORDER BY id;
INSERT INTO library_file (id, folder, name, item, kind, bytes, modified_ns, device, inode, probe, added_us)
  SELECT CAST(printf('%016d', l.rowid) AS BLOB), f.id, CAST(name AS BLOB), CAST(printf('%016d', l.rowid) AS BLOB), 'video', bytes,
         CAST(modified * 1e9 AS INTEGER), device, inode, 0, l.rowid
  FROM line l JOIN library_folder f ON f.root = 1 AND f.path = CAST(l.folder AS BLOB) ORDER BY l.rowid;
COMMIT;
"""


@functools.cache
def films(bench):
    return film_tree.make(bench.fresh_folder() / "films", FILMS)


class Library:
    """A host with the plugins and what a client of theirs asks."""

    def __init__(self, bench, **settings):
        folder = bench.fresh_folder()
        self.file = folder / "catalogue.db"
        self.host = Host(bench, ["database", "library"], {"http.access_log": False, "log.level": "error", "plugins.database.file": str(self.file),
                                                          "plugins.library": {"probes": 0, **settings}}, folder)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=60)

    def __enter__(self):
        # The plugin is published a moment after the host listens.
        end = time.monotonic() + 60
        while not self.answers() and time.monotonic() < end:
            time.sleep(0.05)
        return self

    def answers(self):
        self.connection.request("GET", "/api/v1/libraries")
        answer = self.connection.getresponse()
        answer.read()
        return answer.status == 200

    def __exit__(self, *_):
        self.connection.close()
        self.host.stop()

    def ask(self, method, path, body=None):
        self.connection.request(method, "/api/v1" + path, None if body is None else json.dumps(body), {"content-type": "application/json"} if body else {})
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status >= 300:
            raise Failed(f"{method} {path}: {answer.status} {said.decode(errors='replace')[:200]}")
        return json.loads(said)

    def scan(self, id):
        return self.ask("GET", f"/libraries/{id}/scan")

    def wait(self, what, within, is_done, pause=LOOK):
        until = time.monotonic() + within
        while not is_done():
            if time.monotonic() > until:
                raise Failed(f"{what}: not within {within} s: {self.host.last_words()}")
            time.sleep(pause)

    def ended(self, id, number):
        """The report of the scan after that number, once it is there. It says itself how long it took: looking often would hold it up."""
        self.wait("a scan", 600, lambda: (scan := self.scan(id))["state"] == "idle" and scan["number"] > number)
        return self.scan(id)

    def make(self, folder):
        """Its id, and the seconds of the first scan."""
        id = self.ask("POST", "/libraries", {"name": "Films", "type": "movie", "paths": [str(folder)]})["id"]
        return id, self.ended(id, 0)["took_ms"] / 1000

    def rescan(self, id):
        number = self.scan(id)["number"]
        self.ask("POST", f"/libraries/{id}/scan")
        return self.ended(id, number)["took_ms"] / 1000


@functools.cache
def tables(bench):
    """A database as the plugin makes it, with nothing in it."""
    with Library(bench) as library:
        schema = run("sqlite3", library.file, ".schema --nosys library_*")
    made = bench.fresh_folder() / "empty.db"
    run("sqlite3", made, schema)
    return made


def found(folder, lines):
    began = time.monotonic()
    with open(lines, "wb") as out:
        if subprocess.run(["find", folder, "-type", "f", "-printf", FORMAT], stdout=out).returncode:
            raise Failed("find failed")
    return time.monotonic() - began


def imported(bench, folder):
    """Seconds of the reference, both steps."""
    own = bench.fresh_folder()
    shutil.copy(tables(bench), own / "films.db")
    searching = found(folder, own / "lines")
    began = time.monotonic()
    run("sqlite3", "-bail", own / "films.db", input=IMPORT.format(lines=own / "lines"))
    took = searching + time.monotonic() - began
    with contextlib.closing(sqlite3.connect(own / "films.db")) as database:
        (count,) = database.execute("SELECT count(*) FROM library_file").fetchone()
    if count != FILMS:
        raise Failed(f"the reference imported {count} of {FILMS}")
    shutil.rmtree(own)
    return took


def peak_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def from_here_on(pid):
    """The peak is counted anew."""
    with open(f"/proc/{pid}/clear_refs", "w") as reset:
        reset.write("5")


def first(bench):
    memory = []

    def pair():
        reference = imported(bench, films(bench))
        with Library(bench, watch=False) as library:
            pid = library.host.pid
            from_here_on(pid)
            idle = peak_mib(pid)
            id, took = library.make(films(bench))
            memory.append(Sample(peak_mib(pid) - idle))
            if (files := library.scan(id)["files"]) != FILMS:
                raise Failed(f"the scan found {files} of {FILMS}")
        shutil.rmtree(library.host.folder)
        return Sample(took, reference)

    yield measure(f"first scan of {FILMS} films", "s", pair, (Bound(3, "ratio"),), at_most=15, note="reference: find and an import by sqlite3")
    yield Figure("memory of the first scan over idle", "MiB", memory, (Bound(40),))


def again(bench):
    lines = bench.fresh_folder() / "lines"
    with Library(bench, watch=False) as library:
        id, _ = library.make(films(bench))
        yield measure("scan with nothing changed", "s", lambda: Sample(library.rescan(id), found(films(bench), lines)), (Bound(2, "ratio"),), note="reference: find")


def added(bench):
    root, number = films(bench), 0
    with Library(bench) as library:
        id, _ = library.make(root)

        def until_listed():
            nonlocal number
            number += 1
            name = f"A New Film Number {number} (2024)"
            (root / name).mkdir()
            waiting = root.parent / "arrives.mkv"
            waiting.write_bytes(b"\0" * 4096)
            os.utime(waiting, ns=(film_tree.LONG_AGO_NS, film_tree.LONG_AGO_NS))
            began = time.monotonic()
            waiting.rename(root / name / f"{name}.mkv")
            library.wait("a film that was added", 30, lambda: name.removesuffix(" (2024)") in
                         {item["name"] for item in library.ask("GET", f"/items?library_id={id}&sort=-added&limit=3")["data"]}, 0.01)
            return Sample(time.monotonic() - began)

        try:
            yield measure("a film added until it is listed", "s", until_listed, (Bound(1),))
        finally:
            for path in root.glob("A New Film Number *"):
                shutil.rmtree(path)


def clips(bench):
    """Four kinds of real media, each under many names."""
    folder = bench.fresh_folder() / "clips"
    folder.mkdir()
    picture, tone = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4"), ("-f", "lavfi", "-i", "sine=d=4")
    kinds = {"mkv": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"), "mp4": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"),
             "avi": ("-c:v", "mpeg4", "-c:a", "mp3"), "ts": ("-c:v", "mpeg2video", "-c:a", "ac3")}
    for number in range(CLIPS):
        suffix, how = list(kinds.items())[number % len(kinds)]
        path = folder / f"Clip Number {number} ({1990 + number % 30}).{suffix}"
        if number < len(kinds):
            run("ffmpeg", "-v", "error", "-nostdin", *picture, *tone, *how, path)
        else:
            shutil.copy(next(folder.glob(f"Clip Number {number % len(kinds)} (*")), path)
        os.utime(path, ns=(film_tree.LONG_AGO_NS, film_tree.LONG_AGO_NS))
    return folder


def probe_arguments(bench):
    """As the plugin asks, but for the file."""
    return run(bench.program("bench", "bench_probe_arguments"), "").rstrip("\n").removesuffix("file:").split("\n")[:-1]


def probed(bench):
    folder = clips(bench)
    names = "\0".join(f"file:{path}" for path in sorted(folder.iterdir())).encode()
    command = ["nice", "-n", "10", "xargs", "-0", "-n", "1", "-P", str(PROBES), "ffprobe", *probe_arguments(bench)]

    def reference():
        began = time.monotonic()
        # In a session of its own, as children of the host are: the scheduler shares the processors out by session.
        if subprocess.run(command, input=names, stdout=subprocess.DEVNULL, start_new_session=True).returncode:
            raise Failed("ffprobe failed for a clip")
        return time.monotonic() - began

    def ours():
        with Library(bench, probes=PROBES, watch=False) as library:
            began = time.monotonic()
            library.ask("POST", "/libraries", {"name": "Clips", "type": "movie", "paths": [str(folder)]})
            with contextlib.closing(sqlite3.connect(f"file:{library.file}?mode=ro", uri=True)) as database:
                library.wait("all clips described", 120, lambda: database.execute("SELECT count(*) FROM library_file WHERE probe = 1").fetchone() == (CLIPS,), 0.02)
            return time.monotonic() - began

    yield measure(f"{CLIPS} clips described", "s", lambda: Sample(ours(), reference()), (Bound(1.1, "ratio"),), at_most=15, note=f"reference: xargs -P {PROBES} of ffprobe")


ROWS = [("scan.first", first), ("scan.again", again), ("scan.added", added), ("scan.probed", probed)]
