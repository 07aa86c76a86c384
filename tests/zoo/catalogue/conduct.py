"""What it can take from the others: the watchdog and the budgets tell of it, and lead it up their ladder."""

from members import LIVE, Member

OWN_MEMORY = "it serves on: the boundary has no allocator, and whose memory malloc gave is not known (decision 0018)"
# A window is a second, a stall a tenth of one; one rung up ends it.
QUICK = ("budgets.window_s=1", "watchdog.io_after_ms=100")


def takes(name, does, deeds, *words, rung="warn", **more):
    more.setdefault("row", "host.budgets")
    return Member(name, does, "running", words, deeds=(*deeds, *((("rung", rung),) if words else ())), **more)


def gets(times, *statuses):
    return (("get", "", statuses or (200,)),) * times


MEMBERS = [
    takes("blocks-io", "it rests on an I/O thread", gets(1), "a callback did not return in time", "I/O thread", "zoo_handle",
          row="io.blocks", options=QUICK),
    takes("spins", "it keeps a core busy", gets(4), "beyond its budget", "cpu", rung="",
          options=(*QUICK, "budgets.plugins.spins.cpu=0.1", "budgets.highest=warn"), lines=-1),
    takes("floods-log", "it writes 100000 lines into the log", gets(3), "beyond its budget", "log_lines", rung="", row=LIVE,
          options=(*QUICK, "budgets.highest=warn"), lines=-1),
    takes("errs-always", "every request fails", gets(30, 500, 503), "beyond its budget", "errors", rung="", row=LIVE,
          options=(*QUICK, "budgets.plugins.errs-always.errors=0.5", "budgets.highest=warn"), lines=-1),
    takes("allocates", "it takes 256 MB and keeps them", gets(3), quiet=OWN_MEMORY,
          sanitizer="reports a leak when the host ends"),
    takes("spawns", "it asks for 300 threads", gets(3, 200, 500, 429), "beyond its budget", "threads",
          options=(*QUICK, "budgets.plugins.spawns.threads=10", "budgets.highest=warn"), lines=-1),
]
