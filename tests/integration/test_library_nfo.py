"""Sidecar files of the library: what an .nfo says is what is shown, also when it comes late, changes or goes, and a broken one costs only
itself. Names beginning with an n and a number are the rows of what such files hold."""

import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

import test_library
from host import SANITIZED
from test_library import LONG, LibraryTest, NEXT_LIBRARY

SCHEMA = pathlib.Path(__file__).parents[2] / "plugins" / "library" / "wiring" / "schema.hpp"


def setUpModule():
    test_library.setUpModule()


def tearDownModule():
    test_library.tearDownModule()


def movie(title, more=""):
    return f"<movie><title>{title}</title>{more}</movie>".encode()


def episode(title, season, number, more=""):
    return f"<episodedetails><title>{title}</title><season>{season}</season><episode>{number}</episode>{more}</episodedetails>".encode()


class NfoTest(LibraryTest):
    def film(self, name, nfo=None, file="movie.nfo", old=True):
        self.put(f"{name}/{name}.mkv", b"film", old=old)
        if nfo is not None:
            self.put(f"{name}/{file}", nfo, old=old)

    def titles(self, host, **filters):
        return sorted(title["name"] for title in self.ask(host, "GET", "/api/v1/titles")[1]["data"])

    def title(self, host, name):
        [found] = [title for title in self.ask(host, "GET", "/api/v1/titles?missing=true")[1]["data"] if title["name"] == name]
        return self.ask(host, "GET", f"/api/v1/titles/{found['id']}")[1]

    def rows(self, host, text):
        if self.url:
            found = test_library.server.sql(f"SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ({text}) q", self.database)
            return [tuple(row.values()) for row in json.loads(found)]
        database = self.data(host)
        try:
            return database.execute(text).fetchall()
        finally:
            database.close()

    def data(self, host):
        [path] = pathlib.Path(host.root).rglob("revenge.db")
        return sqlite3.connect(path)

    def sidecar(self, host, name):
        [found] = self.item(host, name)["sidecars"]
        return found

    def warnings(self, host, name):
        return [line for line in host.logged().splitlines() if name in line and "sidecar" in line]


