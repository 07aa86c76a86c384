"""The library on a real disk: what is found, what follows a change, and what must not be forgotten."""

import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import threading
import time
import unittest
import urllib.parse

from host import BUILD, HostTest, PATIENCE, SANITIZED, STREAM
from postgresql import Postgresql

DATABASE = BUILD / "plugins" / "database"
LIBRARY = BUILD / "plugins" / "library"
FINDER = BUILD / "tests" / "packages" / "finder"
NEXT_LIBRARY = BUILD / "swap" / "0.2.0" / "library"
OLD = 1_500_000_000  # seconds: nobody writes to such a file any more
LONG = bool(os.environ.get("REVENGE_LONG"))


def setUpModule():
    global server, clips
    server = Postgresql()
    clips = pathlib.Path(server.root) / "clips"
    clips.mkdir()
    for name, options in (("film.mkv", ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"]), ("song.flac", ["-vn"])):
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=64x36:rate=5:duration=1",
                        "-f", "lavfi", "-i", "sine=duration=1", *options, clips / name], check=True)


def tearDownModule():
    server.close()


class LibraryTest(HostTest):
    url = None

    def begin(self, user=None, start=True, **settings):
        text = "plugins:\n  library: " + json.dumps(settings) + "\n"
        if self.url:
            text += "  database: " + json.dumps({"url": self.url}) + "\n"
        host = self.host(plugins=(DATABASE, LIBRARY, STREAM, FINDER), config=text)
        host.user = user
        if not start:
            return host
        host.start()
        self.addCleanup(self.finish, host)
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        return host

    def finish(self, host):
        if host.process.poll() is None:
            host.process.kill()
            host.end()

    def ask(self, host, method, path, body=None):
        connection = host.connect(PATIENCE)
        connection.request(method, path, body=None if body is None else json.dumps(body),
                           headers={"content-type": "application/json"} if body is not None else {})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else None

    def make(self, host, type="movie", paths=None, name="Films"):
        status, made = self.ask(host, "POST", "/api/v1/libraries",
                                {"name": name, "type": type, "paths": [str(p) for p in paths or [self.media]]})
        self.assertEqual(status, 201, made)
        self.scanned(host, made["id"])
        return made["id"]

    def report(self, host, library):
        return self.ask(host, "GET", f"/api/v1/libraries/{library}/scan")[1]

    def scanned(self, host, library):
        host.wait("scan has ended", lambda: (r := self.report(host, library))["state"] == "idle" and r.get("ended_at"))
        return self.report(host, library)

    def scan(self, host, library):
        status, before = self.ask(host, "POST", f"/api/v1/libraries/{library}/scan")
        self.assertEqual(status, 202)
        return self.scanned(host, library)

    def items(self, host, **filters):
        data, cursor = [], ""
        while True:
            query = {"limit": 100, **filters, **({"cursor": cursor} if cursor else {})}
            status, page = self.ask(host, "GET", "/api/v1/items?" + urllib.parse.urlencode(query))
            self.assertEqual(status, 200, page)
            data += page["data"]
            cursor = page["next_cursor"]
            if not cursor:
                return data

    def names(self, host, **filters):
        return sorted(item["name"] for item in self.items(host, **filters))

    def item(self, host, name):
        [found] = [item for item in self.items(host, missing="true") if item["name"] == name]
        return self.ask(host, "GET", f"/api/v1/items/{found['id']}")[1]

    def put(self, below, content=None, old=True):
        path = self.media / below
        path.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            shutil.copyfile(clips / ("song.flac" if path.suffix == ".flac" else "film.mkv"), path)
        else:
            path.write_bytes(content)
        if old:
            os.utime(path, (OLD, OLD))
        return path

    def becomes(self, host, what, wanted, **filters):
        host.wait(f"{what}: {wanted}", lambda: self.names(host, **filters) == wanted)


