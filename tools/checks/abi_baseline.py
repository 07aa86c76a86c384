#!/usr/bin/env python3
"""What is frozen of the boundary stays as it is: sdk/abi-baseline/ holds, for each frozen header, the offsets, types and
signatures that plugins were built with, and the header may only have grown since.

--freeze HEADER...  writes down what these headers are now; refused where they broke what was frozen before
--assertions        prints C that a compiler holds against the baseline
"""

import re
from dataclasses import dataclass

import abi_model
import abi_vocabulary
import tree
from tree import Problem

FOLDER = "sdk/abi-baseline"
POINTER = 8
# Of the machines a plugin is built for: all have pointers of 64 bits, and align each scalar to its size.
SCALARS = {"int8_t": 1, "uint8_t": 1, "int16_t": 2, "uint16_t": 2, "int32_t": 4, "uint32_t": 4, "int64_t": 8, "uint64_t": 8,
           "size_t": 8, "bool": 1, "char": 1, "float": 4, "double": 8}


@dataclass(frozen=True)
class Field:
    offset: int
    size: int
    name: str
    says: str  # its type, or the signature of a function with its thread and whether it waits

    def __str__(self):
        return f"  {self.offset} {self.size} {self.name}: {self.says}"


@dataclass(frozen=True)
class Layout:
    size: int
    alignment: int
    fields: tuple

    @property
    def padding(self):
        last = self.fields[-1] if self.fields else None
        return self.size - (last.offset + last.size) if last else 0


@dataclass(frozen=True)
class Frozen:
    table: str
    constants: dict
    structs: dict  # name: Layout, without alignment