class Described(NfoTest):
    def test_n1_n8_n9_n11_n18_n20_n21_a_film_is_shown_as_its_nfo_says(self):
        self.film("Ran (1985)", movie("Ran &amp; Co", """
            <originaltitle>乱</originaltitle><sorttitle>Chaos</sorttitle><year>1986</year><plot>Three sons.</plot><outline>Sons.</outline>
            <tagline>War</tagline><runtime>162</runtime><genre>Drama</genre>
            <uniqueid type="tmdb">11645</uniqueid><uniqueid type="imdb">tt0089881</uniqueid><uniqueid type="tmdbcol">97020</uniqueid>
            <set>Kurosawa &amp; Sons</set>
            <ratings><rating name="imdb" max="10" default="true"><value>8.2</value><votes>130000</votes></rating></ratings>
            <actor><name>Second</name><order>1</order></actor><actor><name>First</name><role>Lord</role><order>0</order></actor>
            <thumb aspect="poster">https://example.org/p.jpg</thumb><thumb aspect="set.poster">https://example.org/set.jpg</thumb>"""))
        self.film("Zed (2001) [tmdbid-5]")
        host = self.begin()
        library = self.make(host)
        self.becomes(host, "called as the nfo says", ["Ran & Co", "Zed"])
        ran = self.item(host, "Ran & Co")
        self.assertEqual((ran["year"], ran["title"]["name"], ran["title"]["year"]), (1986, "Ran & Co", 1986))
        self.assertEqual(ran["title"]["ids"], {"tmdb": "11645", "imdb": "tt0089881"})
        said = ran["metadata"]
        self.assertEqual({name: said[name] for name in ("plot", "outline", "tagline", "original_title", "runtime_min", "genres", "providers")},
                         {"plot": "Three sons.", "outline": "Sons.", "tagline": "War", "original_title": "乱", "runtime_min": 162,
                          "genres": ["Drama"], "providers": ["nfo"]})
        self.assertEqual(said["collection"], {"name": "Kurosawa & Sons", "tmdb": "97020"})
        self.assertEqual(said["ratings"], [{"source": "imdb", "value": 8.2, "votes": 130000, "default": True}])
        self.assertEqual([(actor["name"], actor.get("role")) for actor in said["actors"]], [("First", "Lord"), ("Second", None)])
        self.assertEqual(said["images"], [{"kind": "poster", "place": "https://example.org/p.jpg"}])
        self.assertEqual(self.title(host, "Ran & Co")["metadata"], said)
        self.assertNotIn("metadata", self.item(host, "Zed"))
        self.assertEqual(self.item(host, "Zed")["title"]["ids"], {"tmdb": "5"})
        # It is no file to be played, and lists stay short.
        self.assertEqual((ran["files"], len(ran["versions"]), ran["extras"], [s["probe"] for s in ran["sidecars"]]), (1, 1, [], ["done"]))
        for path in ("stream", "find"):
            self.assertEqual(host.get(f"/{path}/{ran['id']}?file={ran['sidecars'][0]['id']}").status, 404, path)
        self.assertEqual(host.get(f"/stream/{ran['id']}").body, b"film")
        for entry in self.items(host) + self.ask(host, "GET", "/api/v1/titles")[1]["data"]:
            self.assertEqual({"metadata", "sidecars"} & set(entry), set())
        self.assertEqual([item["name"] for item in self.items(host, sort="title")], ["Ran & Co", "Zed"], "by the sort title, Chaos")
        self.scan(host, library)
        self.assertEqual((self.names(host), self.item(host, "Ran & Co")["id"]), (["Ran & Co", "Zed"], ran["id"]))

    def test_which_film_an_nfo_is_of(self):
        self.film("A (2001)", movie("By movie"))
        self.film("B (2002)", movie("By stem"), "B (2002).nfo")
        self.put("C (2003)/gamma.mkv", b"film")
        self.put("C (2003)/C (2003).nfo", movie("By folder"))
        self.put("Both/D (2004).mkv", b"film")
        self.put("Both/E (2005).mkv", b"film")
        self.put("Both/movie.nfo", movie("Of which?"))
        self.put("Both/E (2005).nfo", movie("By its own"))
        self.put("F (2006)/VIDEO_TS/VIDEO_TS.IFO", b"film")
        self.put("F (2006)/VIDEO_TS/VIDEO_TS.nfo", movie("In the disc"))
        self.put("G (2007)/BDMV/STREAM/00001.m2ts", b"film")
        self.put("G (2007)/movie.nfo", movie("Around the disc"))
        self.put("H (2008)/H (2008) cd1.avi", b"one")
        self.put("H (2008)/H (2008) cd2.avi", b"two")
        self.put("H (2008)/H (2008).nfo", movie("In parts"))
        self.put("I (2009)/I (2009).mkv", b"film")
        self.put("I (2009)/trailers/I-trailer.mkv", b"trailer")
        self.put("I (2009)/trailers/movie.nfo", movie("Of a trailer"))
        host = self.begin()
        library = self.make(host)
        wanted = sorted(["By movie", "By stem", "By folder", "D", "By its own", "In the disc", "Around the disc", "In parts", "I"])
        self.becomes(host, "each by its own", wanted)
        self.assertEqual(self.titles(host), wanted)
        self.scan(host, library)
        self.assertEqual(self.names(host), wanted)

    def test_n23_n24_an_address_alone_gives_ids(self):
        self.film("Max (2015)", b"https://www.themoviedb.org/movie/272878-max\nhttps://www.imdb.com/title/tt3369806/\n")
        host = self.begin()
        self.make(host)
        host.wait("its ids", lambda: self.item(host, "Max")["title"]["ids"] == {"tmdb": "272878", "imdb": "tt3369806"})
        self.assertEqual(self.item(host, "Max")["year"], 2015)

    def test_n31_a_show_its_seasons_and_its_episodes(self):
        self.put("Lost/tvshow.nfo", """<tvshow><title>Lost!</title><sorttitle>Zost</sorttitle><year>2004</year><status>Ended</status>
            <studio>ABC</studio><plot>An island.</plot><namedseason number="2">The Hatch</namedseason><uniqueid type="tvdb">73739</uniqueid>
            </tvshow>""".encode())
        self.put("Lost/Season 1/season.nfo", b"<season><title>The Crash</title><plot>They fall.</plot><seasonnumber>1</seasonnumber></season>")
        self.put("Lost/Season 1/Lost S01E01.mkv", b"1")
        self.put("Lost/Season 1/Lost S01E01.nfo", episode("Pilot", 1, 1, "<aired>2004-09-22</aired><plot>Up.</plot>"))
        self.put("Lost/Season 1/Lost S01E02.mkv", b"2")
        self.put("Lost/Season 2/Lost S02E01.mkv", b"3")
        self.put("Mash/Season 1/Mash S01E01.mkv", b"4")
        host = self.begin()
        library = self.make(host, "tvshow")
        self.becomes(host, "the episode", ["Episode 1", "Episode 1", "Episode 2", "Pilot"])
        host.wait("the show", lambda: self.titles(host) == ["Lost!", "Mash"])
        said = lambda: self.title(host, "Lost!").get("metadata", {})
        host.wait("the season", lambda: len(said().get("seasons", [])) == 2)
        show = self.title(host, "Lost!")
        self.assertEqual((show["year"], show["ids"], show["metadata"]["status"], show["metadata"]["studios"], show["metadata"]["plot"]),
                         (2004, {"tvdb": "73739"}, "ended", ["ABC"], "An island."))
        self.assertEqual(show["metadata"]["seasons"], [{"number": 1, "name": "The Crash", "plot": "They fall."}, {"number": 2, "name": "The Hatch"}])
        self.assertEqual([s["name"] for s in show["sidecars"]], ["season.nfo", "tvshow.nfo"])
        pilot = self.item(host, "Pilot")
        self.assertEqual((pilot["air_date"], pilot["season"], pilot["episode"], pilot["metadata"]["plot"]), ("2004-09-22", 1, 1, "Up."))
        self.assertEqual(pilot["title"]["name"], "Lost!")
        host.wait("sorted as the show is", lambda: [item["title"]["name"] for item in self.items(host, sort="title")] == ["Mash"] + ["Lost!"] * 3)
        # A season that comes later is of the same show.
        self.put("Lost/Season 3/Lost S03E01.mkv", b"5", old=False)
        host.wait("one more", lambda: self.title(host, "Lost!")["items"] == 4)
        self.scan(host, library)
        self.assertEqual(self.titles(host), ["Lost!", "Mash"])
        # What the nfo said goes with it.
        (self.media / "Lost" / "tvshow.nfo").unlink()
        (self.media / "Lost" / "Season 1" / "season.nfo").unlink()
        host.wait("by the names again", lambda: self.titles(host) == ["Lost", "Mash"])
        plain = self.title(host, "Lost")
        self.assertEqual((plain["id"], plain["ids"], plain.get("year"), "metadata" in plain), (show["id"], {}, None, False))
        # The folders of the other seasons come after that of the show.
        host.wait("sorted as the names are",
                  lambda: [item["title"]["name"] for item in self.items(host, sort="title")] == ["Lost"] * 4 + ["Mash"])
        self.assertEqual(self.item(host, "Pilot")["id"], pilot["id"])

    def test_several_episodes_in_one_nfo(self):
        show = self.media / "Show" / "Season 1"
        for name in ("S01E01", "S01E02", "S01E03E04"):
            self.put(f"Show/Season 1/Show {name}.mkv", name.encode())
        self.put("Show/Season 1/Show S01E01.nfo", episode("Two", 1, 2) + episode("One", 1, 1))
        self.put("Show/Season 1/Show S01E03E04.nfo", episode("Three", 1, 3) + episode("Four", 1, 4))
        host = self.begin()
        self.make(host, "tvshow")
        self.becomes(host, "each has its own", ["One", "Three", "Two"])
        self.assertEqual([(item["name"], item["episode"], item.get("episode_last")) for item in self.items(host, sort="title")],
                         [("One", 1, None), ("Two", 2, None), ("Three", 3, 4)])
        # Another look at the numbers: the second is no longer described.
        (show / "Show S01E01.nfo").write_bytes(episode("One only", 1, 1))
        self.becomes(host, "the second by its name", ["Episode 2", "One only", "Three"])
        self.assertNotIn("metadata", self.item(host, "Episode 2"))

    def test_n29_a_special_is_shown_where_its_nfo_says(self):
        for name in ("S01E01", "S01E02", "S00E01", "S00E02"):
            self.put(f"Show/Show {name}.mkv", name.encode())
        self.put("Show/Show S00E01.nfo", episode("Between", 0, 1, "<displayseason>1</displayseason><displayepisode>2</displayepisode>"))
        self.put("Show/Show S00E02.nfo", episode("Nowhere", 0, 2, "<displayseason>-1</displayseason><displayepisode>-1</displayepisode>"))
        host = self.begin()
        self.make(host, "tvshow")
        self.becomes(host, "both are read", ["Between", "Episode 1", "Episode 2", "Nowhere"])
        self.assertEqual([item["name"] for item in self.items(host, sort="title")], ["Nowhere", "Episode 1", "Between", "Episode 2"])
        self.assertEqual(self.item(host, "Between")["metadata"]["display_episode"], 2)

    def test_an_album_and_its_artist(self):
        for track in ("01 - Aria", "02 - Variatio"):
            self.put(f"Bach/Goldberg (1981)/{track}.flac")
        self.put("Bach/Partitas (1979)/01 - Sinfonia.flac")
        self.put("Bach/Goldberg (1981)/album.nfo", b"<album><title>The Goldberg Variations</title><artist>Gould</artist><year>1982</year>"
                                                   b"<plot>Again.</plot></album>")
        self.put("Bach/artist.nfo", b"<artist><name>J. S. Bach</name><biography>A cantor.</biography></artist>")
        host = self.begin()
        self.make(host, "music")
        host.wait("the album", lambda: self.titles(host) == ["Partitas", "The Goldberg Variations"])
        details = lambda name: self.title(host, name).get("metadata", {}).get("artist_details", {})
        for name in self.titles(host):
            host.wait(f"the artist of {name}", lambda: details(name).get("plot") == "A cantor.")
        album = self.title(host, "The Goldberg Variations")
        self.assertEqual((album["artist"], album["year"], album["items"], album["metadata"]["plot"]), ("Gould", 1982, 2, "Again."))

    def test_n32_a_lock_is_shown(self):
        self.film("A (2001)", movie("Mine", "<lockdata>true</lockdata>"))
        self.film("B (2002)", movie("Anyone's", "<lockdata>false</lockdata>"))
        host = self.begin()
        self.make(host)
        self.becomes(host, "both are read", ["Anyone's", "Mine"])
        self.assertEqual((self.item(host, "Mine")["metadata"]["locked"], "locked" in self.item(host, "Anyone's")["metadata"]), (True, False))

    def test_n39_images_are_on_the_web_or_in_the_library(self):
        poster = self.put("A (2001)/poster.jpg", b"jpg")
        self.film("A (2001)", movie("A", f"""<thumb aspect="poster">poster.jpg</thumb><thumb aspect="banner">{self.media}/none.jpg</thumb>
            <thumb aspect="clearlogo">/etc/passwd</thumb><thumb aspect="clearart">../../../../../../etc/passwd</thumb>
            <thumb aspect="discart">{poster}</thumb><thumb aspect="landscape">https://example.org/l.jpg</thumb>
            <actor><name>X</name><thumb>/nowhere/x.jpg</thumb></actor>"""))
        host = self.begin()
        self.make(host)
        said = lambda: self.item(host, "A").get("metadata", {})
        host.wait("it is read", lambda: said().get("images"))
        self.assertEqual({image["kind"]: image["place"] for image in said()["images"]},
                         {"poster": "A (2001)/poster.jpg", "disc": "A (2001)/poster.jpg", "landscape": "https://example.org/l.jpg"})
        self.assertEqual(said()["actors"], [{"name": "X"}])
        self.assertEqual(len([line for line in host.logged().splitlines() if "/etc/passwd" in line]), 2)
        for missing in ("none.jpg", "/nowhere/x.jpg"):
            self.assertIn(missing, host.logged())


