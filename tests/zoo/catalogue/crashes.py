"""What takes the host down: the next start knows who it was, leaves it out and serves the others."""

from members import LIVE, Member

IMPORTS = "symbols.imports"
OWN_END = "finds it at once, and ends the process past every handler"


def ends(name, does, by, where, deeds=(("get-dead",),), **more):
    state = more.pop("state", "quarantined" if more.get("blames", True) else "running")
    return Member(name, does, state, more.pop("words", (where,) if where else ()),
                  deeds=deeds, dies=by, where=where, **more)


def handler(name, does, by, *, row="calls.answers", **more):
    return ends(name, does, by, f"/zoo/{name}", row=row, **more)


MEMBERS = [
    ends("behaves-on-trial", "its static initialiser crashes in the host alone", "SIGILL", "load", deeds=(),
         row=LIVE),
    ends("faults-in-create", "create() reads what is not there", "SIGSEGV", "create", deeds=(), row="life.create-destroy"),
    ends("faults-in-start", "start() reads what is not there", "SIGSEGV", "start", deeds=(), row="life.start-stop"),
    ends("faults-in-health", "health() reads what is not there", "SIGSEGV", "health", deeds=(), row="life.start-stop"),
    ends("faults-in-timer", "its timer reads what is not there", "SIGSEGV", "timer", deeds=(("wait-dead",),), row="calls.timers"),
    ends("faults-in-thread", "a thread that the host gave it reads what is not there", "SIGSEGV", "deed", deeds=(("wait-dead",),), row=LIVE),
    ends("faults-on-own-thread", "a thread of its own reads what is not there", "SIGSEGV", "", deeds=(("get", "", (200,)), ("wait-dead",)),
         words=("faults-on-own-thread.so",), row=IMPORTS),
    ends("faults-in-stop", "stop() reads what is not there", "SIGSEGV", "stop", deeds=(("disable-dead",),), state="disabled", row="life.start-stop"),
    ends("faults-in-destroy", "destroy() reads what is not there", "SIGSEGV", "destroy", deeds=(("disable-dead",),),
         state="disabled", row="life.create-destroy"),
    handler("faults-in-handler", "its handler reads what is not there", "SIGSEGV"),
    handler("calls-null", "it calls a function at NULL", "SIGSEGV"),
    handler("calls-weak", "it calls a weak function that nobody defines", "SIGSEGV"),
    handler("bus-error", "it reads behind the end of a mapped file", "SIGBUS"),
    handler("divides-by-zero", "it divides by zero", "SIGFPE"),
    handler("illegal-instruction", "it runs an illegal instruction", "SIGILL"),
    handler("aborts", "it calls abort()", "SIGABRT"),
    handler("overflows-stack", "it calls itself until its stack is full", "SIGSEGV"),
    handler("frees-twice", "it frees its memory twice", "SIGABRT", sanitizer=OWN_END),
    handler("frees-foreign", "it frees what it never allocated", "SIGABRT", sanitizer=OWN_END),
    handler("raises-signal", "it sends itself SIGSEGV", "SIGSEGV"),
    handler("exits", "it calls exit()", "3", row=IMPORTS),
    handler("exits-at-once", "it calls _exit()", "3", row=IMPORTS),
    handler("exits-quickly", "it calls quick_exit()", "3", row=IMPORTS),
    handler("kills-in-handler", "it kills its process", "SIGKILL", blames=False, words=("ended without a word",)),
    ends("exits-in-start", "start() calls _exit()", "3", "start", deeds=(), row=IMPORTS),
    ends("kills-in-start", "start() kills its process", "SIGKILL", "start", deeds=(), row="life.start-stop"),
    handler("closes-everything", "it closes descriptors that are not its own, all of them", "SIGABRT", blames=False,
            words=("closed descriptors of the host",), row="host.serves"),
    handler("ends-host-thread", "it ends a thread of the host by pthread_exit()", "SIGABRT", row=IMPORTS),
    ends("ends-lifecycle-thread", "start() ends its thread by pthread_exit()", "SIGABRT", "start", deeds=(), row=IMPORTS),
    ends("ends-timer-thread", "its timer ends a thread of the host by pthread_exit()", "SIGABRT", "timer", deeds=(("wait-dead",),),
         row=IMPORTS),
]
