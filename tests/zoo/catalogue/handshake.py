"""What the entry and the descriptor can say."""

from members import LIVE, Member


def says(name, does, *words, row="load.probe", **more):
    return Member(name, does, "refused", words, row=row, **more)


MEMBERS = [
    says("entry-crashes", "its entry crashes", "revenge_plugin_entry ended the process with SIGILL"),
    says("entry-refuses", "its entry refuses the host, with a line break in the reason", "no licence found"),
    says("id-mismatch", "its library says another id than its manifest", "somebody-else", row="load.identity"),
    says("descriptor-differs", "its library says another id to the host than in its trial", "somebody-else",
         row=LIVE),
    says("abi-newer", "it was built for a later generation of the ABI", "ABI generation 7"),
    says("size-zero", "its descriptor has no size", "size of 0 bytes"),
    says("size-huge", "its descriptor claims 4 GB", "size of 4294967280 bytes"),
    Member("size-larger", "its descriptor is larger than the host's", "running", quiet="nothing is wrong with it: a newer SDK appended to it",
           no_row="nothing is wrong with it", deeds=()),
    says("create-null", "its descriptor has no create", "create is NULL"),
    says("view-wild", "the id of its descriptor lies nowhere", "points to memory that cannot be read"),
    says("view-endless", "the id of its descriptor never ends", "claims 18446744073709551615 bytes"),
    says("descriptor-wild", "its descriptor lies nowhere", "memory that cannot be read"),
    says("descriptor-unmapped", "its descriptor lies in memory that was given back", "memory that cannot be read"),
    Member("good", "its optional functions are NULL", "running", quiet="nothing is wrong with it", no_row="nothing is wrong with it"),
    Member("regex", "it is full of templates with static data", "running", quiet="nothing is wrong with it",
           no_row="nothing is wrong with it"),
]
