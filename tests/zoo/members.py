"""The zoo: each way in which a plugin can misbehave, what the host does, and what people are told. Data alone: the tests act on
it (tests/integration/zoo_trial.py), docs/zoo.md is made of it."""

import dataclasses
import importlib
import pathlib
import sys

# The states in which a member has nothing that serves; its note says why.
ENDED = ("refused", "failed", "stuck", "waiting", "quarantined", "disabled")

# The row that finds what the host for tests takes as it is.
LIVE = "host.serves"


@dataclasses.dataclass(frozen=True)
class Member:
    name: str
    does: str  # one line for people
    state: str = "running"  # what /v1/plugins shows in the end; of a plugin that is gone, its last instance
    words: tuple = ()  # that the one message has, beside the plugin's name
    quiet: str = ""  # why there is no message: what is told to whom instead
    plugin: str = ""  # its id; empty: the name
    package: str = ""  # the built one, below the build folder; empty: zoo/NAME
    change: tuple = ()  # what is done to a copy of it: see zoo_package.py
    beside: tuple = ()  # other packages that are there, as (package, id, change)
    load: str = "enable"  # how it comes: enable; start: with the host; elsewhere: enable, of another folder
    options: tuple = ()  # of the host
    deeds: tuple = ()  # what is asked of it when it runs: see zoo_trial.py
    lines: int = 1  # that carry the message: one for each time that it was provoked; -1: one, or more with time
    dies: str = ""  # by which signal or exit code the host ends; empty: it lives
    blames: bool = True  # the next start knows the plugin
    where: str = ""  # in which of its functions, as the next start says it
    exit: tuple = (0,)  # of the host, when it is stopped afterwards
    sanitizer: str = ""  # what a sanitizer makes of it, where that is an end of its own: then it is no test there
    row: str = ""  # of revenge-check that finds it
    no_row: str = ""  # why none does

    @property
    def id(self):
        return self.plugin or self.name

    @property
    def built(self):
        return self.package or f"zoo/{self.name}"


GROUPS = ("manifests", "packages", "libraries", "initialisers", "handshake", "life", "registrations", "answers", "state",
          "leftovers", "conduct", "crashes", "requirements")


def members():
    """Group -> its members."""
    folder = str(pathlib.Path(__file__).parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return {group: importlib.import_module(f"catalogue.{group}").MEMBERS for group in GROUPS}


def every():
    return [member for group in members().values() for member in group]
