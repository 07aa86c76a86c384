"""Several plugins changed in one step on a running host: all of it or nothing, shown first, never on what is no longer so."""

import json
import shutil
import threading
import unittest

from host import HostTest, NEXT_STREAM, PATIENCE, STREAM, UnixConnection, misbehaving
from store_pair import NEXT_READER, PairTest, store

QUIET = "answers-nothing"  # serves well until it is asked
BAD = "throws-in-restore"  # serves, and cannot be replaced by itself
SWAP_STREAM = {"plugin": "stream", "swap": str(NEXT_STREAM)}


class Plans(HostTest):
    def serving(self, host, id):
        instances = [i for i in host.plugin(id)["instances"] if i["state"] in ("running", "degraded")]
        return [(i["version"], i["load"]) for i in instances]

    def listing(self, host):
        """What a plan that does nothing must leave as it was; timers and calls come and go by themselves."""
        listing = host.control("GET", "/v1/plugins").json
        for plugin in listing["plugins"]:
            for instance in plugin["instances"]:
                del instance["registrations"], instance["inside"], instance["holders"]
        return listing, (host.root / "state" / "desired").exists()

    def with_both(self, id=QUIET):
        return self.running(plugins=(STREAM, misbehaving(id)))

    def test_two_are_published_in_one_generation(self):
        host = self.with_both()
        before = host.generation
        quiet = self.serving(host, QUIET)
        answer = host.apply(SWAP_STREAM, {"plugin": QUIET, "reload": True}, generation=before)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(answer.json["generation"], before + 1)
        self.assertEqual(host.generation, before + 1)
        self.assertEqual({report["generation"] for report in answer.json["reports"]}, {before + 1})
        self.assertEqual({report["id"]: report["to"] for report in answer.json["reports"]}["stream"], "0.2.0")
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.2.0")
        self.assertNotEqual(self.serving(host, QUIET), quiet)
        self.assertEqual(host.stop(), 0, host.logged())

    def test_one_that_fails_leaves_all_as_they_were(self):
        host = self.with_both(BAD)
        before = host.generation, self.serving(host, "stream"), self.serving(host, BAD)
        for changes in ((SWAP_STREAM, {"plugin": BAD, "swap": str(misbehaving(BAD))}),
                        ({"plugin": BAD, "swap": str(misbehaving(BAD))}, SWAP_STREAM)):
            answer = host.apply(*changes)
            self.assertEqual(answer.status, 500, answer.body)
            self.assertIn("restore()", answer.json["error"]["message"])
            self.assertEqual((host.generation, self.serving(host, "stream"), self.serving(host, BAD)), before)
            self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.1.0")
        self.assertEqual(host.plugin("stream")["rollback"], None)
        self.assertEqual(host.stop(), 0)

    def test_what_would_have_been_switched_on_stays_off(self):
        host = self.with_both(BAD)
        self.assertEqual(host.operate("disable", "stream").status, 200)
        before = host.plugin("stream")
        answer = host.apply({"plugin": "stream", "enable": True}, {"plugin": BAD, "swap": str(misbehaving(BAD))})
        self.assertEqual(answer.status, 500, answer.body)
        after = host.plugin("stream")
        for key in ("state", "wanted", "note", "version", "since"):
            self.assertEqual(after[key], before[key])
        self.assertEqual(host.get("/stream").status, 503)

    def test_a_plan_shows_what_would_happen_and_does_nothing(self):
        host = self.with_both()
        before = self.listing(host)
        outlook = host.plan(SWAP_STREAM, {"plugin": QUIET, "disable": True}).json
        self.assertTrue(outlook["feasible"])
        self.assertEqual(outlook["generation"], host.generation)
        items = {item["plugin"]: item for item in outlook["changes"]}
        stream = items["stream"]
        self.assertEqual((stream["change"], stream["from"], stream["to"]), ("swap", "0.1.0", "0.2.0"))
        self.assertEqual((stream["mode"], stream["state"], stream["way_back"]), ("overlap", "snapshot", ""))
        self.assertNotEqual(stream["verdict"], "")
        self.assertIn("1 route", items[QUIET]["vanishing"])
        self.assertEqual(self.listing(host), before)

    def test_a_plan_shows_everything_that_is_wrong_with_it(self):
        host = self.with_both()
        before = self.listing(host)
        broken = self.root / "broken"
        broken.mkdir()
        (broken / "plugin.json").write_text("{")
        outlook = host.plan({"plugin": "stream", "swap": str(broken)},
                            {"plugin": QUIET, "reload": True, "config": {"oops": 1}}).json
        self.assertFalse(outlook["feasible"])
        items = {item["plugin"]: item for item in outlook["changes"]}
        self.assertIn("plugin.json:1", items["stream"]["refusal"])
        self.assertIn("oops", items[QUIET]["refusal"])
        self.assertEqual(self.listing(host), before)

    def test_who_looks_keeps_nobody_from_acting(self):
        host = self.with_both()
        ending = threading.Event()
        change = {"plugin": QUIET, "reload": True}
        pairs = ((SWAP_STREAM, change), (change, SWAP_STREAM))
        answers = []

        def look(pair):
            while not ending.is_set():
                answers.append(host.plan(*pair).status)

        lookers = [threading.Thread(target=look, args=(pair,)) for pair in pairs]
        for looker in lookers:
            looker.start()
        for package in (NEXT_STREAM, STREAM) * 5:
            answer = host.swap("stream", package)
            self.assertEqual(answer.status, 200, answer.body)
        ending.set()
        for looker in lookers:
            looker.join()
        self.assertLessEqual(set(answers), {200, 409})
        self.assertIn(200, answers)

    def test_looking_at_another_version_of_what_is_off_does_not_show_it(self):
        host = self.with_both(BAD)
        for state, settle in (("disabled", lambda: host.operate("disable", "stream")),):
            self.assertEqual(settle().status, 200)
            host.wait("gone", lambda: host.plugin("stream")["instances"] == [])
            before = host.plugin("stream")
            self.assertEqual(before["state"], state)
            self.assertEqual(host.plan({"plugin": "stream", "enable": True}).json["changes"][0]["to"], "0.1.0")
            self.assertEqual(host.plan(SWAP_STREAM).status, 403)
            self.assertEqual(host.plugin("stream"), before)

    def test_a_stale_plan_is_refused(self):
        host = self.with_both()
        decided = host.generation
        self.assertEqual(host.operate("disable", QUIET).status, 200)
        before = self.serving(host, "stream")
        for answer in (host.apply(SWAP_STREAM, generation=decided), host.plan(SWAP_STREAM, generation=decided),
                       host.control("POST", f"/v1/plugins/stream/swap?path={NEXT_STREAM}&generation={decided}"),
                       host.control("POST", f"/v1/plugins/stream/disable?generation={decided}")):
            self.assertEqual((answer.status, answer.json["error"]["code"]), (409, "stale"), answer.body)
            self.assertIn(f"decided on generation {decided}", answer.json["error"]["message"])
        self.assertEqual(self.serving(host, "stream"), before)
        answer = host.control("POST", f"/v1/plugins/stream/swap?path={NEXT_STREAM}&generation={host.generation}")
        self.assertEqual((answer.status, answer.json["to"]), (200, "0.2.0"), answer.body)

    def test_configuration_is_validated_by_the_version_that_will_run(self):
        host = self.running()
        newer = self.root / "newer"
        shutil.copytree(NEXT_STREAM, newer)
        manifest = json.loads((newer / "plugin.json").read_text())
        manifest["config"]["properties"]["colour"] = {"enum": ["red", "blue"]}
        (newer / "plugin.json").write_text(json.dumps(manifest))
        change = {"plugin": "stream", "swap": str(newer)}

        answer = host.apply({**change, "config": {"colour": "green"}})
        self.assertEqual(answer.status, 422, answer.body)
        self.assertIn("colour", answer.json["error"]["message"])
        refusal = host.plan({"plugin": "stream", "reload": True, "config": {"colour": "red"}}).json["changes"][0]["refusal"]
        self.assertIn("colour", refusal)
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.1.0")

        self.assertEqual(host.apply({**change, "config": {"colour": "red"}}).status, 200)
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.2.0")
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.1.0")
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.2.0")
        self.assertEqual(host.stop(), 0)

    def test_configuration_rolls_back_with_its_version_also_over_a_restart(self):
        self.film("a.mp4")
        self.film(".hidden.mp4")
        host = self.running()
        self.library(host, 1)
        self.assertEqual(host.apply({**SWAP_STREAM, "config": {"hidden": True}}).status, 200)
        self.library(host, 2)
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(host.plugin("stream")["version"], "0.2.0")
        self.library(host, 2)
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.1.0")
        self.library(host, 1)
        self.assertEqual(host.operate("rollback", "stream").json["to"], "0.2.0")
        self.library(host, 2)
        self.assertEqual(host.apply({"plugin": "stream", "reload": True, "config": {}}).status, 200)
        self.library(host, 1)
        self.assertEqual(host.stop(), 0)

    def test_what_is_wrong_with_a_request_is_named(self):
        host = self.running()
        for changes, status, words in (
                ([{"plugin": "strem", "reload": True}], 404, "installed: stream"),
                ([SWAP_STREAM, {"plugin": "stream", "reload": True}], 422, "twice"),
                ([{"plugin": "stream", "swap": "/nowhere"}], 404, "/nowhere"),
                ([{"plugin": "stream", "rollback": True}], 404, "no earlier version"),
                ([{"plugin": "stream", "enable": True}], 409, "already running"),
                ([{"plugin": "stream", "swop": "/x"}], 422, "changes[0].swop: unknown key; did you mean swap?")):
            for answer in (host.apply(*changes), host.plan(*changes)):
                self.assertEqual(answer.status, status, answer.body)
                self.assertIn(words, answer.json["error"]["message"])