class Isolated(NfoTest):
    def test_n35_n36_a_broken_one_costs_only_itself(self):
        bad = {"Entity (2001)": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><movie><title>&e;</title></movie>',
               "Bomb (2002)": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><movie><title>&b;</title></movie>',
               "Cut (2003)": b"<movie><title>Never whole</title><plot>and th",
               "Empty (2004)": b"",
               "Huge (2005)": b"<movie><title>Huge</title>" + b"<plot>x</plot>" * 1_500_000 + b"</movie>"}
        for name, content in bad.items():
            self.film(name, content)
        self.film("Good (2006)", movie("Best"))
        host = self.begin()
        library = self.make(host)
        self.becomes(host, "all are there", ["Best", "Bomb", "Cut", "Empty", "Entity", "Huge"])
        for name in bad:
            shown = name.split()[0]
            host.wait(f"{name} is given up", lambda: self.sidecar(host, shown)["probe"] == "failed")
            self.assertTrue(self.sidecar(host, shown)["probe_error"])
            self.assertNotIn("metadata", self.item(host, shown))
        for _ in range(2):
            self.scan(host, library)
        for name in bad:
            self.assertEqual(len(self.warnings(host, f"{name}/movie.nfo")), 1, name)
        self.assertNotIn("root:", json.dumps(self.items(host)) + host.logged())
        self.assertEqual(self.names(host), ["Best", "Bomb", "Cut", "Empty", "Entity", "Huge"])
        self.assertNotIn("nfo", json.dumps(host.control("GET", "/v1/health").json))

    def test_of_a_show_too_it_is_shown_why(self):
        self.put("Lost/Season 1/Lost S01E01.mkv", b"1")
        self.put("Lost/tvshow.nfo", b"<tvshow><title>Cut")
        self.put("Lost/Season 1/season.nfo", b"")
        host = self.begin()
        self.make(host, "tvshow")
        states = lambda: {one["name"]: one["probe"] for one in self.title(host, "Lost")["sidecars"]}
        host.wait("both are given up", lambda: states() == {"tvshow.nfo": "failed", "season.nfo": "failed"})
        self.assertEqual([bool(one["probe_error"]) for one in self.title(host, "Lost")["sidecars"]], [True, True])
        self.assertNotIn("metadata", self.title(host, "Lost"))
        self.assertEqual((len(self.warnings(host, "tvshow.nfo")), len(self.warnings(host, "season.nfo"))), (1, 1))

    def test_what_releases_come_with_is_no_trouble(self):
        self.film("Film.2001.1080p-GRP", "░▒▓ GROUP presents ▓▒░\n Ripped by: nobody\n".encode("cp437", "replace"), "Film.2001.1080p-GRP.nfo")
        self.put("Film.2001.1080p-GRP/movie.nfo", movie("The film"))
        self.put("group.nfo", b"<broken")
        self.put("Other (2002)/anything.nfo", movie("Odd", "<thumb>/nowhere/of.jpg</thumb>"))
        self.put("Other (2002)/Other (2002).mkv", b"film")
        host = self.begin()
        self.make(host)
        self.becomes(host, "the other one says it", ["Other", "The film"])
        states = lambda: {s["name"]: s["probe"] for s in self.item(host, "The film")["sidecars"]}
        host.wait("the text is given up", lambda: states() == {"Film.2001.1080p-GRP.nfo": "failed", "movie.nfo": "done"})
        host.wait("and the one of nothing", lambda: host.metric("revenge_plugin_library_probes_total") >= 6)
        self.assertEqual(self.item(host, "Other")["sidecars"], [])
        self.assertNotIn("sidecar", host.logged())

    def test_one_that_cannot_be_opened(self):
        self.film("Shut (2001)", movie("Inside"))
        self.film("Open (2002)", movie("Seen"))
        self.root.chmod(0o755)
        host = self.begin(start=False)
        host.user = "nobody" if os.geteuid() == 0 else None
        if host.user:
            subprocess.run(["chown", "-R", host.user, host.root, self.media], check=True)
        (self.media / "Shut (2001)" / "movie.nfo").chmod(0)
        host.start()
        self.addCleanup(self.finish, host)
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
        self.make(host)
        self.becomes(host, "the other is read", ["Seen", "Shut"])
        host.wait("it is told why", lambda: "denied" in self.sidecar(host, "Shut").get("probe_error", ""))
        self.assertEqual(len(self.warnings(host, "Shut (2001)/movie.nfo")), 1)

    def test_a_link_out_of_the_library_is_not_read(self):
        secret = self.root / "secret.nfo"
        secret.write_bytes(movie("Secret"))
        self.film("A (2001)")
        (self.media / "A (2001)" / "movie.nfo").symlink_to(secret)
        self.film("B (2002)", movie("Read"))
        host = self.begin()
        library = self.make(host)
        self.becomes(host, "the other is read", ["A", "Read"])
        self.assertEqual(self.item(host, "A")["sidecars"], [])

    def test_without_ffprobe_they_are_read_all_the_same(self):
        for i in range(3):
            self.film(f"A{i} (200{i})", movie(f"Told {i}"))
        host = self.begin(ffprobe="/nowhere/ffprobe", probes=1)
        self.make(host)
        self.becomes(host, "all are told", ["Told 0", "Told 1", "Told 2"])
        self.film("B (2005)", movie("Later"), old=False)
        self.becomes(host, "also one that comes later", ["Later", "Told 0", "Told 1", "Told 2"])


