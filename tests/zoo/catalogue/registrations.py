"""What it can register, publish and pass to the tables of the host."""

from members import LIVE, Member

FAILS = "life.create-destroy"


def refused(name, does, *words, **more):
    """In create, which says no because the host did."""
    return Member(name, does, "failed", ("create()", *words), **{"row": FAILS, **more})


def unpublished(name, does, *words, **more):
    """Found when its routes are to become visible."""
    return Member(name, does, "failed", words, **{"row": "calls.host", **more})


def asked(name, does, answer, *words, row="calls.answers", **more):
    """In a handler; GET /zoo/NAME answers so."""
    deed = ("get", "", *answer)
    return Member(name, does, "running", words, deeds=(deed,), row=row, **more)


MEMBERS = [
    unpublished("route-twice", "it registers a route twice", "has registered it twice"),
    unpublished("route-alike", "it registers two patterns that match the same", "matches the same paths", row=LIVE),
    unpublished("route-admin", "it registers a route below /admin", "are the host's"),
    unpublished("route-health", "it registers a route below /health", "are the host's"),
    unpublished("route-metrics", "it registers /metrics", "are the host's"),
    Member("with-anothers-route", "it registers a route that another plugin has", "running",
           quiet="both are candidates of the route, the other one comes first", no_row="a plugin may offer a route that others have"),
    unpublished("pattern-empty", "it registers an empty pattern", "does not begin with '/'", row=LIVE),
    unpublished("pattern-malformed", "it registers a pattern with an open brace", "does not end in '}'"),
    unpublished("pattern-dots", "it registers a pattern that climbs", "dot segments never match"),
    unpublished("pattern-control", "it registers a pattern with control bytes", "control bytes"),
    refused("pattern-huge", "it registers a pattern of 1 MB", "longer than", row=LIVE),
    refused("routes-endless", "it registers 20000 routes", "more than", row="cost.life"),
    refused("route-null-handler", "it registers a route without a handler", "handle is NULL"),
    refused("route-null", "it registers NULL as a route", "NULL"),
    refused("route-odd-method", "it registers a method that nobody knows", "unknown method 99", row=LIVE),
    refused("route-negative-timeout", "it registers a route with a negative timeout", "out of range", row=LIVE),
    refused("metric-two-types", "it opens a metric as two types", "animals_seconds"),
    refused("metric-odd-name", "it opens a metric with blanks in its name", "no such name", row=LIVE),
    refused("metrics-endless", "it opens a million metrics", "animal"),
    refused("timer-negative", "it starts a timer in the past", "must not be negative", row=LIVE),
    refused("timer-null", "it starts a timer without a function", "NULL"),
    refused("timers-endless", "it starts a million timers", "timers of one plugin", row="cost.life"),
    refused("provides-undeclared", "it provides an interface that its manifest does not name", "zoo.undeclared/1", row=LIVE),
    refused("provides-malformed", "it provides what is no name of an interface", "no interface", row=LIVE),
    refused("requires-undeclared", "it requires an interface that its manifest does not name", "zoo.undeclared/1", row=LIVE),
    Member("check-twice", "it adds a health check twice", "running", quiet="both are asked, under one name", row="calls.host"),
    refused("checks-endless", "it adds a thousand health checks", "100", row=LIVE),
    refused("command-twice", "it adds a command twice", "there is a command 'feed' already"),
    refused("command-odd-schema", "it adds a command whose schema is none", "schema", row=LIVE),
    refused("publishes-as-host", "it publishes an event of the host's", "only the host publishes"),
    refused("publishes-malformed", "it publishes an event whose payload is no JSON", "payload", row=LIVE),
    refused("subscribes-nonsense", "it subscribes to what is no kind of event", "No Kind", row=LIVE),
    asked("jobs-endless", "it submits jobs without end", ((429, 503),), quiet="the call answers that its share of the queue is full"),
    asked("publishes-in-circles", "the handler of an event publishes the event", ((200,), b"-5"),
          quiet="the ninth hop is refused, and says so to whoever publishes", row="calls.host"),
    asked("removes-twice", "it removes a route twice", ((200,), b"-7"), quiet="the second time answers that it is gone", row="calls.host"),
    asked("removes-foreign", "it removes what others have registered", ((200,), b"-7"),
          quiet="no handle is anything to whom it was not given", row="calls.host"),
    asked("null-host", "it calls the host as nobody", ((200,), b"-7"), quiet="the call answers that nobody is there"),
    asked("null-everywhere", "it passes NULL to every table", ((200,), b"ok"), quiet="each call answers what is wrong"),
    asked("views-of-null", "it passes texts at NULL to every table", ((200,), b"ok"), quiet="each call answers what is wrong"),
    asked("views-endless", "it passes texts without end to every table", ((200,), b"ok"), quiet="each call answers what is wrong"),
    asked("recurses", "it calls itself through the host without end", ((429,),), quiet="the call answers that it is nested too deep"),
    Member("registers-in-stop", "it registers in stop()", "disabled", deeds=(("disable",),), row="life.late-calls",
           quiet="the calls answer that it has been stopped"),
    Member("registers-in-destroy", "it registers in destroy()", "disabled", deeds=(("disable",),), row="life.late-calls",
           quiet="the calls answer that it has been stopped"),
    Member("jumps-over-host", "it jumps out of a callback, over the frames of the host", "retired", ("not drained by its deadline",),
           deeds=(("get", "", (200,)), ("disable",)), row="host.serves", exit=(1,)),
]
