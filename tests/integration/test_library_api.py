"""What clients are told of libraries, titles and items, on SQLite and on a real PostgreSQL. Names beginning with a A and a number are
the cases of acceptance of the interface."""

import gzip
import http.client
import json
import random
import sqlite3
import threading
import time
import unittest
import urllib.parse
import uuid

from host import Answer, BUILD, HostTest, PATIENCE
from postgresql import Postgresql

DATABASE = BUILD / "plugins" / "database"
LIBRARY = BUILD / "plugins" / "library"
NEXT_LIBRARY = BUILD / "swap" / "0.2.0" / "library"
API = "/api/v1"


def setUpModule():
    global server
    server = Postgresql()


def tearDownModule():
    server.close()


def title_id(number):
    return uuid.UUID(int=(7 << 76) | (2 << 62) | number)


class Rows:
    """Writes rows of the catalogue past the plugin, as a scan would."""

    def __init__(self, test, host):
        self.test, self.host, self.statements = test, host, []

    def add(self, table, **values):
        self.statements.append((table, values))

    def film(self, library, number, name, year=None, files=1, added=None, sort=None):
        """A title with one item of the same id."""
        id = title_id(number)
        added = number * 1000 if added is None else added
        sort = name.lower() if sort is None else sort
        self.add("library_title", id=id, library=library, kind="movie", name=name, sort=sort, match_key=f"m{number}", year=year, added_us=added)
        self.add("library_item", id=id, library=library, title=id, kind="movie", slot="m", name=name, sort=sort, year=year, files=files,
                 added_us=added)
        return id

    def file(self, item, number, name, root, **values):
        self.add("library_folder", id=number, root=root, path=f"f{number}".encode(), signature=b"")
        self.add("library_file", **{**dict(id=title_id(number), folder=number, name=name, item=item, kind="video", bytes=7, modified_ns=10**9,
                                           device=1, inode=number, probe=3, added_us=0), **values})

    def write(self):
        self.test.execute(self.host, self.statements)
        self.statements = []


