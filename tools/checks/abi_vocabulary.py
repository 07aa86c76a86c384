#!/usr/bin/env python3
"""Headers of the boundary keep to the closed vocabulary and annotate every function, as base.h states it."""

import abi_model
import tree
from tree import Problem

FOLDER = "sdk/include/revenge/abi"

# Structs that never grow, and therefore carry no size.
FIXED = ("revenge_view", "revenge_buffer", "revenge_field", "revenge_sql_column", "revenge_sql_cell")

# Sized structs held by value; elsewhere a grown one would move the fields behind it.
HELD_BY_VALUE = {
    ("revenge_entry", "call"): "the host writes it, by the sizes of the revision the caller declared in `size`",
}

INTEGERS = ("int8_t", "uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "int64_t", "uint64_t", "size_t")
SCALARS = (*INTEGERS, "bool", "float", "double")
ANNOTATION_FORM = "/* [lifecycle|any-thread|io|worker] waits|no-wait; one-way|two-way; owns: ... */"


class Vocabulary:
    """What all headers together declare: a member may use a type of another header."""

    def __init__(self, headers):
        self.sized = {s.name for h in headers for s in h.structs if s.name not in FIXED}
        self.opaque = {name for h in headers for name in h.opaque}
        self.scalars = set(SCALARS) | {name for h in headers for name in h.scalars}

    def refusal(self, type_, inside_struct=False, key=None):
        """Why this type may not cross, or None."""
        if type_.pointers > 1:
            return f"'{type_}': no pointer to pointer; hand out an array of sized structs and a count"
        if type_.pointers == 1:
            if type_.base in ("void", *FIXED) or type_.base in self.scalars | self.sized | self.opaque:
                return None
            if type_.base == "char" and type_.constant:
                return None if key in (("revenge_view", "data"), ("revenge_buffer", "data")) else \
                    "'const char*': text crosses as revenge_view"
            return f"'{type_}' is not in the vocabulary"
        if type_.base in self.opaque:
            return f"'{type_}' is opaque: by pointer only"
        if inside_struct and type_.base in self.sized and key not in HELD_BY_VALUE:
            return f"'{type_}' by value: it grows and would move the fields behind it; hold a pointer"
        if type_.base in self.scalars or type_.base in FIXED or type_.base in self.sized:
            return None
        return f"'{type_}' is not in the vocabulary: fixed-width integers, float, double, bool, views, buffers, handles, sized structs"


def struct_problems(vocabulary, struct):
    members = struct.members
    if not struct.name.startswith("revenge_"):
        yield struct.line, f"struct {struct.name}: names of the boundary begin with revenge_"
    if struct.name not in FIXED:
        first = members[0] if members else None
        if first is None or (first.name, str(first.type), first.count) != ("size", "uint32_t", ""):
            yield struct.line, f"struct {struct.name}: the first field is 'uint32_t size'"
    for index, member in enumerate(members):
        if member.is_function:
            yield from function_problems(vocabulary, struct, member)
            continue
        key = (struct.name, member.name)
        if member.count and str(member.type) == "char":
            continue
        refusal = vocabulary.refusal(member.type, inside_struct=True, key=key)
        if refusal:
            yield member.line, f"{struct.name}.{member.name}: {refusal}"
        follower = members[index + 1].name if index + 1 < len(members) else ""
        if member.type.pointers and member.type.base in vocabulary.scalars and "count" not in follower:
            yield member.line, f"{struct.name}.{member.name}: an array is followed by its count"


def reports_end(parameter):
    """A completion for the host, or for another plugin the handle of one that its consumer opened."""
    return parameter.type.base == "revenge_completion" or (parameter.type.base, parameter.name) == ("revenge_handle", "done")


def function_problems(vocabulary, struct, function):
    name, where = f"{struct.name}.{function.name}", function.line
    if function.annotation is None:
        yield where, f"{name}: the comment before it lacks {ANNOTATION_FORM}"
    elif function.annotation.one_way and str(function.type) != "void":
        yield where, f"{name}: says one-way, yet answers {function.type}"
    elif function.annotation.waits and not any(reports_end(p) for p in function.parameters):
        yield where, f"{name}: says waits, yet takes no completion to report its end"
    if str(function.type) != "void":
        refusal = vocabulary.refusal(function.type)
        if refusal:
            yield where, f"{name} answers {refusal}"
    for parameter in function.parameters:
        refusal = vocabulary.refusal(parameter.type)
        if refusal:
            yield where, f"{name}: {parameter.name} {refusal}"


def find_problems(sources, _arguments):
    problems, headers = [], {}
    for name in sources.sources(FOLDER):
        try:
            headers[name] = abi_model.read(sources.text(name))
        except abi_model.Unreadable as reason:
            problems.append(Problem(name, reason.line, reason.text))
    vocabulary = Vocabulary(headers.values())
    for name, header in headers.items():
        for struct in header.structs:
            problems += [Problem(name, line, text) for line, text in struct_problems(vocabulary, struct)]
        for constant in header.constants:
            if not constant.startswith("REVENGE_"):
                problems.append(Problem(name, 0, f"{constant}: constants of the boundary begin with REVENGE_"))
    return problems


if __name__ == "__main__":
    tree.main(find_problems, __doc__)