class FollowedNfo(NfoTest):
    def test_it_comes_changes_empties_and_goes(self):
        self.film("Plain (2001)")
        host = self.begin()
        self.make(host)
        self.becomes(host, "by its name", ["Plain"])
        before = self.item(host, "Plain")
        nfo = self.put("Plain (2001)/movie.nfo", movie("First", "<year>1999</year><uniqueid type='tmdb'>7</uniqueid>"), old=False)
        self.becomes(host, "it came later", ["First"])
        nfo.write_bytes(movie("The second"))
        self.becomes(host, "it was changed", ["The second"])
        second = self.item(host, "The second")
        self.assertEqual((second["year"], second["title"]["ids"]), (2001, {}), "what it no longer says")
        nfo.write_bytes(b"")
        self.becomes(host, "it was emptied", ["Plain"])
        self.assertNotIn("metadata", self.item(host, "Plain"))
        self.assertEqual(self.sidecar(host, "Plain")["probe"], "failed")
        nfo.write_bytes(movie("Third"))
        self.becomes(host, "it is whole again", ["Third"])
        nfo.unlink()
        self.becomes(host, "it went", ["Plain"])
        after = self.item(host, "Plain")
        same = [name for name in before if name not in ("versions", "sidecars")]
        self.assertEqual({name: after[name] for name in same}, {name: before[name] for name in same})
        self.assertIn("missing_since", after["sidecars"][0])
        self.assertEqual(self.rows(host, "SELECT count(*) FROM library_metadata"), [(0,)])

    def test_until_a_changed_one_is_read_what_it_said_holds(self):
        self.film("A (2001)", movie("Told"))
        host = self.begin(watch=False)
        library = self.make(host)
        self.becomes(host, "it is told", ["Told"])
        host.stop()
        config = host.config.read_text()
        host.config.write_text(config.replace("{", '{"probes": 0, ', 1))
        (self.media / "A (2001)" / "movie.nfo").write_bytes(movie("Told anew"))
        os.utime(self.media / "A (2001)" / "movie.nfo", (test_library.OLD, test_library.OLD))
        for text, wanted in ((host.config.read_text(), "Told"), (config, "Told anew")):
            host.config.write_text(text)
            host.start()
            host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))
            self.scan(host, library)
            self.becomes(host, "then", [wanted])
            host.stop()

    def test_one_that_comes_to_be_of_another_kind_describes_nothing(self):
        self.put("Lost/Season 1/Lost S01E01.mkv", b"1")
        nfo = self.put("Lost/tvshow.nfo", b"<tvshow><title>Lost!</title></tvshow>")
        host = self.begin()
        self.make(host, "tvshow")
        host.wait("it is told", lambda: self.titles(host) == ["Lost!"])
        nfo.write_bytes(movie("No show"))
        host.wait("by its name", lambda: self.titles(host) == ["Lost"])
        self.assertNotIn("metadata", self.title(host, "Lost"))

    def test_what_is_renamed_with_its_nfo_stays_what_it_was(self):
        self.film("Old (2001)", movie("Told"))
        host = self.begin()
        self.make(host)
        self.becomes(host, "it is told", ["Told"])
        before = self.item(host, "Told")
        (self.media / "Old (2001)").rename(self.media / "New (2002)")
        host.wait("its folder is renamed", lambda: host.get(f"/stream/{before['id']}").status == 200)
        (self.media / "New (2002)" / "Old (2001).mkv").rename(self.media / "New (2002)" / "New (2002).mkv")
        host.wait("it is renamed", lambda: self.item(host, "Told")["versions"][0]["files"][0]["name"] == "New (2002).mkv")
        after = self.item(host, "Told")
        self.assertEqual((after["id"], after["title"]["id"], after["sidecars"][0]["id"], after["metadata"]),
                         (before["id"], before["title"]["id"], before["sidecars"][0]["id"], before["metadata"]))
        self.assertEqual(self.names(host, missing="true"), ["Told"])
        (self.media / "New (2002)" / "movie.nfo").unlink()
        self.becomes(host, "by its new name", ["New"])
        self.assertEqual((self.item(host, "New")["id"], self.item(host, "New")["year"]), (before["id"], 2002))

    def test_a_film_that_leaves_its_nfo_is_called_by_its_name(self):
        self.film("Old (2001)", movie("Told"))
        (self.media / "New (2001)").mkdir()
        host = self.begin()
        self.make(host)
        self.becomes(host, "it is told", ["Told"])
        before = self.item(host, "Told")
        (self.media / "Old (2001)" / "Old (2001).mkv").rename(self.media / "New (2001)" / "New (2001).mkv")
        self.becomes(host, "without it", ["New"])
        self.assertEqual(self.item(host, "New")["id"], before["id"])
        host.wait("the folder it left was looked at too", lambda: "metadata" not in self.item(host, "New"))

    def test_two_folders_of_one_film_have_one_nfo(self):
        self.film("Ran (1985)", movie("Told"))
        self.put("more/Ran (1985)/Ran (1985) 720p.mkv", b"other")
        host = self.begin()
        library = self.make(host)
        self.becomes(host, "it is told", ["Told"])
        self.assertEqual(self.item(host, "Told")["files"], 2)
        self.put("more/Ran (1985)/Ran (1985) 720p.mkv", b"another", old=False)
        host.wait("the other folder was looked at", lambda: 7 in [v["files"][0]["bytes"] for v in self.item(host, "Told")["versions"]])
        self.scan(host, library)
        self.assertEqual(self.names(host), ["Told"])
        (self.media / "Ran (1985)" / "movie.nfo").unlink()
        self.becomes(host, "it went", ["Ran"])
        self.put("Ran (1985)/movie.nfo", movie("Again"), old=False)
        self.becomes(host, "it came back", ["Again"])
        shutil.rmtree(self.media / "Ran (1985)")
        self.becomes(host, "its folder went", ["Ran"])
        self.assertNotIn("metadata", self.item(host, "Ran"))

    def test_a_folder_of_the_library_that_is_taken_out_takes_its_words_along(self):
        self.put("one/Ran (1985)/Ran (1985).mkv", b"film")
        self.put("one/Ran (1985)/movie.nfo", movie("Told"))
        self.put("two/Ran (1985)/Ran (1985) 720p.mkv", b"other")
        host = self.begin()
        library = self.make(host, paths=[self.media / "one", self.media / "two"])
        self.becomes(host, "it is told", ["Told"])
        connection = host.connect()
        connection.request("GET", f"/api/v1/libraries/{library}")
        answer = connection.getresponse()
        answer.read()
        connection.request("PATCH", f"/api/v1/libraries/{library}", body=json.dumps({"paths": [str(self.media / "two")]}),
                           headers={"if-match": answer.headers["etag"], "content-type": "application/merge-patch+json"})
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()
        self.becomes(host, "by its name", ["Ran"])
        self.assertEqual(self.item(host, "Ran")["files"], 1)

    def test_what_revengeignore_names_describes_nothing(self):
        self.film("A (2001)", movie("Told"))
        host = self.begin()
        library = self.make(host)
        self.becomes(host, "it is told", ["Told"])
        (self.media / ".revengeignore").write_text("*.nfo\n")
        self.scan(host, library)
        self.becomes(host, "by its name", ["A"])

    def test_a_show_that_comes_after_its_nfo_was_read(self):
        self.put("Other/Other S01E01.mkv", b"0")
        self.put("Lost/tvshow.nfo", b"<tvshow><title>Lost!</title></tvshow>")
        host = self.begin()
        library = self.make(host, "tvshow")
        host.wait("it is read", lambda: self.rows(host, "SELECT probe FROM library_file WHERE kind = 'nfo'") == [(1,)])
        self.put("Lost/Season 1/Lost S01E01.mkv", b"1", old=False)
        host.wait("it is told", lambda: self.titles(host) == ["Lost!", "Other"])
        shutil.move(self.media / "Lost", self.media / "Found")
        host.wait("with its folder", lambda: self.title(host, "Lost!")["files"] == 1)
        self.scan(host, library)
        self.assertEqual(self.titles(host), ["Lost!", "Other"])


