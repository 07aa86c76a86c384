"""A backend that falls ill in one way after the other while callers come at a steady rate through a plugin that asks it, and what
they had of it. Needs a running host with the plugin `relay` (tests/plugins/relay)."""

import bisect
import dataclasses
import time
import urllib.parse

from ailing_backend import AilingBackend, wait

WAYS = {
    "slow": lambda backend: backend.slow(1.0),
    "hangs": AilingBackend.hang,
    "killed": AilingBackend.kill,
    "refuses": AilingBackend.refuse,
    "errors": AilingBackend.fail,
}
ENOUGH = 0.99  # of calls that are ok: it has recovered


@dataclasses.dataclass(frozen=True)
class Illness:
    way: str
    begin: float
    back: float
    end: float  # of the time that was watched behind it
    read: int  # requests the backend has read meanwhile; 0 of one that cannot


@dataclasses.dataclass(frozen=True)
class Told:
    """What the callers had of one illness; times in seconds, None where it never came to it."""

    calls: int  # that began while it lasted, as what follows
    ok: int
    failed: int
    rejected: int
    unanswered: int
    median: float
    p99: float
    slowest: float
    detected: float | None  # the first rejection
    first_ok: float | None  # since it was back
    recovered: float | None  # since it was back, from which on ENOUGH were ok
    attempts: int  # to reach it, of these calls


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def relay_path(url):
    return "/relay?" + urllib.parse.urlencode({"url": url})


def suffer(backend, way, is_over, is_well):
    """One illness, from its first moment until `is_well(back)`; `is_over(begin)` ends it."""
    read = backend.requests()
    WAYS[way](backend)
    begin = time.monotonic()
    wait(f"{way} is over", lambda: is_over(begin))
    read = backend.requests() - read if way in ("slow", "errors") else 0
    backend.recover()
    back = time.monotonic()
    wait(f"well after {way}", lambda: is_well(back))
    return Illness(way, begin, back, time.monotonic(), read)


def told(calls, illness):
    """`calls`: all there were, also before and after it."""
    calls = sorted(calls, key=lambda call: call.begin)
    begins = [call.begin for call in calls]
    first, behind, last = (bisect.bisect_left(begins, moment) for moment in (illness.begin, illness.back, illness.end))
    during = calls[first:behind]
    after = [call for call in calls[behind:last] if call.end <= illness.end]  # the others may have met what came next
    lasted = [call.seconds for call in during]
    return Told(
        len(during), sum(call.is_ok for call in during), sum(call.has_failed for call in during),
        sum(call.is_rejected for call in during), sum(call.status is None for call in during),
        percentile(lasted, 0.5), percentile(lasted, 0.99), max(lasted),
        next((call.begin - illness.begin for call in during if call.is_rejected), None),
        min((call.end - illness.back for call in after if call.is_ok), default=None),
        recovered(after, illness.back), sum(call.attempts for call in during))


def recovered(after, back):
    found, ok = None, 0
    for count, call in enumerate(reversed(after), 1):
        ok += call.is_ok
        if call.is_ok and ok >= ENOUGH * count:
            found = call.end - back
    return found
