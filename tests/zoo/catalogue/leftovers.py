"""What it can leave behind when it goes."""

from members import Member


def leaves(name, does, *words, state="retired", row="life.unload", **more):
    more.setdefault("deeds", (("disable",),))
    return Member(name, does, state, words, row=row, **more)


MEMBERS = [
    leaves("leaves-own-thread", "a thread of its own runs on", "which the host did not start"),
    leaves("leaves-signal-handler", "a signal handler of its own stays", "it handles signal SIGUSR2"),
    leaves("leaves-key", "a thread-specific key of its own stays", "pthread_key_create", lines=2, row="symbols.imports"),
    leaves("leaves-on-exit", "an on_exit handler of its own stays", "on_exit", lines=2, row="symbols.imports"),
    leaves("leaves-atexit", "an atexit handler of its own stays", state="disabled", quiet="it runs when the library is unmapped",
           row="", no_row="it does no harm"),
    leaves("leaves-descriptors", "200 descriptors stay open", state="disabled", quiet="nobody can tell whose they are",
           row="leaks.fds"),
    leaves("leaves-thread-local", "a thread_local with a destructor stays in a thread of the host", "thread_local",
           deeds=(("get", "", (200,)), ("disable",))),
    Member("thread-local", "it touches a thread_local in a create() that sets nothing", "failed", ("NULL",), row="life.create-destroy"),
    Member("leaves-things-behind", "routes, timers, metrics and jobs stay", "disabled", package="misbehaving/leaves-things-behind",
           deeds=(("disable",), ("gone", "/misbehaving/leaves-things-behind")), quiet="the host withdraws them", row="life.late-calls"),
    Member("calls-in-destroy", "it calls the host in destroy()", "disabled", package="misbehaving/calls-in-destroy", deeds=(("disable",),),
           words=("late",), row="life.late-calls"),
    Member("calls-after-destroy", "a thread of its own calls the host after destroy()", "retired", ("which the host did not start",),
           package="misbehaving/calls-after-destroy", deeds=(("disable",),), row="leaks.threads"),
    Member("throws-in-timer", "its timer throws an exception", "running", ("timer", "thrown across the boundary"),
           package="misbehaving/throws-in-timer", deeds=(("rest",),), row="calls.timers"),
    Member("throws-int-in-timer", "its timer throws a number", "running", ("timer", "no std::exception"),
           package="misbehaving/throws-int-in-timer", deeds=(("rest",),), row="calls.timers"),
    Member("hangs-in-timer", "its timer never returns", "retired", ("not drained by its deadline",), package="misbehaving/hangs-in-timer",
           deeds=(("rest",), ("disable",)), row="calls.timers", exit=(0, 1)),
    Member("streams-for-ever", "it streams for ever", "retired", ("not drained by its deadline",), package="misbehaving/streams-for-ever",
           deeds=(("open", "/misbehaving/streams-for-ever"), ("disable",)), row="calls.answers", exit=(0, 1)),
    Member("spawns-deaf", "a thread that the host gave it does not stop", "stuck", ("threads that do not stop", "deaf"),
           deeds=(("disable",),), row="life.start-stop", exit=(0, 1)),
    Member("forks", "it forks and executes nothing", "running", ("it uses fork",), deeds=(("get", "", (200,)),),
           row="symbols.imports"),
]