class Interrupted(NfoTest):
    def begin_again(self, host):
        host.start()
        host.wait("library runs", lambda: host.plugin("library")["state"] in ("running", "degraded"))

    def test_killed_between_reading_and_placing(self):
        """What such a kill leaves: the words are there, the folder has no signature, nothing is called by them."""
        self.film("A (2001)", movie("Told"))
        self.put("B/Season 1/B S01E01.mkv", b"1")
        host = self.begin()
        self.make(host)
        self.becomes(host, "it is told", ["B S01E01", "Told"])
        host.process.kill()
        host.end()
        database = self.data(host)
        with database:
            database.execute("DELETE FROM library_metadata")
            database.execute("UPDATE library_title SET name = 'A', told_by = NULL WHERE name = 'Told'")
            database.execute("UPDATE library_item SET name = 'A', told_by = NULL WHERE name = 'Told'")
            database.execute("UPDATE library_folder SET signature = ? WHERE path = ?", (b"tagged", b"A (2001)"))
        database.close()
        self.begin_again(host)
        self.becomes(host, "the next look completes it", ["B S01E01", "Told"])
        self.assertEqual(self.item(host, "Told")["metadata"]["title"], "Told")

    def test_killed_at_any_moment_the_next_look_completes_it(self):
        films, kills = (300, 40) if LONG else (60, 4 if SANITIZED else 8)
        for i in range(films):
            self.film(f"F{i} (2001)", movie(f"Told {i}"))
        host = self.begin()
        status, made = self.ask(host, "POST", "/api/v1/libraries", {"name": "F", "type": "movie", "paths": [str(self.media)]})
        chance = random.Random(7)
        said = {}
        for kill in range(kills):
            time.sleep(chance.random() * 0.4)  # the moment is the point
            host.process.send_signal(signal.SIGKILL)
            host.process.wait()
            host.end()
            database = self.data(host)
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            self.assertEqual(database.execute("PRAGMA foreign_key_check").fetchall(), [])
            database.close()
            for i in chance.sample(range(films), films // 4):
                path = self.media / f"F{i} (2001)" / "movie.nfo"
                if chance.random() < 0.5:
                    path.unlink(missing_ok=True)
                    said[i] = f"F{i}"
                else:
                    said[i] = f"Told {i} in {kill}"
                    path.write_bytes(movie(said[i]))
                    os.utime(path, (test_library.OLD + kill, test_library.OLD + kill))
            self.begin_again(host)
        self.becomes(host, "all are called as they are told", sorted(said.get(i, f"Told {i}") for i in range(films)))
        told = sum(1 for i in range(films) if said.get(i, "Told").startswith("Told"))
        database = self.data(host)
        self.assertEqual(database.execute("SELECT count(*) FROM library_metadata").fetchone()[0], told)
        database.close()

    def test_a_catalogue_of_the_step_before_is_taken_on(self):
        self.film("A (2001)", movie("Told"))
        self.put("A (2001)/A (2001).en.srt", b"1")
        host = self.begin(probes=1)
        library = self.make(host)
        self.becomes(host, "it is told", ["Told"])
        before = self.item(host, "Told")
        host.stop()
        tables = SCHEMA.read_text().split('kTables = R"(')[1].split(')";')[0]
        database = self.data(host)
        kept = {}
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'library!_%' ESCAPE '!'")]
        with database:
            database.execute("PRAGMA foreign_keys = OFF")
            for name in names:
                kept[name] = [dict(zip([c[0] for c in rows.description], row)) for rows in [database.execute(f"SELECT * FROM {name}")] for row in rows]
                database.execute(f"DROP TABLE {name}")
            database.executescript(tables)
            for name in names:
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({name})")]
                for row in kept[name] if columns else []:
                    if row.get("kind") == "nfo":
                        continue
                    if row.get("name") == "Told":
                        row["name"], row["sort"] = "A", "a"
                    if "signature" in row:
                        row["signature"] = b"of what there was without sidecars"
                    database.execute(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", [row[c] for c in columns])
            gone = database.execute("DELETE FROM revenge_migrations WHERE name = 'metadata'").rowcount
        self.assertEqual(gone, 1)
        database.close()
        self.begin_again(host)
        self.becomes(host, "it is told again", ["Told"])
        self.assertEqual(self.item(host, "Told")["id"], before["id"])

    def test_the_next_version_goes_on_with_them(self):
        for i in range(30):
            self.film(f"F{i} (2001)", movie(f"Told {i}"))
        host = self.begin()
        self.ask(host, "POST", "/api/v1/libraries", {"name": "F", "type": "movie", "paths": [str(self.media)]})
        swapped = host.swap("library", NEXT_LIBRARY)
        self.assertEqual(swapped.status, 200, swapped.body)
        self.becomes(host, "all are told", sorted(f"Told {i}" for i in range(30)))


class OnPostgresql(Described, Isolated, FollowedNfo):
    """The same on a server."""

    @classmethod
    def setUpClass(cls):
        cls.databases = 0

    def setUp(self):
        super().setUp()
        type(self).databases += 1
        self.database = f"nfo{self.databases}"
        test_library.server.sql(f"CREATE DATABASE {self.database}")
        self.url = test_library.server.url.replace("/postgres?", f"/{self.database}?")


if __name__ == "__main__":
    unittest.main()
