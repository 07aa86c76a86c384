"""Each way to misbehave costs only the plugin that does: it ends in the named state, the message names it and the cause,
and the other plugin serves throughout."""

import json
import unittest

from host import HostTest, PATIENCE, STREAM, misbehaving

THROWS = "thrown across the boundary"
NO_EXCEPTION = "no std::exception"


class Misbehaving(HostTest):
    def with_plugin(self, id, **named):
        host = self.running(plugins=(STREAM, misbehaving(id)), **named)
        self.assertEqual(host.get("/stream").status, 200, id)
        return host

    def settles(self, host, id, state, *words):
        host.wait(f"{id} is {state}", lambda: host.plugin(id)["state"] == state)
        note = host.plugin(id)["note"]
        for word in (id, *words):
            self.assertIn(word, note)

    def still_serves(self, host):
        self.assertEqual(host.get("/stream").status, 200)
        self.assertEqual(host.plugin("stream")["state"], "running")

    def test_what_throws_before_it_serves_is_failed(self):
        for phase in ("create", "start", "health"):
            for kind, words in (("throws", THROWS), ("throws-int", NO_EXCEPTION)):
                with self.subTest(phase=phase, kind=kind):
                    id = f"{kind}-in-{phase}"
                    host = self.with_plugin(id)
                    self.settles(host, id, "failed", f"{phase}()", words)
                    self.still_serves(host)
                    self.assertEqual(host.stop(), 0)

    def test_what_hangs_before_it_serves_is_stuck(self):
        for phase in ("create", "start", "health"):
            with self.subTest(phase=phase):
                id = f"hangs-in-{phase}"
                host = self.with_plugin(id)
                self.settles(host, id, "stuck", f"{phase}() did not return within")
                self.still_serves(host)
                self.assertIn(host.stop(), (0, 1))

    def test_an_endless_or_broken_message_is_cut_and_shown(self):
        for id, words in (("endless-message", "a gigabyte of reasons"), ("broken-text", "broken")):
            with self.subTest(id=id):
                host = self.with_plugin(id)
                self.settles(host, id, "failed", words)
                self.assertLess(len(host.plugin(id)["note"]), 2000)
                self.still_serves(host)

    def test_missing_functions_are_named(self):
        host = self.with_plugin("create-leaves-null")
        self.settles(host, "create-leaves-null", "failed", "NULL")
        self.still_serves(host)

    def test_a_handler_that_throws_is_500_and_goes_on(self):
        for id in ("throws-in-handler", "throws-int-in-handler"):
            host = self.with_plugin(id)
            for _ in range(3):
                self.assertEqual(host.get(f"/misbehaving/{id}").status, 500)
            self.assertEqual(host.plugin(id)["state"], "running")
            self.still_serves(host)
            self.assertEqual(host.stop(), 0)

    def test_answers_are_exactly_one(self):
        for id, status in (("answers-nothing", 500), ("drops-responder", 500), ("never-answers", 504), ("answers-twice", 200)):
            with self.subTest(id=id):
                host = self.with_plugin(id)
                for _ in range(2):
                    self.assertEqual(host.get(f"/misbehaving/{id}").status, status)
                self.still_serves(host)
                self.assertEqual(host.stop(), 0)

    def test_a_blocked_worker_costs_only_its_plugin(self):
        id = "hangs-in-handler"
        host = self.with_plugin(id, options=["host.shutdown_s=3", "workers.threads=2"])
        statuses = [host.get(f"/misbehaving/{id}").status for _ in range(4)]
        self.assertTrue(all(status in (503, 504) for status in statuses), statuses)
        self.still_serves(host)
        self.assertEqual(host.stop(), 1)
        self.assertIn(id, host.logged())

    def test_a_timer_that_throws_or_hangs_stops_nobody(self):
        for id in ("throws-in-timer", "hangs-in-timer"):
            with self.subTest(id=id):
                host = self.with_plugin(id, options=["host.shutdown_s=3"])
                self.assertIn(host.get(f"/misbehaving/{id}").status, (200,) if "throws" in id else (200, 503, 504))
                self.still_serves(host)
                self.assertIn(host.stop(), (0, 1))

    def test_stop_that_fails_is_torn_down_all_the_same(self):
        for id in ("throws-in-stop", "throws-int-in-stop", "throws-in-destroy"):
            with self.subTest(id=id):
                host = self.with_plugin(id)
                self.assertEqual(host.operate("disable", id).status, 200)
                host.wait("unmapped", lambda: host.mapped(f"{id}.so") == 0)
                self.still_serves(host)
                self.assertEqual(host.stop(), 0)

    def test_stop_that_hangs_is_stuck_and_stays_mapped(self):
        id = "hangs-in-stop"
        host = self.with_plugin(id)
        self.assertEqual(host.operate("disable", id).status, 200)
        host.wait("stuck", lambda: any(i["state"] == "stuck" for i in host.plugin(id)["instances"]))
        self.assertEqual(host.mapped(f"{id}.so"), 1)
        self.assertIn("stop() did not return", host.plugin(id)["instances"][0]["note"])
        self.still_serves(host)
        self.assertIn(host.stop(), (0, 1))

    def test_things_left_behind_are_withdrawn(self):
        id = "leaves-things-behind"
        host = self.with_plugin(id)
        self.assertEqual(host.operate("disable", id).status, 200)
        host.wait("unmapped", lambda: host.mapped(f"{id}.so") == 0)
        host.wait("gone from the list", lambda: host.plugin(id)["instances"] == [])
        self.still_serves(host)
        self.assertEqual(host.stop(), 0)

    def test_late_calls_are_answered(self):
        for id in ("calls-in-destroy", "calls-after-destroy"):
            with self.subTest(id=id):
                host = self.with_plugin(id)
                self.assertEqual(host.operate("disable", id).status, 200)
                host.wait("taken down", lambda: all(i["state"] in ("retired", "stuck") for i in host.plugin(id)["instances"]))
                self.still_serves(host)
                self.assertEqual(host.stop(), 0)

    def test_a_swap_to_a_misbehaving_version_leaves_the_old_one(self):
        id = "throws-in-restore"
        host = self.with_plugin(id)
        before = host.plugin(id)["instances"][0]["load"]
        answer = host.swap(id, misbehaving(id))
        self.assertEqual(answer.status, 500, answer.body)
        self.assertIn("restore()", answer.json["error"]["message"])
        self.assertEqual(host.plugin(id)["instances"][0]["load"], before)
        self.assertEqual(host.get(f"/misbehaving/{id}").status, 200)
        self.still_serves(host)

    def test_a_state_that_cannot_be_saved_is_a_failed_swap(self):
        id = "throws-in-save"
        host = self.with_plugin(id)
        answer = host.swap(id, misbehaving(id))
        self.assertEqual(answer.status, 500, answer.body)
        self.assertIn("save()", answer.json["error"]["message"])
        self.assertEqual(host.get(f"/misbehaving/{id}").status, 200)

    def test_a_configuration_that_is_refused_leaves_the_old_one(self):
        id = "throws-in-prepare"
        host = self.with_plugin(id)
        self.assertEqual(host.operate("reload", id).status, 200)  # nothing changed: prepare is not asked
        self.assertEqual(host.plugin(id)["state"], "running")


if __name__ == "__main__":
    unittest.main()