class LibraryTest(HostTest):
    def begin(self, config=None):
        host = self.running(plugins=(DATABASE, LIBRARY), config=config, options=["workers.threads=8"])
        for id in ("database", "library"):
            host.wait(f"{id} runs", lambda id=id: host.plugin(id)["state"] in ("running", "degraded"))
        return host

    def send(self, host, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None and "content-type" not in headers:
            headers["content-type"] = "application/merge-patch+json" if method == "PATCH" else "application/json"
        connection = host.connect()
        try:
            connection.request(method, API + path, body=body, headers=headers)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ask(self, host, path, status=200, **headers):
        answer = self.send(host, "GET", path, **headers)
        self.assertEqual(answer.status, status, f"{path}: {answer.body!r}\n{host.logged()[-3000:]}")
        return answer.json

    def folder(self, name):
        path = self.media / name
        path.mkdir(exist_ok=True)
        return str(path)

    def make(self, host, name="Films", type="movie", folders=None):
        """A library whose first scan has ended."""
        paths = folders or [self.folder(name)]
        answer = self.send(host, "POST", "/libraries", {"name": name, "type": type, "paths": paths})
        self.assertEqual(answer.status, 201, f"{answer.body!r}\n{host.logged()[-3000:]}")
        self.scanned(host, answer.json["id"])
        return answer

    def scanned(self, host, id):
        def ended():
            scan = self.ask(host, f"/libraries/{id}/scan")
            return scan["state"] == "idle" and scan["number"] > 0
        host.wait("the scan has ended", ended)

    def codes(self, answer, status=422):
        self.assertEqual(answer.status, status, answer.body)
        return sorted((one["field"], one["code"]) for one in answer.json["details"])

    def films(self, host, count, **more):
        library = self.make(host).json["id"]
        rows = Rows(self, host)
        for number in range(count):
            rows.film(library, number, f"Film {number:05}", year=1950 + number % 70, **more)
        rows.write()
        return library

    def walk(self, host, path, between=lambda page: None):
        """All ids by cursors, and how many pages."""
        ids, cursor, pages = [], "", 0
        while True:
            page = self.ask(host, path + (f"&cursor={cursor}" if cursor else ""))
            ids += [item["id"] for item in page["data"]]
            pages += 1
            between(page)
            cursor = page["next_cursor"]
            if not cursor:
                return ids, pages


class EveryDatabase:
    def test_a_library_is_made_shown_changed_and_deleted(self):
        host = self.start()
        self.assertEqual(self.ask(host, "/libraries")["data"], [])
        made = self.make(host)
        path = made.headers["location"].removeprefix(API)
        self.assertEqual(path, "/libraries/" + made.json["id"])
        shown = self.send(host, "GET", path)
        self.assertEqual({name: shown.json[name] for name in ("name", "type", "paths", "state", "items", "files")},
                         {"name": "Films", "type": "movie", "paths": [self.folder("Films")], "state": "online", "items": 0, "files": 0})
        self.assertRegex(shown.json["created_at"], r"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.send(host, "GET", path, if_none_match=shown.headers["etag"]).status, 304)
        patched = self.send(host, "PATCH", path, {"name": "Movies"}, if_match=shown.headers["etag"])
        self.assertEqual((patched.status, patched.json["name"], patched.json["paths"]), (200, "Movies", [self.folder("Films")]))
        self.assertNotEqual(patched.headers["etag"], shown.headers["etag"])
        put = self.send(host, "PUT", path, {"name": "Films", "type": "movie", "paths": [self.folder("b"), self.folder("Films")]},
                        if_match=patched.headers["etag"])
        self.assertEqual((put.status, put.json["paths"]), (200, [self.folder("b"), self.folder("Films")]))
        [listed] = self.ask(host, "/libraries")["data"]
        self.assertEqual(listed["paths"], put.json["paths"])
        self.assertEqual(self.send(host, "DELETE", path, if_match=put.headers["etag"]).status, 204)
        self.assertEqual(self.send(host, "DELETE", path, if_match=put.headers["etag"]).status, 404)
        self.ask(host, path, 404)
        self.assertEqual(self.ask(host, "/libraries")["total"], 0)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_what_a_change_replaced_is_kept(self):
        host = self.start()
        made = self.make(host)
        answer = made
        for name in ("B", "C"):
            answer = self.send(host, "PATCH", "/libraries/" + made.json["id"], {"name": name}, if_match=answer.headers["etag"])
        self.assertEqual(self.query(host, "SELECT revision, name FROM library_library_history ORDER BY revision"),
                         [(1, "Films"), (2, "B")])

    def test_a1_every_field_that_is_wrong_is_told_at_once(self):
        host = self.start()
        answer = self.send(host, "POST", "/libraries", {"name": "", "type": "x", "paths": []})
        self.assertEqual(self.codes(answer), [("/name", "REQUIRED"), ("/paths", "REQUIRED"), ("/type", "NOT_ONE_OF")])
        self.assertEqual(answer.json["code"], "VALIDATION_FAILED")
        self.assertEqual(answer.json["request_id"], answer.headers["x-request-id"])
        problem = self.send(host, "POST", "/libraries", {}, accept="application/problem+json")
        self.assertEqual(problem.headers["content-type"], "application/problem+json")
        self.assertEqual((problem.json["status"], len(problem.json["errors"])), (422, 3))

    def test_a2_a_walk_by_cursor_sees_each_old_row_once(self):
        host = self.start()
        library = self.films(host, 1000)
        for turn, sort in enumerate(("title", "-title", "-added", "year", "-year,title", "year,-added")):
            with self.subTest(sort=sort):
                old = {item[0] for item in self.query(host, "SELECT id FROM library_item WHERE sort LIKE 'film%'")}
                pages = []

                def between(page, turn=turn):
                    pages.append(page)
                    rows = Rows(self, host)
                    if len(pages) == 1:
                        for number in range(10):
                            rows.film(library, 2000 + turn * 10 + number, f"A new one {number}", year=1950)
                        rows.write()

                ids, count = self.walk(host, f"/items?library_id={library}&limit=100&sort={sort}", between)
                self.assertGreaterEqual(count, 10)
                self.assertEqual(len(ids), len(set(ids)))
                self.assertLessEqual({str(uuid.UUID(bytes=bytes(id))) for id in old}, set(ids))

    def test_a2_the_last_row_seen_may_be_deleted(self):
        host = self.start()
        library = self.films(host, 300)
        deleted = []

        def between(page):
            last = page["data"][-1]["id"]
            deleted.append(last)
            self.change(host, f"DELETE FROM library_title WHERE id = {self.blob(uuid.UUID(last))}")

        ids, _ = self.walk(host, f"/items?library_id={library}&limit=50&sort=-year", between)
        self.assertEqual(len(ids), 300)
        self.assertEqual(len(set(ids)), 300)

    def test_a3_a_cursor_is_of_one_list(self):
        host = self.start()
        library = self.films(host, 30)
        cursor = self.ask(host, f"/items?library_id={library}&limit=10")["next_cursor"]
        self.ask(host, f"/items?library_id={library}&limit=20&cursor={cursor}")
        flipped = cursor[:20] + ("A" if cursor[20] != "A" else "B") + cursor[21:]
        for path, code in ((f"/items?library_id={library}&cursor={flipped}", "CURSOR_INVALID"), ("/items?cursor=x", "CURSOR_INVALID"),
                           (f"/items?cursor={cursor}", "CURSOR_MISMATCH"), (f"/titles?library_id={library}&cursor={cursor}", "CURSOR_MISMATCH"),
                           (f"/items?library_id={library}&sort=-title&cursor={cursor}", "CURSOR_MISMATCH")):
            self.assertEqual(self.ask(host, path, 400)["code"], code, path)
        self.assertEqual(self.codes(self.send(host, "GET", f"/items?library_id={library}&offset=0&cursor={cursor}")), [("cursor", "NOT_WITH_OFFSET")])

    def test_a4_a_limit_outside_1_to_100_is_refused(self):
        host = self.start()
        for list in ("libraries", "items", "titles"):
            for limit in ("0", "101", "abc", "-1", "1e9"):
                [(field, _)] = self.codes(self.send(host, "GET", f"/{list}?limit={limit}"))
                self.assertEqual(field, "limit", limit)

    def test_a5_a_change_names_what_it_changes(self):
        host = self.start()
        made = self.make(host)
        path, etag = "/libraries/" + made.json["id"], made.headers["etag"]
        body = {"name": "Other", "type": "movie", "paths": made.json["paths"]}
        for method, content in (("PUT", body), ("PATCH", {"name": "Other"}), ("DELETE", None)):
            self.assertEqual(self.send(host, method, path, content).status, 428, method)
            for tag in ('"x"', '"0.00"', "W/" + etag):
                self.assertEqual(self.send(host, method, path, content, if_match=tag).status, 412, (method, tag))
        self.assertEqual(self.ask(host, path)["name"], "Films")
        self.assertEqual(self.send(host, "PUT", path, body, if_match=etag).status, 200)
        self.assertEqual(self.send(host, "PUT", path, body, if_match=etag).status, 412)

    def test_a5_of_many_changes_of_one_state_one_is_made(self):
        host = self.start()
        made = self.make(host)
        path, etag = "/libraries/" + made.json["id"], made.headers["etag"]
        statuses = []
        threads = [threading.Thread(target=lambda i=i: statuses.append(self.send(host, "PATCH", path, {"name": f"N{i}"}, if_match=etag).status))
                   for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200] + [412] * 7)

    def test_a6_of_many_that_make_the_same_one_is_made(self):
        host = self.start()
        body = {"name": "Films", "type": "movie", "paths": [self.folder("Films")]}
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.send(host, "POST", "/libraries", body, idempotency_key="k")))
                   for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        [made] = [answer for answer in answers if answer.status == 201]
        self.assertEqual({answer.status for answer in answers if answer is not made}, {409})
        self.assertEqual({answer.json["details"]["id"] for answer in answers if answer is not made}, {made.json["id"]})
        self.assertEqual(self.ask(host, "/libraries")["total"], 1)

    def test_a7_other_forms_are_refused(self):
        host = self.start()
        answer = self.send(host, "GET", "/libraries", accept="text/html")
        self.assertEqual((answer.status, answer.headers["content-type"], answer.json["code"]), (406, "application/json", "NOT_ACCEPTABLE"))
        made = self.make(host)
        for method, path, wanted in (("POST", "/libraries", "accept-post"), ("PATCH", "/libraries/" + made.json["id"], "accept-patch")):
            for type in ("text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1"):
                answer = self.send(host, method, path, b"{}", content_type=type)
                self.assertEqual(answer.status, 415, (method, type))
                self.assertIn(wanted, answer.headers)

    def test_a8_a13_methods_a_route_does_not_have(self):
        host = self.start()
        some = uuid.uuid4()
        for path, allowed in (("/libraries", "GET HEAD POST"), (f"/libraries/{some}", "GET HEAD PUT PATCH DELETE"),
                              (f"/libraries/{some}/scan", "GET HEAD POST DELETE"), ("/items", "GET HEAD"), (f"/items/{some}", "GET HEAD"),
                              ("/titles", "GET HEAD"), (f"/titles/{some}", "GET HEAD")):
            for method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - set(allowed.split()):
                answer = self.send(host, method, path)
                self.assertEqual(answer.status, 405, (method, path))
                self.assertEqual(set(answer.headers["allow"].replace(" ", "").split(",")) - {"OPTIONS"}, set(allowed.split()), path)

    def test_a9_a_body_of_64_mib_is_refused_before_it_is_read(self):
        host = self.start()
        connection = host.connect()
        begun = time.monotonic()
        connection.putrequest("POST", API + "/libraries")
        connection.putheader("content-type", "application/json")
        connection.putheader("content-length", str(64 << 20))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        self.assertLess(time.monotonic() - begun, 1)
        connection.close()

    def test_a10_links_are_relative(self):
        host = self.start()
        self.films(host, 5)
        answer = self.send(host, "GET", "/items?limit=2&offset=2&q=film", Host="evil.example")
        self.assertEqual(answer.headers["link"], ", ".join(
            f'<{API}/items?q=film&limit=2&offset={offset}>; rel="{rel}"' for rel, offset in (("first", 0), ("prev", 0), ("next", 4), ("last", 4))))

    def test_a11_a_compressed_body_is_not_unpacked(self):
        host = self.start()
        answer = self.send(host, "POST", "/libraries", gzip.compress(b"[" * (100 << 10)), content_encoding="gzip")
        self.assertEqual(answer.status, 415)
        self.assertEqual(answer.headers["accept-encoding"], "identity")

    def test_a13_whatever_is_sent_is_never_an_error_of_the_server(self):
        host = self.start()
        made = self.make(host)
        whole = json.dumps({"name": "N", "type": "movie", "paths": made.json["paths"]}).encode()
        chance = random.Random(1)
        for _ in range(400):
            body = bytearray(whole)
            for _ in range(chance.randrange(1, 6)):
                at = chance.randrange(len(body))
                body[at:at + chance.randrange(3)] = bytes(chance.randrange(256) for _ in range(chance.randrange(3)))
            method, path = chance.choice((("POST", "/libraries"), ("PATCH", "/libraries/" + made.json["id"])))
            answer = self.send(host, method, path, bytes(body), if_match='"1.0"')
            self.assertLess(answer.status, 500, (bytes(body), answer.body))
        for query in ("q=%00", "q=%ff", "sort=%00", "cursor=%ff", "library_id=%00", "%ff=1", "year=99999999999999999999", "offset=1000000000"):
            self.assertIn(self.send(host, "GET", "/items?" + query).status, (200, 400, 422), query)

    def test_malformed_bodies_are_told_with_their_place(self):
        host = self.start()
        answer = self.send(host, "POST", "/libraries", b'{"name": "a",\n "name": "b"}')
        self.assertEqual((answer.status, answer.json["code"], answer.json["details"]["line"]), (400, "MALFORMED_JSON", 2))
        for body in (b"", b"{", b'{"name": "\xff"}', b"[" * 65 + b"]" * 65, b'{"name": 123456789012345678901234567890}'):
            self.assertEqual(self.send(host, "POST", "/libraries", body).status, 400, body)

    def test_a14_head_is_get_without_the_body(self):
        host = self.start()
        library = self.films(host, 3)
        for path in ("/libraries", f"/libraries/{library}", "/items?limit=2", f"/items/{title_id(1)}", "/titles", f"/titles/{title_id(1)}", "/items?limit=0"):
            get, head = self.send(host, "GET", path), self.send(host, "HEAD", path)
            self.assertEqual(head.status, get.status, path)
            drop = ("date", "x-request-id") + (("content-length",) if get.status >= 400 else ())
            self.assertEqual({k: v for k, v in head.headers.items() if k not in drop}, {k: v for k, v in get.headers.items() if k not in drop})
            self.assertEqual(head.body, b"")

    def test_a16_other_paths_are_nothing(self):
        host = self.start()
        library = self.films(host, 1)
        for path in ("/libraries/", "//libraries", f"/libraries/{library}/", "/items/%2e%2e/libraries/x", "/items/%00", "/items/..%2f..", "/items/x",
                     f"/libraries/{library}x"):
            self.assertIn(self.send(host, "GET", path).status, (400, 404), path)

    def test_a17_a_swap_fails_no_request_and_ends_no_cursor(self):
        host = self.start()
        library = self.films(host, 200)
        stop, walks, lock = threading.Event(), [], threading.Lock()

        def walk():
            while not stop.is_set():
                ids, _ = self.walk(host, f"/items?library_id={library}&limit=20&sort=-year")
                with lock:
                    walks.append(len(set(ids)))

        threads = [threading.Thread(target=walk) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            host.wait("they walk", lambda: len(walks) >= 3)
            swapped = host.swap("library", NEXT_LIBRARY)
            before = len(walks)
            host.wait("they walk on", lambda: len(walks) >= before + 6 or not any(thread.is_alive() for thread in threads))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertEqual(swapped.status, 200, swapped.body)
        self.assertEqual(host.plugin("library")["version"], "0.2.0")
        self.assertGreaterEqual(len(walks), before + 6)
        self.assertEqual(set(walks), {200})

    def test_a19_names_of_every_script_come_back(self):
        host = self.start()
        for name in ("\U0001f3ac\U0001f468‍\U0001f469", "שלום עולם", "中文𠀀", "e\u0301", "O'Brien \"x\" %_!"):
            folder = self.folder(name.replace('"', ""))
            answer = self.send(host, "POST", "/libraries", {"name": name, "type": "music", "paths": [folder]})
            self.assertEqual((answer.status, answer.json["name"], answer.json["paths"]), (201, name, [folder]))
            self.assertEqual(self.ask(host, "/libraries/" + answer.json["id"])["name"], name)

    def test_a20_behind_the_end_is_nothing(self):
        host = self.start()
        self.films(host, 3)
        page = self.ask(host, "/items?offset=1000")
        self.assertEqual(page, {"data": [], "total": 3, "limit": 50, "offset": 1000, "next_cursor": ""})

    def test_names_of_libraries_are_unique(self):
        host = self.start()
        films, shows = self.make(host), self.make(host, name="Shows", type="tvshow")
        answer = self.send(host, "POST", "/libraries", {"name": "Shows", "type": "movie", "paths": films.json["paths"]})
        self.assertEqual((answer.status, answer.json["code"], answer.json["details"]), (409, "NAME_TAKEN", {"id": shows.json["id"]}))
        path = "/libraries/" + films.json["id"]
        answer = self.send(host, "PATCH", path, {"name": "Shows"}, if_match=films.headers["etag"])
        self.assertEqual((answer.status, answer.json["details"]), (409, {"id": shows.json["id"]}))
        self.assertEqual(self.ask(host, path)["name"], "Films")
        answer = self.send(host, "PATCH", path, {"type": "music"}, if_match=films.headers["etag"])
        self.assertEqual(self.codes(answer), [("/type", "NOT_CHANGEABLE")])

    def test_a_path_that_is_taken_away_takes_what_lay_below(self):
        host = self.start()
        made = self.make(host, folders=[self.folder("a"), self.folder("b")])
        library = made.json["id"]
        roots = dict(self.query(host, "SELECT place, id FROM library_root"))
        rows = Rows(self, host)
        both, gone = rows.film(library, 1, "Both", files=2), rows.film(library, 2, "Gone")
        rows.file(both, 1, b"a.mkv", roots[0])
        rows.file(both, 2, b"b.mkv", roots[1])
        rows.file(gone, 3, b"c.mkv", roots[1])
        rows.write()
        shown = self.send(host, "GET", f"/libraries/{library}")
        self.assertEqual((shown.json["items"], shown.json["files"]), (2, 3))
        answer = self.send(host, "PATCH", f"/libraries/{library}", {"paths": [self.folder("a")]}, if_match=shown.headers["etag"])
        self.assertEqual((answer.status, answer.json["items"], answer.json["files"]), (200, 1, 1), answer.body)
        self.ask(host, f"/items/{gone}", 404)
        self.ask(host, f"/titles/{gone}", 404)

    def test_a_library_that_is_deleted_leaves_nothing(self):
        host = self.start()
        made = self.make(host)
        rows = Rows(self, host)
        film = rows.film(made.json["id"], 1, "Film")
        rows.file(film, 1, b"a.mkv", self.query(host, "SELECT id FROM library_root")[0][0])
        rows.write()
        self.assertEqual(self.send(host, "DELETE", "/libraries/" + made.json["id"], if_match=made.headers["etag"]).status, 204)
        for table in ("library", "library_history", "root", "folder", "title", "item", "file"):
            self.assertEqual(self.query(host, f"SELECT count(*) FROM library_{table}"), [(0,)], table)

    def test_scans(self):
        host = self.start()
        path = "/libraries/" + self.make(host).json["id"] + "/scan"
        scan = self.ask(host, path)
        self.assertEqual((scan["state"], scan["complete"], scan["cancelled"], scan["problems"]), ("idle", True, False, []))
        self.assertGreaterEqual(scan["took_ms"], 0)
        self.assertIn("ended_at", scan)
        started = self.send(host, "POST", path)
        self.assertEqual((started.status, started.headers["location"]), (202, API + path))
        host.wait("it has run again", lambda: self.ask(host, path)["number"] > scan["number"] and self.ask(host, path)["state"] == "idle")
        self.assertEqual(self.send(host, "DELETE", path).status, 404)
        for method in ("GET", "POST", "DELETE"):
            self.assertEqual(self.send(host, method, f"/libraries/{uuid.uuid4()}/scan").status, 404)

    def test_a_library_whose_disk_is_away_says_so_and_can_be_renamed(self):
        host = self.start()
        made = self.make(host, folders=[self.folder("a"), self.folder("b")])
        path = "/libraries/" + made.json["id"]
        self.media.joinpath("b").rmdir()
        self.send(host, "POST", path + "/scan")
        host.wait("it is offline", lambda: self.ask(host, path)["state"] == "offline")
        shown = self.send(host, "GET", path)
        [a, b] = shown.json["roots"]
        self.assertEqual((a["state"], b["state"]), ("online", "offline"))
        self.assertTrue(b["reason"])
        self.assertEqual(self.send(host, "PATCH", path, {"name": "Renamed"}, if_match=shown.headers["etag"]).status, 200)
        answer = self.send(host, "PATCH", path, {"paths": [self.folder("a"), str(self.media / "c")]}, if_match="*")
        self.assertEqual(self.codes(answer), [("/paths/1", "NOT_FOUND")])

    def test_lists_are_narrowed_and_sorted(self):
        host = self.start()
        library, other = self.make(host).json["id"], self.make(host, name="Other").json["id"]
        rows = Rows(self, host)
        rows.film(library, 1, "The Matrix", 1999, sort="matrix")
        rows.film(library, 2, "Matrix Reloaded", 2003)
        rows.film(library, 3, "100% Wolf_", None)
        rows.film(library, 4, "Ünder", 1950, sort="ünder")
        rows.film(library, 5, "Missing", 1999, files=0)
        rows.film(other, 6, "Elsewhere", 1999)
        rows.write()

        def names(query, list="items"):
            page = self.ask(host, f"/{list}?{query}")
            self.assertEqual(page["total"], len(page["data"]))
            return [one["name"] for one in page["data"]]

        for list in ("items", "titles"):
            one = f"library_id={library}&"
            self.assertEqual(names("", list), ["100% Wolf_", "Elsewhere", "The Matrix", "Matrix Reloaded", "Ünder"] if list == "titles" else
                             ["100% Wolf_", "Elsewhere", "The Matrix", "Matrix Reloaded", "Ünder"])
            self.assertEqual(names(one + "sort=-added", list), ["Ünder", "100% Wolf_", "Matrix Reloaded", "The Matrix"])
            self.assertEqual(names(one + "sort=year", list), ["100% Wolf_", "Ünder", "The Matrix", "Matrix Reloaded"])
            self.assertEqual(names("year=1999&sort=title", list), ["Elsewhere", "The Matrix"])
            self.assertEqual(names("year_to=1999&sort=added", list), ["The Matrix", "Ünder", "Elsewhere"])
            self.assertEqual(names("year_from=2000", list), ["Matrix Reloaded"])
            self.assertEqual(names(one + "year=1999&missing=true", list), ["The Matrix", "Missing"])
            self.assertEqual(names("q=THE+MAT", list), ["The Matrix"])
            self.assertEqual(names("q=%C3%9CNDER", list), ["Ünder"])
            self.assertEqual(names("q=%25", list), ["100% Wolf_"])
            self.assertEqual(names("q=f_", list), ["100% Wolf_"])
            self.assertEqual(names("q=nothing", list), [])
            self.assertEqual(names(f"library_id={uuid.uuid4()}", list), [])
        self.assertEqual(names(f"title_id={title_id(2)}"), ["Matrix Reloaded"])
        self.assertEqual(names("kind=episode"), [])

    def test_an_item_shows_its_title_and_files_and_no_path(self):
        host = self.start()
        made = self.make(host)
        library, [(root,)] = made.json["id"], self.query(host, "SELECT id FROM library_root")
        rows = Rows(self, host)
        show = title_id(1)
        rows.add("library_title", id=show, library=library, kind="show", name="Show", sort="show", match_key="show", year=2010, imdb="tt7", added_us=0)
        episode = title_id(2)
        rows.add("library_item", id=episode, library=library, title=show, kind="episode", slot="s02e05", name="Five", sort="five", season=2, episode=5,
                 episode_last=6, air_date="2011-02-03", files=2, added_us=0)
        rows.file(episode, 1, b"a.mkv", root, version=0, resolution="1080p", probe=1, facts='{"width":1920}', duration_ms=1500)
        rows.file(episode, 2, b"\xff.mkv", root, version=1, label="Cut", probe=2, probe_error="no video")
        rows.file(episode, 3, b"trailer.mkv", root, extra="trailer", probe=0)
        rows.file(episode, 4, b"a.en.srt", root, kind="subtitle", label="en", facts='{"forced":true}', missing_us=0)
        rows.write()
        answer = self.send(host, "GET", f"/items/{episode}")
        item = answer.json
        self.assertEqual(item["title"], {"id": str(show), "name": "Show", "year": 2010, "ids": {"imdb": "tt7"}})
        self.assertEqual([item[name] for name in ("kind", "season", "episode", "episode_last", "air_date")], ["episode", 2, 5, 6, "2011-02-03"])
        first, second = item["versions"]
        self.assertEqual((first["resolution"], first["files"]), ("1080p", [{
            "id": str(title_id(1)), "name": "a.mkv", "bytes": 7, "modified_at": "1970-01-01T00:00:01.000Z", "probe": "done", "duration_ms": 1500,
            "facts": {"width": 1920}}]))
        self.assertEqual([second["label"], second["files"][0]["name"], second["files"][0]["probe_error"]], ["Cut", "\ufffd.mkv", "no video"])
        self.assertEqual([(one["type"], one["probe"]) for one in item["extras"]], [("trailer", "waiting")])
        self.assertEqual([(one["language"], one["facts"], one["missing_since"]) for one in item["subtitles"]],
                         [("en", {"forced": True}, "1970-01-01T00:00:00.000Z")])
        self.assertNotIn(str(self.media), answer.body.decode())
        self.assertEqual(self.send(host, "GET", f"/items/{episode}", if_none_match=answer.headers["etag"]).status, 304)
        title = self.ask(host, f"/titles/{show}")
        self.assertEqual([title[name] for name in ("kind", "seasons", "items", "files")], ["show", 1, 1, 2])
        self.assertEqual(self.ask(host, "/items?season=2&kind=episode")["total"], 1)

    def test_a_long_list_has_an_estimated_total(self):
        host = self.start()
        library = self.films(host, 10_001)
        page = self.ask(host, f"/items?library_id={library}&limit=1")
        self.assertEqual((page["total"], page["total_is_estimate"]), (10_000, True))
        self.assertNotIn('rel="last"', self.send(host, "GET", "/items?limit=1").headers["link"])
        self.change(host, f"DELETE FROM library_title WHERE id = {self.blob(title_id(3))}")
        self.assertNotIn("total_is_estimate", self.ask(host, "/items"))

    def test_pages_are_read_from_an_index(self):
        host = self.start()
        library = uuid.UUID(self.films(host, 2000))
        one = f"library = {self.blob(library)}"
        # Of one library by its own index, or, where most rows are of it, by that of all.
        for table, where, key, index in (("item", one, "sort", "sort"), ("item", one, "added_us", "added"), ("item", "1 = 1", "sort", "all_sort"),
                                         ("item", "1 = 1", "added_us", "all_added"), ("title", one, "sort", "sort")):
            for way, compared in (("", ">"), (" DESC", "<")):
                behind = f"({key}, id) {compared} ({100 if key == 'added_us' else repr('film 00100')}, {self.blob(title_id(100))})"
                plan = self.plan(host, f"SELECT id FROM library_{table} WHERE {where} AND {behind} ORDER BY {key}{way}, id{way} LIMIT 50")
                self.assertRegex(plan, f"library_{table}_(all_)?{index}", f"{key}{way}: {plan}")
                self.assertNotRegex(plan, "TEMP B-TREE|Sort Key", f"{key}{way}: {plan}")


class OnSqlite(EveryDatabase, LibraryTest):
    def start(self):
        return self.begin()

    def test_paths_lie_in_the_folders_that_the_operator_allows(self):
        host = self.begin(config=f"plugins: {{library: {{folders_within: [{self.folder('in')}]}}}}\n")
        self.media.joinpath("in", "link").symlink_to(self.folder("out"))
        paths = [self.folder("in"), self.folder("out"), "/etc", str(self.media / "in" / "link")]
        answer = self.send(host, "POST", "/libraries", {"name": "N", "type": "movie", "paths": paths})
        self.assertEqual(self.codes(answer), [(f"/paths/{i}", "NOT_ALLOWED") for i in (1, 2, 3)])

    def data(self, host):
        [file] = list((host.root / "state").rglob("revenge.db"))
        connection = sqlite3.connect(file, timeout=PATIENCE)
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def execute(self, host, statements):
        connection = self.data(host)
        with connection:
            for table, values in statements:
                plain = [value.bytes if isinstance(value, uuid.UUID) else uuid.UUID(value).bytes if name in ("library", "title", "item") and
                         isinstance(value, str) else value for name, value in values.items()]
                connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", plain)
        connection.close()

    def change(self, host, text):
        connection = self.data(host)
        with connection:
            connection.execute(text)
        connection.close()

    def query(self, host, text):
        connection = self.data(host)
        try:
            return connection.execute(text).fetchall()
        finally:
            connection.close()

    def blob(self, id):
        return f"x'{id.hex}'"

    def plan(self, host, text):
        return "\n".join(str(row[3]) for row in self.query(host, "EXPLAIN QUERY PLAN " + text))


class OnPostgresql(EveryDatabase, LibraryTest):
    def start(self):
        server.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.begin(config=f"plugins: {{database: {{url: '{server.url}'}}}}\n")

    def test_while_the_database_is_away_clients_are_told_to_come_again(self):
        own = Postgresql()
        self.addCleanup(own.close)
        host = self.begin(config=f"plugins: {{database: {{url: '{own.url}'}}}}\n")
        made = self.make(host)
        own.kill()
        for method, path in (("GET", "/items"), ("GET", "/libraries"), ("DELETE", "/libraries/" + made.json["id"])):
            answer = self.send(host, method, path, if_match="*")
            self.assertEqual((answer.status, answer.headers["retry-after"], answer.json["code"]), (503, "1", "UNAVAILABLE"), answer.body)
        own.start()
        host.wait("it serves again", lambda: self.send(host, "GET", "/items").status == 200)

    def literal(self, name, value):
        if value is None:
            return "NULL"
        if isinstance(value, uuid.UUID) or (name in ("library", "title", "item") and isinstance(value, str)):
            return self.blob(uuid.UUID(str(value)))
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'::bytea"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return str(value)

    def execute(self, host, statements):
        text = "\n".join(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(self.literal(*one) for one in values.items())});"
                         for table, values in statements)
        file = server.root / "rows.sql"
        file.write_text("BEGIN;\n" + text + "\nCOMMIT;\n")
        file.chmod(0o644)
        server.run("psql", "-qAtX", "-h", server.root, "-p", server.port, "-U", "revenge", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-f", file)

    def change(self, host, text):
        server.sql(text)

    def query(self, host, text):
        rows = json.loads(server.sql(f"SELECT coalesce(json_agg(row_to_json(q)), '[]') FROM ({text}) q"))
        typed = lambda value: bytes.fromhex(value[2:]) if isinstance(value, str) and value.startswith("\\x") else value
        return [tuple(typed(value) for value in row.values()) for row in rows]

    def blob(self, id):
        return f"'\\x{id.hex}'::bytea"

    def plan(self, host, text):
        return server.sql("ANALYZE; SET enable_seqscan = off; SET enable_bitmapscan = off; EXPLAIN " + text)


if __name__ == "__main__":
    unittest.main()
