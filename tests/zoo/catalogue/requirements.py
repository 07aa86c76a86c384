"""What it can require of others."""

from members import Member

NONE = "a matter of which plugins are there"


def needs(name, does, state, requires, *words, provides=(), **more):
    change = {"requires": [{"interface": each} for each in requires], "provides": [{"interface": each} for each in provides]}
    return Member(name, does, state, words, plugin="good", package="zoo/good", change=(("manifest-set", change),), **more)


def ring(name, count):
    """`name` requires the first of count - 1 others, the last of which requires it."""
    ids = [name, *(f"{name}-{number}" for number in range(1, count))]
    def change(at):
        return ("manifest-set", {"id": ids[at], "provides": [{"interface": f"zoo.ring{at}/1"}],
                                 "requires": [{"interface": f"zoo.ring{(at + 1) % count}/1"}]})
    others = tuple(("zoo/good", ids[at], (change(at),)) for at in range(1, count))
    path = " -> ".join(ids[1:3]) if count > 2 else ids[1]
    return Member(name, f"it and {count - 1} other{'s' if count > 2 else ''} require each other in a circle", "refused", ("requires itself", path),
                  package="zoo/good", change=(change(0),), beside=others, load="start", no_row=NONE)


MEMBERS = [
    needs("requires-itself", "it requires what it provides itself", "refused", ["zoo.self/1"], "which this plugin provides itself", provides=["zoo.self/1"],
          row="manifest.valid"),
    ring("ring-of-two", 2),
    ring("ring-of-twenty", 20),
    needs("requires-nobody", "it requires what nobody provides", "waiting", ["zoo.nobody/1"], "zoo.nobody/1", lines=0,
          quiet="its note says what it waits for", no_row=NONE),
    needs("requires-later", "it requires a later revision of a table than the host has", "refused", ["revenge.http/7"],
          "needs revenge.http revision 7", "offers 1", row="load.probe"),
    Member("requires-disabled", "it requires what a plugin provides that is switched off", "waiting", ("zoo.off/1", "provider-off"),
           plugin="good", package="zoo/good", change=(("manifest-set", {"requires": [{"interface": "zoo.off/1"}]}),),
           beside=(("zoo/good", "provider-off", (("manifest-set", {"id": "provider-off", "provides": [{"interface": "zoo.off/1"}]}),)),),
           lines=0, quiet="its note says what it waits for", no_row=NONE),
    Member("flag-flips", "its flag is switched a hundred times", "running", plugin="good", package="zoo/good",
           deeds=(("flip", 100),), quiet="it ends as the flag says last", no_row="a matter of who operates it"),
]
