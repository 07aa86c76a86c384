"""What static initialisers can do. It happens in a child process first."""

from members import Member


def ends(name, does, *words, row="load.probe", **more):
    return Member(name, does, "refused", ("static initialiser", *words), row=row, **more)


def changes(name, does, *words, row="load.settings", **more):
    return Member(name, does, "running", words, row=row, **more)


MEMBERS = [
    ends("init-throws", "a static initialiser throws", "no such table: films"),
    ends("init-crashes", "a static initialiser crashes", "SIGILL"),
    ends("init-exits", "a static initialiser ends the process", "exit code 7"),
    ends("init-exits-quickly", "a static initialiser calls quick_exit", "exit code 3"),
    ends("init-hangs", "a static initialiser never returns", "did not end within 5 s"),
    ends("init-spins", "a static initialiser takes a core for ever", "did not end within 5 s"),
    changes("init-forks", "a static initialiser leaves a process behind", "it uses fork", row="symbols.imports"),
    changes("init-umask", "a static initialiser sets the umask", "umask"),
    changes("init-locale", "a static initialiser sets the locale", "locale"),
    changes("init-folder", "a static initialiser changes the working folder", "working folder"),
    changes("init-environment", "a static initialiser changes the environment", "environment"),
    changes("init-ignores-signals", "a static initialiser ignores SIGTERM", "ignored signals", exit=(0, -15)),
    changes("init-blocks-signals", "a static initialiser blocks all signals of its thread", "blocked signals"),
    changes("init-limits", "a static initialiser takes descriptors from the process", "limit of descriptors"),
    Member("init-thread", "a static initialiser starts a thread", "retired", ("thread", "which the host did not start"),
           row="load.settings", deeds=(("disable",),), lines=2),
    Member("signal-handler", "a static initialiser takes a signal", "retired", ("it handles signal SIGUSR2",), row="load.settings",
           deeds=(("disable",),), lines=2),
    Member("init-terminate-handler", "a static initialiser takes over std::terminate", "retired", ("std::terminate's handler",),
           row="load.unload", deeds=(("disable",),), lines=2),
    Member("pthread-key", "a static initialiser makes a thread-specific key", "retired", ("pthread_key_create",),
           row="symbols.imports", deeds=(("disable",),), lines=2),
    Member("unload-crashes", "it crashes while it is being unloaded", "retired", ("unloading it", "SIGILL"), row="load.unload",
           deeds=(("disable",),), lines=2),
]