class Found(LibraryTest):
    def test_films_shows_and_albums_are_listed_probed_and_played(self):
        self.put("films/Ran (1985)/Ran (1985) - 1080p.mkv")
        self.put("films/Ran (1985)/Ran (1985) - 720p.mkv", b"not a film.")
        self.put("films/Ran (1985)/Ran (1985).de.forced.srt", b"1")
        self.put("films/Ran (1985)/trailers/one.mkv")
        self.put("shows/Lost/Season 1/Lost - S01E01 - Pilot.mkv")
        self.put("shows/Lost/Season 2/Lost.S02E03.720p.mkv")
        self.put("music/Bach/Goldberg (1981)/01 - Aria.flac")
        host = self.begin()
        for type, folder in (("movie", "films"), ("tvshow", "shows"), ("music", "music")):
            self.make(host, type, [self.media / folder], folder)
        self.assertEqual(self.names(host), ["Aria", "Episode 3", "Pilot", "Ran"])
        ran = self.item(host, "Ran")
        self.assertEqual((ran["year"], [v["label"] for v in ran["versions"]]), (1985, ["1080p", "720p"]))
        self.assertEqual([e["type"] for e in ran["extras"]], ["trailer"])
        self.assertEqual([(s["language"], s["facts"]["forced"]) for s in ran["subtitles"]], [("de", True)])
        pilot = self.item(host, "Pilot")
        self.assertEqual((pilot["title"]["name"], pilot["season"], pilot["episode"]), ("Lost", 1, 1))
        host.wait("probed", lambda: self.item(host, "Ran")["versions"][0]["files"][0]["probe"] == "done")
        facts = self.item(host, "Ran")["versions"][0]["files"][0]["facts"]
        self.assertEqual([s["kind"] for s in facts["streams"]], ["video", "audio"])
        broken = lambda: self.item(host, "Ran")["versions"][1]["files"][0]
        host.wait("a broken file costs only itself", lambda: broken()["probe"] == "failed")
        self.assertIn("Invalid data", broken()["probe_error"])
        self.assertNotIn(str(self.media), broken()["probe_error"])
        played = host.get(f"/stream/{ran['id']}")
        self.assertEqual((played.status, played.body), (200, (clips / "film.mkv").read_bytes()))
        other = host.get(f"/stream/{ran['id']}?file={broken()['id']}")
        self.assertEqual(other.body, b"not a film.")
        ranged = host.get(f"/stream/{ran['id']}", headers={"range": "bytes=0-3"})
        self.assertEqual((ranged.status, ranged.body), (206, b"\x1aE\xdf\xa3"))
        nobody = self.item(host, "Pilot")["id"][:-12] + "000000000000"
        for path in (f"/stream/{nobody}", f"/find/{nobody}", f"/find/{ran['id']}?file={nobody}", "/find/none"):
            self.assertEqual(host.get(path).status, 404, path)
        self.assertEqual(host.get(f"/find/{ran['id']}?file={broken()['id']}").body, b"Ran (1985)/Ran (1985) - 720p.mkv 11")

    def test_tags_decide_which_album_a_track_is_of(self):
        for track, title in ((1, "Aria"), (2, "Variatio 1")):
            path = self.media / "Unsorted" / f"download{track}.flac"
            path.parent.mkdir(exist_ok=True)
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=duration=0.1", "-metadata", "album=Goldberg",
                            "-metadata", "artist=Glenn Gould", "-metadata", f"title={title}", "-metadata", f"track={track}", path], check=True)
        self.put("Bach/Partitas (1979)/01 - Sinfonia.flac")
        host = self.begin()
        library = self.make(host, "music")
        host.wait("placed by tags", lambda: self.names(host) == ["Aria", "Sinfonia", "Variatio 1"])
        aria = self.item(host, "Aria")
        self.assertEqual((aria["title"]["name"], aria["track"]), ("Goldberg", 1))
        titles = self.ask(host, "GET", "/api/v1/titles?kind=album")[1]["data"]
        self.assertEqual([title["name"] for title in titles], ["Goldberg", "Partitas"])
        self.scan(host, library)
        self.assertEqual(self.item(host, "Aria")["id"], aria["id"])

    def test_names_that_are_no_utf8_are_opened_by_their_bytes(self):
        (self.media / "odd").mkdir()
        path = os.fsencode(self.media / "odd") + b"/Bad\xff\xfe (2001).mkv"
        with open(path, "wb") as out:
            out.write(b"bytes")
        os.utime(path, (OLD, OLD))
        decomposed = self.put("Ame\u0301lie (2001).mkv", b"nfd")
        composed = self.put("Am\u00e9lie (2001)/Am\u00e9lie (2001) - 720p.mkv", b"nfc")
        host = self.begin()
        self.make(host)
        bad = [item for item in self.items(host) if item["name"].startswith("Bad")][0]
        self.assertEqual(host.get(f"/stream/{bad['id']}").body, b"bytes")
        [amelie] = [item for item in self.items(host) if item["name"] == "Am\u00e9lie"]
        self.assertEqual(amelie["files"], 2, f"{decomposed} and {composed} are one film")

    def test_hard_links_are_two_files_and_loops_end(self):
        one = self.put("A (2001).mkv")
        os.link(one, self.media / "B (2002).mkv")
        os.symlink(self.media, self.media / "loop")
        os.symlink("/nowhere", self.media / "dangling.mkv")
        host = self.begin()
        library = self.make(host)
        self.assertEqual(self.names(host), ["A", "B"])
        self.assertEqual(self.report(host, library)["files"], 2)

    def test_a_file_that_is_written_is_awaited(self):
        host = self.begin()
        self.make(host)
        path = self.media / "Slow (2001).mkv"
        with open(path, "wb") as out:
            out.write(b"first")
            out.flush()
            # Listed in the same look, so that the slow one has been seen by then.
            self.put("Fast (2002).mkv", old=False)
            self.becomes(host, "only the whole file", ["Fast"])
            out.write(b"second")
        self.becomes(host, "when it is closed", ["Fast", "Slow"])
        self.assertEqual(self.item(host, "Slow")["versions"][0]["files"][0]["bytes"], 11)

    def test_a_program_that_hangs_costs_only_its_file(self):
        wrapper = self.root / "ffprobe"
        wrapper.write_text('#!/bin/sh\ncase "$*" in *Hang*) exec sleep 600;; esac\nexec ffprobe "$@"\n')
        wrapper.chmod(0o755)
        self.put("Hang (2001).mkv")
        self.put("Good (2002).mkv")
        host = self.begin(ffprobe=str(wrapper), probe_timeout_s=10, probes=1)
        self.make(host)
        state = lambda name: self.item(host, name)["versions"][0]["files"][0]
        host.wait("good is probed", lambda: state("Good")["probe"] == "done")
        host.wait("the other is given up", lambda: state("Hang")["probe"] == "failed")
        self.assertIn("in time", state("Hang")["probe_error"])

    def test_without_ffprobe_files_are_listed_and_the_health_says_so(self):
        self.put("Film (2001).mkv")
        host = self.begin(ffprobe="/nowhere/ffprobe")
        self.make(host)
        self.assertEqual(self.names(host), ["Film"])
        host.wait("told", lambda: "/nowhere/ffprobe" in json.dumps(host.control("GET", "/v1/health").json))