class Together(PairTest):
    """A provider and its consumer in one plan."""

    def test_old_versions_leave_after_they_changed_together(self):
        host = self.pair()
        generation = host.generation
        answer = host.apply({"plugin": "reader", "swap": str(NEXT_READER)}, {"plugin": "store", "swap": str(store("2.0.0"))})
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual([report["id"] for report in answer.json["reports"]], ["store", "reader"])
        self.assertEqual(host.generation, generation + 1)
        for id in ("store", "reader"):
            host.wait(f"the old {id} left", lambda id=id: [i["version"] for i in host.plugin(id)["instances"]] == ["2.0.0"])
        self.assertEqual(host.stop(), 0)

    def test_what_becomes_stale_while_it_is_under_way_is_undone(self):
        host = self.pair("exclusive-slow-save")
        decided = host.generation
        connection = UnixConnection(host.socket, PATIENCE)
        self.addCleanup(connection.close)
        path = f"/v1/plugins/store/swap?path={store('exclusive-2.0.0')}&generation={decided}&progress=1"
        connection.request("POST", path)
        steps = connection.getresponse()
        while b'"held"' not in (line := steps.readline()):
            self.assertNotEqual(line, b"")
        self.assertEqual(host.operate("disable", "reader").status, 200)
        last = [json.loads(line) for line in steps][-1]
        self.assertEqual(last["error"]["code"], "stale", last)
        self.assertEqual(host.plugin("store")["version"], "1.0.0")
        self.assertFalse(self.info(host)["sealed"])
        self.assertEqual(host.stop(), 0)

    def test_whoever_waits_is_named_before_the_provider_goes(self):
        host = self.pair()
        outlook = host.plan({"plugin": "store", "disable": True}).json
        self.assertEqual(outlook["waiting"], ["reader will wait for test.store/1"])
        self.assertIn("service test.store/1", outlook["changes"][0]["vanishing"])
        code, said, wrong = host.ctl("disable", "store")
        self.assertEqual((code, wrong), (0, ""))
        self.assertTrue(said.startswith("  reader will wait for test.store/1\n  no longer serving 1.0.0"), said)
        code, said, _ = host.ctl("why", "reader")
        self.assertIn("reader 1.0.0 is waiting", said)
        self.assertIn("the operator switched it off", said)
        answer = host.apply({"plugin": "store", "enable": True}, generation=host.generation)
        self.assertEqual(answer.status, 200, answer.body)
        host.wait("it goes on by itself", lambda: host.plugin("reader")["state"] == "running")
        code, said, _ = host.ctl("graph")
        self.assertIn("  reader 1.0.0  running\n    test.store/1: store 1.0.0  running\n", said)


