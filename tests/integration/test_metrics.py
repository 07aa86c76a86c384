"""/metrics of a running host: as promtool and a strict reader of OpenMetrics want it, while plugins come and go."""

import gzip
import subprocess
import threading
import unittest

import open_metrics
from host import BUILD, STREAM, HostTest

HELLO = BUILD / "tests" / "packages" / "hello"
VITALS = BUILD / "tests" / "packages" / "vitals"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
PROMETHEUS_3 = ("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,"
                "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2")
OPEN = {"Accept": PROMETHEUS_3}


class MetricsTest(HostTest):
    def serving(self, *ids, **more):
        host = self.running(**more)
        for id in ids:
            host.wait(f"{id} runs", lambda id=id: host.plugin(id)["state"] == "running")
        return host

    def families(self, host):
        return open_metrics.parse(host.get("/metrics", OPEN).body.decode())


class Format(MetricsTest):
    def test_promtool_has_nothing_to_say_of_a_host_after_traffic(self):
        host = self.serving("stream", "vitals", "hello", plugins=(STREAM, VITALS, HELLO))
        for path in ("/hello/ada", "/cache", "/stream", "/none", "/health/ready"):
            host.get(path, SAMPLED)
        host.get("/hello/ada", method="POST")
        checked = subprocess.run(["promtool", "check", "metrics"], input=host.get("/metrics").body, capture_output=True)
        self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, b""))

    def test_M3_each_scraper_gets_the_format_it_asks_for(self):
        host = self.serving("hello", plugins=(HELLO,))
        plain, open_text = "text/plain; version=0.0.4; charset=utf-8", "application/openmetrics-text; version=1.0.0; charset=utf-8"
        for accept, kind in ((PROMETHEUS_3, open_text), ("*/*", plain), (None, plain)):
            answer = host.get("/metrics", {"Accept": accept} if accept else {})
            self.assertEqual((answer.status, answer.headers["content-type"]), (200, kind))
            self.assertEqual(answer.body.endswith(b"# EOF\n"), kind == open_text)
        packed = host.get("/metrics", {"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["content-encoding"], "gzip")
        self.assertIn(b"# TYPE revenge_http_requests_total counter\n", gzip.decompress(packed.body))

    def test_open_metrics_is_well_formed_and_leads_from_a_latency_to_its_trace(self):
        host = self.serving("vitals", plugins=(VITALS,))
        self.assertEqual(host.get("/cache", SAMPLED).status, 200)
        self.assertEqual(host.get("/cache").status, 200)
        families = self.families(host)
        durations = families["revenge_http_request_duration_seconds"].samples
        examples = [sample for sample in durations if sample.exemplar and sample.labels.get("plugin") == "vitals"]
        self.assertEqual([example.exemplar["trace_id"] for example in examples], [TRACE])
        served = families["revenge_plugin_vitals_served"].samples
        self.assertEqual([(sample.value, sample.exemplar["trace_id"]) for sample in served], [(2, TRACE)])


class Life(MetricsTest):
    def ofVitals(self, host):
        return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value
                for family in self.families(host).values() for sample in family.samples
                if sample.labels.get("plugin") == "vitals" and "log_" not in sample.name and "breaches" not in sample.name}

    def test_M5_a_plugins_series_go_with_it_and_come_back_from_zero(self):
        host = self.serving("vitals", plugins=(VITALS,))
        host.get("/cache")
        served = ("revenge_plugin_vitals_served_total", (("plugin", "vitals"),))
        self.assertEqual(self.ofVitals(host)[served], 1)
        self.assertEqual(host.operate("disable", "vitals").status, 200)
        host.wait("it has gone", lambda: not host.plugin("vitals")["instances"])
        self.assertEqual(self.ofVitals(host), {})
        self.assertEqual(host.operate("enable", "vitals").status, 200)
        self.assertEqual(self.ofVitals(host)[served], 0)
        host.get("/cache")
        after = self.ofVitals(host)
        requests = [value for (name, labels), value in after.items()
                    if name == "revenge_http_requests_total" and ("route", "/cache") in labels]
        self.assertEqual((after[served], requests), (1, [1]))

    def test_M5_a_swap_continues_them(self):
        host = self.serving("vitals", plugins=(VITALS,))
        host.get("/cache")
        self.assertEqual(host.operate("reload", "vitals").status, 200)
        host.get("/cache")
        host.wait("the old one has gone", lambda: len(host.plugin("vitals")["instances"]) == 1)
        self.assertEqual(host.metric("revenge_plugin_vitals_served_total"), 2)
        self.assertEqual(host.metric('revenge_http_request_duration_seconds_count{plugin="vitals"'), 2)

    def test_every_scrape_is_well_formed_while_plugins_come_and_go_under_load(self):
        host = self.serving("vitals", "hello", plugins=(VITALS, HELLO))
        done = threading.Event()
        scrapes, failures = [], []

        def load():
            while not done.is_set():
                host.get("/hello/ada", SAMPLED)
                host.get("/cache", SAMPLED)

        def scrape():
            while not done.is_set():
                try:
                    scrapes.append(len(self.families(host)))
                except Exception as error:  # told by the test's own thread
                    failures.append(error)

        threads = [threading.Thread(target=work) for work in (load, load, scrape, scrape)]
        for thread in threads:
            thread.start()
        for _ in range(10):
            for verb in ("disable", "enable"):
                self.assertEqual(host.operate(verb, "vitals").status, 200)
        done.set()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(scrapes), 10)

    def test_cpu_time_goes_to_the_plugin_that_uses_it(self):
        host = self.serving("vitals", "hello", plugins=(VITALS, HELLO))
        for _ in range(10):
            host.get("/burn")
        self.assertGreater(host.metric('revenge_cpu_seconds_total{plugin="vitals"}'), 0.1)
        self.assertLess(host.metric('revenge_cpu_seconds_total{plugin="hello"}'), 0.1)
        self.assertEqual(host.metric('revenge_worker_wait_seconds_count{plugin="vitals"}') >= 10, True)

    def test_top_and_list_show_the_traffic_of_each_plugin(self):
        host = self.serving("vitals", "hello", plugins=(VITALS, HELLO))
        for _ in range(10):
            host.get("/burn")
        code, text, _ = host.ctl("top", "--once")
        self.assertEqual(code, 0)
        row = next(line.split() for line in text.splitlines() if line.split()[:1] == ["vitals"])
        self.assertGreater(float(row[3]), 0)
        plugins = {plugin["id"]: plugin for plugin in host.control("GET", "/v1/top").json["plugins"]}
        self.assertGreater(plugins["vitals"]["p99_s"], 0.04)
        self.assertEqual((plugins["hello"]["requests_per_s"], plugins["hello"]["p99_s"]), (0, None))
        code, text, _ = host.ctl("list")
        self.assertIn("REQ/S", text.splitlines()[0])


if __name__ == "__main__":
    unittest.main()
