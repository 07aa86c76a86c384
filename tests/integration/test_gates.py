"""What flags do to plugins and routes of the built host: who is served by whom, and what off and on do under load."""

import http.client
import json
import threading
import time
import unittest

from host import BUILD, HostTest

PACKAGES = BUILD / "tests" / "packages"
FLAGGED = PACKAGES / "flagged"
OLD = PACKAGES / "old-player"
USERS = [f"user-{n}" for n in range(2000)]
TRUSTED = ("http.identity.header=X-User", 'http.identity.trusted_proxies=["127.0.0.1"]')
NO_SESSIONS = ("http.identity.session_s=0",)


class Gates(HostTest):
    def started(self, flags="", plugins=(FLAGGED, OLD), options=()):
        host = self.host(plugins=plugins, options=options)
        self.file = host.root / "flags.yaml"
        if flags:
            self.file.write_text("bucketing: 1\nflags:\n" + flags)
        host.start()
        self.addCleanup(lambda: host.process.poll() is None and host.stop())
        return host

    def flags(self, host, *words):
        code, out, err = host.ctl("flags", *words)
        self.assertEqual(code, 0, err)
        return out

    def state(self, host, id="flagged"):
        return host.plugin(id)["state"]

    def taken(self, host, users=USERS, path="/player"):
        """Those of the users who get the new player; every answer is a 200 of one of the two."""
        connection = host.connect()
        taken = set()
        for user in users:
            connection.request("GET", path, headers={"X-User": user})
            answer = connection.getresponse()
            body = answer.read().decode()
            self.assertEqual(answer.status, 200)
            self.assertIn(body, (f"new {user}", f"old {user}"))
            if body.startswith("new"):
                taken.add(user)
        connection.close()
        return taken

    def test_a_roll_out_serves_its_share_of_the_users_and_the_same_ones_each_time(self):
        host = self.started(options=TRUSTED + NO_SESSIONS)
        said = self.flags(host, "rollout", "flagged", "--percentage", "10")
        self.assertEqual(said, "  flagged: undefined -> 10 % (sticky per user); serving variant 'on' to about 1 in 10\n")
        tenth = self.taken(host)
        # 2000 users: five standard deviations around 200.
        self.assertGreater(len(tenth), 133)
        self.assertLess(len(tenth), 267)
        self.assertEqual(self.taken(host), tenth)
        said = self.flags(host, "set", "flagged", "--percentage", "30")
        self.assertEqual(said, "  flagged: 10 % -> 30 % (sticky per user); serving variant 'on' to about 3 in 10\n")
        third = self.taken(host)
        self.assertLess(tenth, third)
        self.assertGreater(len(third), 497)
        self.assertLess(len(third), 703)
        # Who is in is whom `explain` says is in.
        for user in ("user-0", "user-1", "user-2", sorted(third)[0]):
            told = json.loads(host.ctl("flags", "explain", "flagged", "--user", user, "--json")[1])
            self.assertEqual(told["variant"], "on" if user in third else "off")
            self.assertEqual(told["bucket"] < 30, user in third)

    def test_a_session_keeps_its_answer_while_the_percentage_changes(self):
        host = self.started("  flagged: {percentage: 30}\n", options=TRUSTED)
        users = USERS[:300]
        before = self.taken(host, users)
        self.flags(host, "rollout", "flagged", "--percentage", "60")
        self.assertEqual(self.taken(host, users), before)
        # Those who come now get what the flag says now.
        self.assertGreater(len(self.taken(host, USERS[300:600])), 130)
        self.flags(host, "set", "flagged", "off")
        self.assertEqual(self.taken(host, users), set(), "off counts at once")

    def test_kill_stops_a_plugin_whose_flag_no_file_defines(self):
        host = self.started(plugins=(PACKAGES / "context-called",))  # without routes: nothing but its start asks for the flag
        host.wait("it runs", lambda: self.state(host, "context-called") == "running")
        code, _, err = host.ctl("flags", "kill", "context-caled")
        self.assertEqual(code, 4)
        self.assertIn("no flag 'context-caled' in ", err)
        self.assertEqual(self.state(host, "context-called"), "running")
        self.flags(host, "kill", "context-called")
        host.wait("it is stopped", lambda: self.state(host, "context-called") == "disabled")

    def test_off_drains_under_load_without_a_failed_request_and_on_brings_it_back(self):
        host = self.started("  flagged: {default: on}\n", options=TRUSTED)
        failed, seen, done = [], {"new": 0, "old": 0}, threading.Event()

        def load(number):
            connection = host.connect()
            while not done.is_set():
                try:
                    connection.request("GET", "/player", headers={"X-User": f"user-{number}"})
                    answer = connection.getresponse()
                    body = answer.read().decode()
                except (OSError, http.client.HTTPException) as error:
                    failed.append(repr(error))
                    connection = host.connect()
                    continue
                if answer.status != 200:
                    failed.append(f"{answer.status} {body}")
                else:
                    seen[body.split()[0]] += 1
            connection.close()

        threads = [threading.Thread(target=load, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(5):
                host.wait("the new player serves", lambda: host.get("/player").body.startswith(b"new"))
                self.flags(host, "set", "flagged", "off")
                host.wait("it is stopped and gone", lambda: self.state(host) == "disabled" and host.mapped("flagged.so") == 0)
                self.assertTrue(host.get("/player").body.startswith(b"old"))
                self.flags(host, "set", "flagged", "on")
                host.wait("it is back", lambda: self.state(host) == "running")
        finally:
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failed, [])
        self.assertGreater(min(seen.values()), 100)
        self.assertEqual(host.stop(), 0)

    def test_a_plugin_off_by_its_flag_says_why_and_needs_the_operator_as_well(self):
        host = self.started("  flagged:\n    default: off\n")
        shown = host.plugin("flagged")
        self.assertEqual((shown["state"], shown["wanted"], shown["gate"]["says"]), ("disabled", True, "off"))
        self.assertIn("flag 'flagged' is off (", shown["note"])
        self.assertIn("flags.yaml:3)", shown["note"])
        self.assertEqual(host.get("/flagged/bob").status, 404)
        # Both are needed: with the operator's wish alone it waits for its flag.
        self.assertEqual(host.operate("disable", "flagged").status, 200)
        answer = host.operate("enable", "flagged")
        self.assertEqual(answer.status, 200)
        self.assertIn("it starts when its flag lets somebody in", answer.json["warnings"][0])
        # And with the flag alone for the operator.
        host.operate("disable", "flagged")
        self.flags(host, "set", "flagged", "on")
        code, said, _ = host.ctl("why", "flagged")
        self.assertIn("<- the operator switched it off", said)
        self.assertIn("remedy: revengectl enable flagged", said)
        self.assertEqual(self.state(host), "disabled")
        host.operate("enable", "flagged")
        host.wait("both are there", lambda: self.state(host) == "running")
        refused = host.operate("disable", "flagged") and self.flags(host, "set", "flagged", "off")
        self.assertIn("on -> off", refused)
        answer = host.swap("flagged", FLAGGED)
        self.assertEqual(answer.status, 403)

    def test_who_changed_it_stands_in_the_reason(self):
        host = self.started()
        self.flags(host, "set", "flagged", "off")
        host.wait("it is off", lambda: self.state(host) == "disabled")
        _, said, _ = host.ctl("why", "flagged")
        self.assertRegex(said, r"<- flag 'flagged' is off \(.*flags\.yaml:\d+, changed by \S+ \d\d:\d\d:\d\d\)")
        self.assertIn("  remedy: revengectl flags set flagged on\n", said)
        events = [json.loads(line) for line in host.control("GET", "/v1/events").body.decode().splitlines()]
        changed = [event for event in events if event["kind"] == "flag.changed"]
        self.assertEqual(changed[-1]["attributes"]["flag"], "flagged")
        self.assertEqual((changed[-1]["attributes"]["before"], changed[-1]["attributes"]["after"]), ("undefined", "off"))

    def test_a_schedule_stops_and_starts_a_plugin(self):
        soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 4))
        host = self.started(f"  flagged:\n    default: on\n    schedule: {{from: '{soon}'}}\n")
        self.assertIn(f"flag 'flagged' begins at {soon}", host.plugin("flagged")["note"])
        host.wait("its time has come", lambda: self.state(host) == "running")

    def test_a_route_with_a_flag_of_its_own_goes_by_that_one(self):
        host = self.started("  flagged: {default: on}\n  trick: {rules: [{if: [{attribute: key, equals: ada}], serve: on}]}\n",
                            options=TRUSTED)
        self.assertEqual(self.taken(host, ["ada", "bob"], "/trick"), {"ada"})
        self.assertEqual(self.taken(host, ["ada", "bob"], "/player"), {"ada", "bob"})

    def test_a_client_nobody_knows_gets_a_session_where_a_flag_asks_for_one(self):
        host = self.started("  trick: {percentage: 50}\n")
        plain = host.get("/player")
        self.assertEqual(plain.body, b"new ")
        for field in ("set-cookie", "vary", "cache-control"):
            self.assertNotIn(field, plain.headers)
        first = host.get("/trick")
        self.assertRegex(first.headers["set-cookie"],
                         r"^revenge_session=[0-9a-f]{32}; Path=/; HttpOnly; SameSite=Lax$")
        self.assertEqual((first.headers["vary"], first.headers["cache-control"]), ("Cookie", "private"))
        cookie = first.headers["set-cookie"].split(";")[0]
        again = host.get("/trick", headers={"Cookie": f"a=b; {cookie}"})
        self.assertNotIn("set-cookie", again.headers)
        self.assertEqual(again.headers["vary"], "Cookie")
        self.assertEqual(again.body, first.body)
        key = first.body.split()[1].decode()
        self.assertEqual(key, "anon-" + cookie.split("=")[1][:16])
        self.assertEqual(host.get("/player", headers={"Cookie": cookie}).body, b"new " + key.encode())

    def test_a_header_counts_from_a_trusted_proxy_only(self):
        host = self.started(options=('http.identity.header=X-User', 'http.identity.trusted_proxies=["10.0.0.0/8"]'))
        self.assertEqual(host.get("/player", headers={"X-User": "ada"}).body, b"new ")
        host = self.started(options=('http.identity.header=X-User', 'http.identity.trusted_proxies=["127.0.0.0/8"]'))
        self.assertEqual(host.get("/player", headers={"X-User": "ada"}).body, b"new ada")

    def test_a_proxy_that_is_no_address_is_refused(self):
        code, said = self.host(plugins=[OLD], options=('http.identity.trusted_proxies=["10.0.0/8"]',)).refuse()
        self.assertEqual(code, 2)
        self.assertIn("http.identity.trusted_proxies: expected addresses as 10.0.0.0/8", said)


if __name__ == "__main__":
    unittest.main()