class Explained(HostTest):
    def texts(self, cause):
        return [cause["text"], *(text for behind in cause["behind"] for text in self.texts(behind))]

    def why(self, host, id):
        return self.texts(host.control("GET", f"/v1/plugins/{id}/why").json)

    def test_why_tells_who_switched_it_off_and_what_failed(self):
        host = self.running(plugins=(STREAM, misbehaving("throws-in-start")))
        self.assertTrue(self.why(host, "stream")[0].startswith("stream 0.1.0 is running"))
        self.assertEqual(host.operate("disable", "stream").status, 200)
        host.wait("gone", lambda: host.plugin("stream")["instances"] == [])
        texts = self.why(host, "stream")
        self.assertTrue(texts[0].startswith("stream 0.1.0 is disabled: "), texts)
        self.assertEqual(texts[1:], ["the operator switched it off"])
        host.wait("failed", lambda: host.plugin("throws-in-start")["state"] == "failed")
        self.assertIn("thrown across the boundary", self.why(host, "throws-in-start")[0])
        self.assertEqual(host.control("GET", "/v1/plugins/nope/why").status, 404)

    def test_why_names_what_holds_a_drain(self):
        host = self.running(plugins=(STREAM, misbehaving("never-answers")))
        connection = host.connect()
        connection.request("GET", "/misbehaving/never-answers")
        host.wait("inside", lambda: any(i["inside"] for i in host.plugin("never-answers")["instances"]))
        self.assertEqual(host.operate("disable", "never-answers").status, 200)
        texts = self.why(host, "never-answers")
        self.assertTrue(any("is draining" in text for text in texts), texts)
        self.assertTrue(any("held by" in text or "inside" in text for text in texts), texts)
        connection.close()

    def test_the_graph_names_what_is_missing(self):
        reader = self.root / QUIET
        shutil.copytree(misbehaving(QUIET), reader)
        manifest = json.loads((reader / "plugin.json").read_text())
        manifest["requires"] = [*manifest.get("requires", []), {"interface": "test.store/1"}]
        (reader / "plugin.json").write_text(json.dumps(manifest))
        host = self.running(plugins=(STREAM, reader))
        host.wait("waiting", lambda: host.plugin(QUIET)["state"] == "waiting")
        graph = host.control("GET", "/v1/graph").json
        self.assertEqual([(plugin["id"], plugin["state"]) for plugin in graph["plugins"]],
                         [(QUIET, "waiting"), ("stream", "running")])
        links = [link for link in graph["links"] if link["consumer"] == QUIET]
        self.assertEqual(links, [{"consumer": QUIET, "interface": "test.store/1", "optional": False, "provider": "",
                                  "why": "needs test.store/1, which no installed plugin offers"}])
        code, said, _ = host.ctl("graph")
        self.assertEqual(code, 0)
        self.assertIn("    test.store/1: nobody: needs test.store/1, which no installed plugin offers\n", said)
        code, said, _ = host.ctl("graph", "--dot")
        self.assertIn(f'"{QUIET}" -> "nobody offers test.store/1"', said)
        self.assertIn("needs test.store/1, which no installed plugin offers", " ".join(self.why(host, QUIET)))


