"""The plugins of the soak: who is beneath whom, where the packages lie, and what a visit reaches."""

from host import BUILD
from store_pair import NEXT_READER, READER, READER_C, store

VERSIONS = ("1.0.0", "2.0.0")
TREE = {
    "leaf": ["store"],
    "branch-a": ["leaf"], "branch-b": ["leaf"], "branch-c": ["leaf"], "branch-d": ["leaf"],
    "root-x": ["branch-a", "branch-b"], "root-y": ["branch-c", "branch-d"], "root-z": ["branch-a", "branch-d"],
    "crown": ["root-x", "root-y", "root-z"],
}
BENEATH = {"store": [], "reader": ["store"], "reader-c": ["store"], **TREE}
STORE_KINDS = ("", "exclusive-")
MISBEHAVING = ("fails-create", "fails-restore", "fails-start", "fails-health")


def visits(id):
    """How many nodes a visit reaches."""
    return 1 + sum(visits(beneath) for beneath in TREE[id] if beneath in TREE)


def visits_leaf(id):
    """How much all leaves of a visit weigh at most."""
    return 9 * (1 if id == "leaf" else sum(visits_leaf(beneath) for beneath in TREE[id]))


def package(id, version):
    if id == "store":
        return store(version)
    if id == "reader":
        return {"1.0.0": READER, "2.0.0": NEXT_READER}[version]
    if id == "reader-c":
        return READER_C
    return BUILD / "soak" / version / id
