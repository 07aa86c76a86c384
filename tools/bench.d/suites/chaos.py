"""A backend that falls ill while 100 callers a second come through a plugin that asks it, directly and behind nginx, without policies
and with them. The backend is a process of its own (tests/integration/ailing_backend.py): it answers a second late, is stopped, is killed,
refuses connections, answers 500, each for some seconds, and comes back. A table a variant says what the callers had of it; the
figures below hold for every way to be ill.

Both variants ask by the same lines of the same plugin (tests/plugins/relay); without policies the plugin `resilience` is not there. A
request has two seconds then, which is less than the host gives one by itself (30): the callers wait for what nobody bounds otherwise,
so the limits of the host's HTTP client are out of the way too. With policies the pipeline is PIPELINE, the words an operator would
take, with a short wait of the breaker: it decides how long the backend has to be well before it is noticed."""

import sys
import time

from figures import Bound, Figure, Sample, Table
from process import Failed
from servers import Host

RATE, ILL_S, WELL_S = 100, 5, 4
TIMEOUT_S = 2
ATTEMPT_S, OPEN_S, AT_ONCE, IN_LINE, FAILURES = 0.25, 1, 16, 16, 5
PIPELINE = [{"timeout": {"limit_s": TIMEOUT_S}}, {"retry": {"max_attempts": 3, "backoff": {"initial_ms": 50}, "budget": "relay"}},
            {"breaker": {"failures": FAILURES, "open_wait_s": OPEN_S}},
            {"bulkhead": {"max_concurrent": AT_ONCE, "queue_size": IN_LINE, "max_wait_ms": 100}},
            {"attempt_timeout": {"limit_s": ATTEMPT_S}}]
SETTINGS = {"http.access_log": False, "http_client.request_timeout_s": TIMEOUT_S,
            **{f"http_client.{limit}": 2000 for limit in ("max_connections", "max_connections_per_origin", "max_requests", "max_waiting")}}
POLICIES = {"plugins.resilience.budgets": {"relay": {}}, "plugins.resilience.pipelines": {"relay": PIPELINE}}

COLUMNS = ("backend", "calls", "ok", "failed", "rejected", "p50 ms", "p99 ms", "sent to it", "detected s", "first ok s", "99 % ok s")
GOALS = {
    "calls without an answer": ("", Bound(0)),
    "slowest p99 while it is ill": ("ms", Bound(1000 * TIMEOUT_S / 2)),
    "slowest to notice": ("s", Bound(2 * ATTEMPT_S)),
    "slowest to be used again": ("s", Bound(OPEN_S + 2 * ATTEMPT_S)),
    "most calls sent to it in its illness": ("", Bound(AT_ONCE + IN_LINE + FAILURES + ILL_S / OPEN_S + 1)),
}


def row(one, told):
    milliseconds = [round(1000 * seconds, 1) for seconds in (told.median, told.p99)]
    since = [None if seconds is None else round(seconds, 3) for seconds in (told.detected, told.first_ok, told.recovered)]
    return (one.way, told.calls, told.ok, told.failed, told.rejected, *milliseconds, told.attempts, *since)


def figures_of(name, found):
    values = (sum(told.unanswered for told in found), 1000 * max(told.p99 for told in found),
              max((told.detected for told in found if told.detected is not None), default=None),
              max((told.recovered for told in found if told.recovered is not None), default=None),
              max(told.attempts for told in found))
    for (what, (unit, goal)), value in zip(GOALS.items(), values):
        if value is not None:
            yield Figure(f"{name}: {what}", unit, [Sample(value)], (goal,) if "with policies" in name else ())


def variant(way_there, policies):
    name = f"{way_there}, {'with' if policies else 'without'} policies"

    def measured(bench):
        sys.path.insert(0, str(bench.root / "tests" / "integration"))
        import illness
        from ailing_backend import AilingBackend
        from nginx_front import NginxFront
        from open_loop import OpenLoop

        plugins, settings = (["relay", "resilience"], {**SETTINGS, **POLICIES}) if policies else (["relay"], SETTINGS)
        backend = AilingBackend()
        front = NginxFront(backend.port) if way_there == "nginx" else None
        try:
            with Host(bench, plugins, settings) as host:
                path = illness.relay_path((front or backend).url)
                with OpenLoop(f"127.0.0.1:{host.port}", path, RATE, patience=60) as loop:
                    time.sleep(1)
                    suffered = [illness.suffer(backend, way, lambda begin: time.monotonic() > begin + ILL_S,
                                                 lambda back: time.monotonic() > back + WELL_S) for way in illness.WAYS]
        except AssertionError as reason:
            raise Failed(str(reason)) from None
        finally:
            backend.close()
            if front:
                front.close()
        found = [illness.told(loop.calls, one) for one in suffered]
        yield Table(name, COLUMNS, [row(one, told) for one, told in zip(suffered, found)],
                    f"{RATE} calls/s, each way {ILL_S} s; the calls are those that began meanwhile")
        yield from figures_of(name, found)

    return measured


ROWS = [(f"{way_there}.{'with' if policies else 'without'}", variant(way_there, policies))
        for way_there in ("directly", "nginx") for policies in (False, True)]