class AtTheTerminal(HostTest):
    def test_plan_then_apply_as_the_guide_shows(self):
        host = self.running()
        shutil.copytree(NEXT_STREAM, self.root / "next" / "stream")
        file = self.root / "change.yaml"
        file.write_text("changes:\n- plugin: stream\n  swap: next/stream\n  config: {max_sessions: 5}\n")
        code, said, wrong = host.ctl("plan", file)
        self.assertEqual((code, wrong), (1, ""))
        generation = host.generation
        self.assertTrue(said.endswith(f"  can be applied: --generation {generation}\n"), said)
        self.assertEqual(host.get("/stream").headers["revenge-plugin"], "stream/0.1.0")

        code, said, wrong = host.ctl("apply", file, "--generation", generation)
        self.assertEqual((code, wrong), (0, ""))
        self.assertTrue(said.startswith("  stream verified"), said)
        self.assertIn("\n  stream: serving 0.2.0", said)
        self.assertTrue(said.endswith(f"\n  generation {generation + 1}\n"), said)

        code, said, wrong = host.ctl("apply", file, "--generation", generation)
        self.assertEqual((code, said), (7, ""))
        self.assertIn(f"decided on generation {generation}, but {generation + 1} runs", wrong)
        code, _, wrong = host.ctl("disable", "stream", "--generation", generation)
        self.assertEqual(code, 7, wrong)
        code, said, _ = host.ctl("why", "stream")
        self.assertEqual(code, 0)
        self.assertTrue(said.startswith("  stream 0.2.0 is running"), said)

    def test_a_plan_may_come_through_a_pipe(self):
        host = self.running()
        shutil.copytree(NEXT_STREAM, self.root / "next")
        plan = json.dumps({"generation": host.generation, "changes": [{"plugin": "stream", "swap": "next"}]})
        code, _, wrong = host.ctl("apply", "-", text=plan, cwd=self.root)
        self.assertEqual((code, wrong), (0, ""))
        self.assertEqual(host.plugin("stream")["version"], "0.2.0")
        self.assertEqual(host.ctl("apply", "-", text=plan, cwd=self.root)[0], 7)

    def test_C3_what_cannot_be_applied_is_neither_change_nor_none(self):
        host = self.running()
        code, said, _ = host.ctl("plan", "-", text='{"changes": [{"plugin": "stream", "reload": true, "config": {"oops": 1}}]}')
        self.assertEqual(code, 10)
        self.assertIn("  stream: ", said)
        self.assertTrue(said.endswith("  cannot be applied\n"), said)
        off = '{"changes": [{"plugin": "stream", "disable": true}]}'
        self.assertEqual(host.ctl("plan", "-", text=off)[0], 1)
        self.assertEqual(host.operate("disable", "stream").status, 200)
        self.assertEqual(host.ctl("plan", "-", text=off)[0], 0)
        code, _, wrong = host.ctl("apply", "-", text="changes: [")
        self.assertEqual(code, 2)
        self.assertIn("standard input:1", wrong)


if __name__ == "__main__":
    unittest.main()