class Followed(LibraryTest):
    def test_what_comes_changes_and_goes_is_followed(self):
        host = self.begin()
        library = self.make(host)
        self.put("New (2001)/New (2001).mkv", old=False)
        self.becomes(host, "a new folder", ["New"])
        first = self.item(host, "New")
        self.put("New (2001)/New (2001).mkv", b"replaced", old=False)
        host.wait("the new content", lambda: self.item(host, "New")["versions"][0]["files"][0]["bytes"] == 8)
        self.assertEqual(self.item(host, "New")["id"], first["id"])
        shutil.rmtree(self.media / "New (2001)")
        self.becomes(host, "nothing is left", [])
        self.assertEqual(self.names(host, missing="true"), ["New"])
        self.assertEqual(host.get(f"/stream/{first['id']}").status, 503)
        self.put("New (2001)/New (2001) - 1080p.mkv")
        self.becomes(host, "another file of it", ["New"])
        self.assertEqual(self.item(host, "New")["id"], first["id"], "who watched it, watched this")

    def test_renamed_and_moved_it_stays_what_it_was(self):
        film = self.put("Old (2001)/Old (2001).mkv")
        self.put("Show/Season 1/S01E01.mkv")
        host = self.begin()
        self.make(host)
        before = self.item(host, "Old")
        film.rename(film.parent / "Other (2002).mkv")
        self.becomes(host, "renamed", ["Other", "S01E01"])
        (self.media / "Old (2001)").rename(self.media / "Deep")
        host.wait("in another folder", lambda: host.get(f"/stream/{before['id']}").status == 200)
        (self.media / "deeper").mkdir()
        (self.media / "Deep").rename(self.media / "deeper" / "Third (2003)")
        (self.media / "deeper" / "Third (2003)" / "Other (2002).mkv").rename(self.media / "deeper" / "Third (2003)" / "Third (2003).mkv")
        self.becomes(host, "renamed with its folder", ["S01E01", "Third"])
        after = self.item(host, "Third")
        self.assertEqual((after["id"], after["title"]["id"], after["year"]), (before["id"], before["title"]["id"], 2003))
        self.assertEqual(after["versions"][0]["files"][0]["id"], before["versions"][0]["files"][0]["id"])
        self.assertEqual(self.names(host, missing="true"), ["S01E01", "Third"])

    def test_moved_to_another_disk_it_is_known_by_its_content(self):
        film = self.put("Old (2001)/Old (2001).mkv")
        host = self.begin(watch=False)
        library = self.make(host)
        before = self.item(host, "Old")
        host.wait("sampled", lambda: self.item(host, "Old")["versions"][0]["files"][0]["probe"] == "done")
        self.put("elsewhere/New Name (2005).mkv")
        film.unlink()
        report = self.scan(host, library)
        self.assertEqual((report["moved"], report["added"]), (1, 0), report)
        after = self.item(host, "New Name")
        self.assertEqual((after["id"], after["title"]["id"]), (before["id"], before["title"]["id"]))
        self.assertEqual(self.names(host, missing="true"), ["New Name"])

    def test_a_file_with_the_inode_of_one_that_is_gone_is_another(self):
        self.put("First (2001).mkv")
        host = self.begin(watch=False, probes=0)
        library = self.make(host)
        first = self.item(host, "First")
        (self.media / "First (2001).mkv").unlink()
        self.put("Second (2002).mkv", b"other")  # likely with its inode
        self.scan(host, library)
        self.assertNotEqual(self.item(host, "Second")["id"], first["id"])
        self.assertEqual(self.names(host), ["Second"])

    def test_one_that_returns_and_another_with_its_old_inode_are_two(self):
        first = self.put("a/First (2001).mkv", b"same")
        aside = self.root / "aside.mkv"
        os.link(first, aside)
        host = self.begin(watch=False, probes=0)
        library = self.make(host)
        first.unlink()
        self.scan(host, library)
        self.assertEqual(self.names(host), [])
        (self.media / "b").mkdir()
        os.link(aside, self.media / "b" / "Second (2002).mkv")
        self.put("a/First (2001).mkv", b"same")
        self.scan(host, library)
        self.assertEqual(self.names(host), ["First", "Second"])
        for item in self.items(host):
            self.assertEqual(host.get(f"/stream/{item['id']}").status, 200, item["name"])

    def test_what_changed_while_nobody_looked_is_found(self):
        self.put("Stays (2001).mkv")
        self.put("Goes (2002).mkv")
        host = self.begin()
        library = self.make(host)
        host.stop()
        (self.media / "Goes (2002).mkv").unlink()
        self.put("Comes (2003).mkv")
        host.start()
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        self.becomes(host, "both are seen", ["Comes", "Stays"])

    def test_without_watching_it_looks_again_by_itself(self):
        host = self.begin(watch=False, poll_s=1)
        self.make(host)
        self.put("New (2001).mkv")
        self.becomes(host, "found by looking", ["New"])


