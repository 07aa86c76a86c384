"""What it can hand to its next version."""

from members import Member

ROW = "state.round-trip"
NAMES = {"throws": "throws an exception", "throws-int": "throws a number", "hangs": "never returns"}
SAYS = {"throws": "thrown across the boundary", "throws-int": "no std::exception", "hangs": "did not return within"}


def fails(name, does, *words, package="", **more):
    """Swapped to itself: refused, and the version before goes on."""
    return Member(name, does, "running", words, package=package, deeds=(("swap", (409, 500, 503, 504)), ("serves",)),
                  **{"row": ROW, **more})


def called(kind, phase):
    name = f"{kind}-in-{phase}"
    return Member(name, f"{phase}() {NAMES[kind]}", "running", (f"{phase}()", SAYS[kind]), package=f"misbehaving/{name}",
                  deeds=(("swap", (500, 503, 504)), ("serves", f"/misbehaving/{name}")), row=ROW, exit=(0, 1) if kind == "hangs" else (0,))


MEMBERS = [
    *(called(kind, phase) for phase in ("save", "restore") for kind in NAMES),
    fails("saves-refused", "save() refuses", "save()", "cannot be moved"),
    fails("saves-null", "save() gives a state at NULL", "save()", "NULL", row="host.swaps"),
    fails("saves-endless", "save() gives a state of 1 TB", "save()", "1099511627776"),
    fails("restores-refused", "restore() refuses the state", "restore()", "another plugin's"),
    Member("saves-nothing", "save() gives an empty state", "running", deeds=(("swap", (200,)), ("serves",)),
           quiet="an empty state is a state", no_row="an empty state is a state"),
    Member("saves-differently", "save() gives other bytes each time", "running", deeds=(("swap", (200,)), ("serves",)),
           quiet="the host compares no states", row=ROW),
    Member("swaps-slowly", "it is swapped twice at once", "running", ("holds",), deeds=(("swap-twice",), ("serves",)), lines=0,
           quiet="the second swap is refused while the first goes on", no_row="a matter of who operates it"),
]
