"""What the log of a running host says of a request, whoever writes the line."""

import json
import unittest

from host import BUILD, HostTest

HELLO = BUILD / "tests" / "packages" / "hello"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


class Lines(HostTest):
    def lines(self, host, request):
        lines = [json.loads(line) for line in host.logged().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("request") == request]

    def test_of_a_plugin_and_of_the_host_name_request_and_trace(self):
        host = self.running(plugins=(HELLO,), options=["log.level=debug", "log.format=json", "http.access_log=true"])
        host.wait("running", lambda: host.plugin("hello")["state"] == "running")
        sampled = {"Traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Request-Id": "sampled"}
        self.assertEqual(host.get("/hello/ada", sampled).status, 200)
        self.assertEqual(host.get("/hello/bob", {"Traceparent": sampled["Traceparent"][:-1] + "0", "X-Request-Id": "other"}).status, 200)
        self.assertEqual(host.stop(), 0)
        told = {line.get("plugin", line.get("component")): line for line in self.lines(host, "sampled")}
        self.assertEqual((told["hello"]["message"], told["hello"]["trace_id"]), ("greeted", TRACE))
        self.assertEqual(told["http"]["trace_id"], TRACE)
        others = self.lines(host, "other")
        self.assertEqual(sorted(line["message"] for line in others), ["greeted", "request"])
        self.assertFalse([line for line in others if "trace_id" in line])


if __name__ == "__main__":
    unittest.main()