class Kept(LibraryTest):
    def library_of_two(self, **settings):
        self.put("disk/A (2001).mkv")
        self.put("disk/sub/B (2002).mkv")
        host = self.begin(watch=False, probes=0, **settings)
        return host, self.make(host, paths=[self.media / "disk"])

    def state(self, host, library):
        return self.ask(host, "GET", f"/api/v1/libraries/{library}")[1]

    def test_a_disk_that_is_away_keeps_all_it_had(self):
        host, library = self.library_of_two()
        ids = {item["id"] for item in self.items(host)}
        (self.media / "disk").rename(self.media / "unplugged")
        report = self.scan(host, library)
        self.assertFalse(report["complete"])
        self.assertEqual(report["missing"], 0)
        self.assertIn("offline", " ".join(report["problems"]))
        self.assertEqual(self.state(host, library)["state"], "offline")
        self.assertEqual({item["id"] for item in self.items(host)}, ids)
        self.assertEqual(host.get(f"/stream/{next(iter(ids))}").status, 503)
        (self.media / "disk").mkdir()  # the mount point, without the disk
        self.scan(host, library)
        self.assertEqual({item["id"] for item in self.items(host)}, ids)
        self.assertIn("empty", json.dumps(self.state(host, library)))
        (self.media / "disk").rmdir()
        (self.media / "unplugged").rename(self.media / "disk")
        self.scan(host, library)
        self.assertEqual(self.state(host, library)["state"], "online")
        self.assertEqual({item["id"] for item in self.items(host)}, ids)
        self.assertEqual(host.get(f"/stream/{next(iter(ids))}").status, 200)

    def test_what_is_gone_is_forgotten_only_after_two_looks_and_never_much_at_once(self):
        for i in range(10):
            self.put(f"F{i} (200{i}).mkv")
        host = self.begin(watch=False, probes=0, keep_missing_days=0)
        library = self.make(host)
        (self.media / "F0 (2000).mkv").unlink()
        self.scan(host, library)
        self.assertIn("F0", self.names(host, missing="true"))
        self.scan(host, library)
        self.assertNotIn("F0", self.names(host, missing="true"))
        for i in range(1, 6):
            (self.media / f"F{i} (200{i}).mkv").unlink()
        for _ in range(3):
            report = self.scan(host, library)
        self.assertEqual(len(self.names(host, missing="true")), 9, "half of a library does not go unasked")
        self.assertIn("5 files", " ".join(report["problems"]))

    def test_what_cannot_be_read_keeps_what_is_in_it(self):
        user = "nobody"
        self.put("open/A (2001).mkv")
        self.put("closed/B (2002).mkv")
        (self.media / "out").symlink_to("/usr/share")
        self.root.chmod(0o755)
        host = self.begin(start=False, watch=False, probes=0)
        host.user = user if os.geteuid() == 0 else None
        if host.user:
            subprocess.run(["chown", "-R", user, host.root], check=True)
            subprocess.run(["chown", "-R", user, self.media], check=True)
        host.start()
        self.addCleanup(self.finish, host)
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        library = self.make(host)
        (self.media / "closed").chmod(0)
        self.addCleanup((self.media / "closed").chmod, 0o755)
        report = self.scan(host, library)
        self.assertEqual((report["complete"], report["failed"], report["missing"]), (False, 1, 0), report)
        self.assertIn("closed: Permission denied", " ".join(report["problems"]))
        health = lambda: json.dumps(host.control("GET", "/v1/health").json)
        host.wait("what could not be read is told", lambda: "closed: Permission denied" in health())
        self.assertNotIn("follow_links", health(), "a link that is not followed is no trouble")
        self.assertIn("library=Films", host.logged())
        self.assertEqual(self.names(host), ["A", "B"])

    def test_a_scan_is_stopped_and_goes_on(self):
        for i in range(3000):
            self.put(f"d{i}/Film {i} (2001).mkv", b"")
        host = self.begin(watch=False, probes=0)
        status, made = self.ask(host, "POST", "/api/v1/libraries", {"name": "F", "type": "movie", "paths": [str(self.media)]})
        host.wait("it found some", lambda: self.report(host, made["id"])["added"] > 0)
        self.ask(host, "DELETE", f"/api/v1/libraries/{made['id']}/scan")
        self.scanned(host, made["id"])
        self.scan(host, made["id"])
        self.assertEqual(len(self.names(host)), 3000)

    def test_killed_at_any_moment_the_catalogue_is_whole_and_the_next_scan_completes_it(self):
        films, kills = (1500, 100) if LONG else (400, 4 if SANITIZED else 8)
        for i in range(films):
            self.put(f"d{i % 40}/Film {i} (2001).mkv", b"")
        host = self.begin(start=False, watch=False, probes=0)
        host.options.append("crashes.limit=0")  # each start brings up the plugin that is killed
        host.start()
        self.addCleanup(self.finish, host)
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        status, made = self.ask(host, "POST", "/api/v1/libraries", {"name": "F", "type": "movie", "paths": [str(self.media)]})
        chance = random.Random(7)
        for kill in range(kills):
            # Everything is found anew each time: what the last one left is deleted or touched.
            time.sleep(chance.random() * 0.15)  # the moment is the point
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            host.end()
            self.check_whole(host)
            for i in chance.sample(range(films), films // 4):
                path = self.media / f"d{i % 40}/Film {i} (2001).mkv"
                path.unlink(missing_ok=True) if chance.random() < 0.5 else path.write_bytes(b"x" * (kill + 1))
            host.start()
            host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        for i in range(films):
            self.put(f"d{i % 40}/Film {i} (2001).mkv", b"")
        self.scan(host, made["id"])
        self.scan(host, made["id"])
        self.assertEqual(len(self.names(host)), films)
        self.check_whole(host)

    def check_whole(self, host):
        [path] = pathlib.Path(host.root).rglob("revenge.db")
        with sqlite3.connect(path) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
            for what, wrong in (("a file without item", "SELECT count(*) FROM library_file WHERE item IS NULL"),
                                ("a wrong count", "SELECT count(*) FROM library_item i WHERE files <> (SELECT count(*) FROM library_file f "
                                                  "WHERE f.item = i.id AND f.missing_us IS NULL AND f.extra = '' AND f.kind IN ('video', 'audio'))"),
                                ("a title without item", "SELECT count(*) FROM library_title t WHERE NOT EXISTS (SELECT 1 FROM library_item i WHERE i.title = t.id)")):
                self.assertEqual(database.execute(wrong).fetchone()[0], 0, what)

    def test_swapped_while_it_scans_nobody_notices(self):
        for i in range(2000):
            self.put(f"d{i % 100}/Film {i} (2001).mkv", b"")
        host = self.begin(probes=0)
        status, made = self.ask(host, "POST", "/api/v1/libraries", {"name": "F", "type": "movie", "paths": [str(self.media)]})
        failures, stop = [], threading.Event()

        def client():
            while not stop.is_set():
                status, page = self.ask(host, "GET", "/api/v1/items?limit=5")
                if status != 200:
                    failures.append((status, page))

        threads = [threading.Thread(target=client) for _ in range(3)]
        for thread in threads:
            thread.start()
        swapped = host.swap("library", NEXT_LIBRARY)
        self.assertEqual(swapped.status, 200, swapped.body)
        host.wait("the new one has read all", lambda: len(self.names(host)) == 2000)
        stop.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.put("After (2003).mkv", old=False)
        host.wait("the new one watches", lambda: "After" in self.names(host))


class OnPostgresql(Found, Followed):
    """The same on a server."""

    @classmethod
    def setUpClass(cls):
        cls.databases = 0

    def setUp(self):
        super().setUp()
        type(self).databases += 1
        name = f"library{self.databases}"
        server.sql(f"CREATE DATABASE {name}")
        self.url = server.url.replace("/postgres?", f"/{name}?")


if __name__ == "__main__":
    unittest.main()
