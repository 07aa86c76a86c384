#!/usr/bin/env python3
"""Who may include whom. The tables below are the arrows of docs/architecture.md; host/CMakeLists.txt links the
same way. An include that is not on them is a finding."""

import tree
from tree import Problem

# A room of the host may include itself, these rooms, and the C boundary <revenge/abi/...>.
ROOMS = {
    "base": [],
    "document": ["base"],
    "observe": ["base"],
    "config": ["base", "document", "observe"],
    "flags": ["base", "document", "observe"],
    "runtime": ["base", "observe"],
    "service": ["base", "observe"],
    "process": ["base", "runtime", "observe"],
    "module": ["base", "document", "observe"],
    "http": ["base", "runtime", "observe", "service"],
    "plugin": ["base", "module", "service", "config", "flags", "runtime", "observe"],
    "admin": ["base", "document", "plugin", "flags", "config", "http", "observe"],
    "ext": ["base", "document", "observe", "config", "flags", "runtime", "service", "process", "module", "http",
            "plugin"],
    "app": ["base", "document", "observe", "config", "flags", "runtime", "service", "process", "module", "http",
            "plugin", "admin", "ext"],
}

# A third-party library stays in the rooms named here.
CONFINED = {
    "boost/dll": ["module"],
    "boost/beast": ["http"],
    "boost/asio": ["runtime", "process", "http"],
    "boost/asio/ssl": ["http"],
    "openssl": ["http", "module"],
    "spdlog": ["observe"],
    "yaml-cpp": ["document"],
    "nlohmann": ["document"],
    "valijson": ["document"],
}

ABI_STANDARD = ("stdint.h", "stddef.h", "stdbool.h")

# Shapes that need no host, which domain files may share: what results are, and the interface that a plugin is there to offer
# (docs/decisions/0016).
SHAPES = ("revenge/result.hpp", "revenge/file.hpp", "revenge/keyed_hash.hpp", "revenge/abi/sql.h")

# A plugin's wiring knows the SDK; its domain files know neither SDK nor host. Wiring that is more than one file has a folder.
WIRING = ("plugin.cpp", "plugin.hpp", "plugin.c", "plugin.h", "plugin_test.cpp")  # the last tests the wiring


def room_rule(sources, name, include):
    room = name.split("/")[1]
    if room not in ROOMS:
        return f"'{room}' is no room; the rooms are {', '.join(ROOMS)} (tools/checks/arrows.py)"
    if include.quoted:
        target = include.name.split("/")[0]
        if target not in ROOMS:
            return f'"{include.name}" names no room; includes of the host are rooted at host/, as "{room}/x.hpp"'
        if target != room and target not in ROOMS[room]:
            allowed = ", ".join(ROOMS[room]) or "nothing"
            return f'{room} may not include {target} ("{include.name}"); it may include {allowed}'
        return None
    if include.name.startswith("revenge/") and not include.name.startswith("revenge/abi/"):
        return f"<{include.name}> is the plugins' side of the SDK; the host includes <revenge/abi/...> only"
    for library, rooms in CONFINED.items():
        if include.name.startswith((library + "/", library + ".")) and room not in rooms:
            return f"<{include.name}>: {library} stays in {', '.join(rooms)}; put it behind a header of that room"
    return None


def abi_rule(sources, name, include):
    if not include.quoted and (include.name in ABI_STANDARD or include.name.startswith("revenge/abi/")):
        return None
    return f"the boundary includes only <revenge/abi/...>, {', '.join(f'<{h}>' for h in ABI_STANDARD)}, not {include.name}"


def sdk_rule(sources, name, include):
    if include.quoted:
        return f'"{include.name}": headers of the SDK include each other as <revenge/...>'
    if include.name.startswith("revenge/testing/") and not name.startswith("sdk/include/revenge/testing/"):
        return f"<{include.name}> is for tests of plugins only"
    if "/" in include.name and not include.name.startswith(("revenge/", "sys/")):
        return f"<{include.name}>: the SDK needs the standard library alone"
    return None


def plugin_rule(sources, name, include):
    folder = tree.plugin_folder(name)
    if folder is None:
        return None
    target = sources.resolve(name, include)
    if target and target.startswith("host/"):
        return f"a plugin never includes the host ({include.name})"
    if include.quoted and (target is None or not target.startswith(folder + "/")):
        return f'"{include.name}" is not a file of {folder}; a plugin includes its own files, <revenge/...> and third-party headers'
    if target and target.startswith("plugins/") and not target.startswith(folder + "/"):
        return f"a plugin never includes another plugin ({include.name})"
    within = name.removeprefix(folder + "/").removeprefix("tests/")
    wiring = within in WIRING or within.startswith("wiring/")
    if not include.quoted and include.name.startswith("revenge/") and not wiring and include.name not in SHAPES:
        return f"<{include.name}>: only a plugin's wiring ({', '.join(WIRING)}, wiring/) knows the SDK; domain files know neither SDK nor host"
    return None


RULES = (
    ("sdk/include/revenge/abi/", abi_rule),
    ("sdk/include/revenge/", sdk_rule),
    ("host/", room_rule),
    ("plugins/", plugin_rule),
)


def find_problems(sources, _arguments):
    problems = []
    for name in sources.sources("host", "sdk/include", "plugins"):
        rule = next(rule for prefix, rule in RULES if name.startswith(prefix))
        for include in sources.includes(name):
            text = rule(sources, name, include)
            if text:
                problems.append(Problem(name, include.line, text))
    return problems


if __name__ == "__main__":
    tree.main(find_problems, __doc__)
