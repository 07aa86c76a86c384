"""What the functions of a lifecycle can do: throw, hang, say odd things."""

from members import LIVE, Member

ROWS = {"create": "life.create-destroy", "start": "life.start-stop", "health": "life.start-stop", "stop": "life.start-stop",
        "destroy": "life.create-destroy", "prepare": "config.prepare-commit-abort", "commit": "config.prepare-commit-abort"}
THROWN = "thrown across the boundary"
NUMBER = "threw something that is no std::exception"


def misbehaving(name, does, state="failed", *words, **more):
    return Member(name, does, state, words, package=f"misbehaving/{name}", **more)


def throws(phase):
    state = "failed" if phase in ("create", "start", "health") else "disabled"
    deeds = () if state == "failed" else (("disable",),)
    for kind, what, words in (("throws", "an exception", THROWN), ("throws-int", "a number", NUMBER)):
        yield misbehaving(f"{kind}-in-{phase}", f"{phase}() throws {what}", state, f"{phase}()", words, row=ROWS[phase], deeds=deeds)


def hangs(phase):
    early = phase in ("create", "start", "health")
    yield misbehaving(f"hangs-in-{phase}", f"{phase}() never returns", "stuck", f"{phase}() did not return within", row=ROWS[phase],
                      deeds=() if early else (("disable",),), exit=(0, 1))


def reconfigured(name, does, *words, state="running", **more):
    return misbehaving(name, does, state, *words, deeds=(("configure", f"plugins:\n  {name}: {{change: 1}}\n"),),
                       row="config.prepare-commit-abort", **more)


MEMBERS = [
    *(member for phase in ("create", "start", "health", "stop", "destroy") for member in throws(phase)),
    *(member for phase in ("create", "start", "health", "stop", "destroy") for member in hangs(phase)),
    reconfigured("throws-in-prepare", "prepare() throws an exception", "prepare()", THROWN),
    reconfigured("throws-int-in-prepare", "prepare() throws a number", "prepare()", NUMBER),
    reconfigured("hangs-in-prepare", "prepare() never returns", "prepare() did not return within", exit=(0, 1)),
    reconfigured("throws-in-commit", "commit() throws an exception", "commit()", THROWN, state="degraded"),
    reconfigured("throws-int-in-commit", "commit() throws a number", "commit()", NUMBER, state="degraded"),
    reconfigured("hangs-in-commit", "commit() never returns", "commit() did not return within", state="degraded", exit=(0, 1)),
    misbehaving("create-leaves-null", "create() leaves its functions NULL", "failed", "NULL", row="life.create-destroy"),
    misbehaving("endless-message", "the reason it gives claims a gigabyte", "failed", "a gigabyte of reasons", row="life.start-stop"),
    misbehaving("broken-text", "the reason it gives is no UTF-8", "failed", "broken", row="life.start-stop"),
    Member("starts-oddly", "start() answers a success that nobody knows", "failed", ("start()", "unknown status 77"), row=LIVE),
    Member("starts-unknown", "start() answers a failure that nobody knows", "failed", ("start()", "unknown status -77"), row="life.start-stop"),
    Member("starts-pending", "start() answers that it goes on", "failed", ("start()", "unknown status 1"), row=LIVE),
    Member("starts-slowly", "start() needs long, and its manifest says so", "running", quiet="nothing is wrong with it",
           no_row="nothing is wrong with it"),
    Member("health-fails", "health() fails after start()", "failed", ("health()", "the animals have left"), row="life.start-stop"),
    Member("health-unavailable", "health() says from the beginning that something is missing", "degraded", ("the animals sleep",),
           no_row="a plugin may be degraded"),
    Member("health-flaps", "health() changes its mind each time", "degraded", ("now and then",), deeds=(("state", "degraded"),),
           no_row="a plugin may be degraded"),
]