class Boundary:
    """The headers as they are, with the layout of every struct."""

    def __init__(self, sources):
        self.headers = {}
        for name in sources.sources(abi_vocabulary.FOLDER):
            try:
                self.headers[name.rpartition("/")[2]] = abi_model.read(sources.text(name))
            except abi_model.Unreadable:
                pass  # abi_vocabulary.py tells it
        self.structs = {struct.name: struct for header in self.headers.values() for struct in header.structs}
        self.scalars = {name: kind for header in self.headers.values() for name, kind in header.scalars.items()}
        self.defines = {name: value for header in self.headers.values() for name, value in header.defines.items()}

    def extent(self, kind):
        """Size and alignment of a type."""
        if kind.pointers:
            return POINTER, POINTER
        if kind.base in SCALARS:
            return SCALARS[kind.base], SCALARS[kind.base]
        if kind.base in self.scalars:
            return self.extent(self.scalars[kind.base])
        layout = self.layout(self.structs[kind.base])
        return layout.size, layout.alignment

    def layout(self, struct):
        at, widest, fields = 0, 1, []
        for member in struct.members:
            size, alignment = (POINTER, POINTER) if member.is_function else self.extent(member.type)
            says = signature(member) if member.is_function else str(member.type)
            if member.count:
                count = self.defines.get(member.count) or int(member.count, 0)
                size, says = size * count, f"{says}[{count}]"
            at = -(-at // alignment) * alignment
            fields.append(Field(at, size, member.name, says))
            at, widest = at + size, max(widest, alignment)
        return Layout(-(-at // widest) * widest, widest, tuple(fields))

    def frozen(self, name):
        header = self.headers[name]
        return Frozen(header.table, {**header.constants, **header.defines},
                      {struct.name: self.layout(struct) for struct in header.structs})


def signature(function):
    parameters = ", ".join(str(parameter.type) for parameter in function.parameters)
    note = function.annotation
    tag = f" [{note.thread}] {'waits' if note.waits else 'no-wait'}; {'one-way' if note.one_way else 'two-way'}" if note else ""
    return f"{function.type}({parameters}){tag}"


def written(frozen):
    lines = [f"table {frozen.table}"] if frozen.table else []
    lines += [f"constant {name} {value}" for name, value in frozen.constants.items()]
    for name, layout in frozen.structs.items():
        lines += [f"struct {name} {layout.size}", *map(str, layout.fields)]
    return "\n".join(lines) + "\n"


def parsed(text):
    frozen = Frozen("", {}, {})
    for line in text.splitlines():
        kind, _, rest = line.strip().partition(" ")
        if kind == "table":
            frozen = Frozen(rest, frozen.constants, frozen.structs)
        elif kind == "constant":
            name, value = rest.split()
            frozen.constants[name] = int(value)
        elif kind == "struct":
            name, size = rest.split()
            frozen.structs[name] = Layout(int(size), 0, ())
        else:
            size, name, says = re.fullmatch(r"(\d+) (\w+): (.*)", rest).groups()
            struct = list(frozen.structs)[-1]
            known = frozen.structs[struct]
            frozen.structs[struct] = Layout(known.size, 0, (*known.fields, Field(int(kind), int(size), name, says)))
    return frozen


def baselines(sources):
    """By header."""
    names = sources.sources(FOLDER, suffixes=(".abi",))
    return {name.rpartition("/")[2].removesuffix(".abi") + ".h": parsed(sources.text(name)) for name in names}


def struct_breaks(name, before, now):
    for old, new in zip(before.fields, now.fields):
        if old != new:
            yield f"{name}.{old.name} is frozen as '{str(old).strip()}', and is now '{str(new).strip()}'; what must change gets a new id"
            return
    if len(now.fields) < len(before.fields):
        yield f"{name}.{before.fields[len(now.fields)].name} is frozen, and is gone"
    elif len(now.fields) > len(before.fields):
        first = now.fields[len(before.fields)]
        if name in abi_vocabulary.FIXED:
            yield f"{name}.{first.name}: a shape without a size never grows"
        elif first.offset < before.size:
            # An old filler's `size` covers its padding: a reader would take that for the new field.
            yield f"{name}.{first.name} lies in what was padding: plugins built before seem to have set it"


def breaks(before, now):
    if now is None:
        yield "is frozen, and is gone"
        return
    if before.table != now.table:
        yield f"its id is frozen as '{before.table}', and is now '{now.table}'; a new one stands beside the old"
    for name, value in before.constants.items():
        if now.constants.get(name) != value:
            yield f"{name} is frozen as {value}, and is now {now.constants.get(name, 'gone')}"
    for name, layout in before.structs.items():
        if name not in now.structs:
            yield f"struct {name} is frozen, and is gone"
        else:
            yield from struct_breaks(name, layout, now.structs[name])


def paddings(frozen):
    """A struct that ends in padding has no room to grow: see struct_breaks."""
    for name, layout in frozen.structs.items():
        if layout.padding and name not in abi_vocabulary.FIXED:
            yield f"struct {name} ends in {layout.padding} bytes of padding: give them a reserved field before it is frozen"


def find_problems(sources, arguments):
    boundary = Boundary(sources)
    before = baselines(sources)
    now = {name: boundary.frozen(name) for name in boundary.headers}
    problems = [Problem(f"{abi_vocabulary.FOLDER}/{name}", 0, text) for name, frozen in before.items()
                for text in breaks(frozen, now.get(name))]
    for name in arguments.freeze or ():
        problems += [Problem(f"{abi_vocabulary.FOLDER}/{name}", 0, text) for text in paddings(now[name])]
    if arguments.freeze and not problems:
        (sources.root / FOLDER).mkdir(exist_ok=True)
        for name in arguments.freeze:
            (sources.root / FOLDER / (name.removesuffix(".h") + ".abi")).write_text(written(now[name]))
    if arguments.assertions:
        print(assertions(before))
    return problems


def assertions(frozen):
    lines = ["/* Generated from sdk/abi-baseline by tools/checks/abi_baseline.py --assertions. */",
             *(f"#include <revenge/abi/{name}>" for name in frozen)]
    for header in frozen.values():
        lines += [f'_Static_assert({name} == {value}, "{name}");' for name, value in header.constants.items()]
        for name, layout in header.structs.items():
            lines.append(f'_Static_assert(sizeof({name}) >= {layout.size}, "{name}");')
            for one in layout.fields:
                lines.append(f'_Static_assert(offsetof({name}, {one.name}) == {one.offset} && '
                             f'sizeof((({name}*)0)->{one.name}) == {one.size}, "{name}.{one.name}");')
    return "\n".join(lines)


if __name__ == "__main__":
    tree.main(find_problems, __doc__, freeze={"nargs": "+", "metavar": "HEADER"}, assertions={"action": "store_true"})
