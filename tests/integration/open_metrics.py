"""A strict reader of OpenMetrics 1.0.0 text: what the specification forbids, it refuses. Source: OpenMetrics specification, sections 4 and 5."""

import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
NUMBER = re.compile(r"(?:[-+]?[0-9]+\.?[0-9]*(?:[eE][-+]?[0-9]+)?|[-+]Inf|NaN)\Z")
SUFFIXES = {"counter": ("_total", "_created"), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count", "_created")}


class Malformed(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Malformed(what)


def labels(text):
    """The labels that `text` begins with, and what is left of it."""
    found = {}
    require(text.startswith("{"), text)
    at = 1
    while text[at] != "}":
        end = text.index("=", at)
        name = text[at:end]
        require(LABEL.match(name) and name not in found, f"label {name!r}")
        require(text[end + 1] == '"', f"value of {name}")
        at, value = end + 2, ""
        while text[at] != '"':
            if text[at] == "\\":
                at += 1
                require(text[at] in '\\"n', f"escape in {name}")
                value += "\n" if text[at] == "n" else text[at]
            else:
                require(text[at] != "\n", f"line feed in {name}")
                value += text[at]
            at += 1
        found[name] = value
        at += 1
        require(text[at] in ",}", f"after {name}")
        if text[at] == ",":
            at += 1
            require(text[at] != "}", f"comma after {name}")
    return found, text[at + 1:]


def number(text):
    require(NUMBER.match(text), f"number {text!r}")
    return float(text)


class Sample:
    def __init__(self, line):
        end = re.search(r"[{ ]", line)
        require(end, line)
        self.name = line[:end.start()]
        require(NAME.match(self.name), self.name)
        rest = line[end.start():]
        self.labels, rest = labels(rest) if rest.startswith("{") else ({}, rest)
        value, _, exemplar = rest[1:].partition(" # ")
        require(rest.startswith(" ") and " " not in value, line)
        self.value = number(value)
        self.exemplar = None
        if exemplar:
            self.exemplar, rest = labels(exemplar)
            words = rest[1:].split(" ")
            require(rest.startswith(" ") and len(words) in (1, 2), line)
            self.exemplar_value = number(words[0])
            if len(words) == 2:
                number(words[1])
            size = sum(len(name) + len(value) for name, value in self.exemplar.items())
            require(size <= 128, f"exemplar of {size} code points")


class Family:
    def __init__(self, name):
        self.name, self.type, self.unit, self.help, self.samples = name, None, None, None, []

    def check(self):
        require(self.type in SUFFIXES, f"type of {self.name}: {self.type}")
        if self.unit:
            require(self.name.endswith("_" + self.unit), f"unit of {self.name}")
        seen = set()
        for sample in self.samples:
            key = (sample.name, tuple(sorted(sample.labels.items())))
            require(key not in seen, f"twice: {key}")
            seen.add(key)
            suffix = sample.name[len(self.name):]
            require(suffix in SUFFIXES[self.type], f"{sample.name} of a {self.type}")
            if self.type != "gauge":
                require(not math.isnan(sample.value) and sample.value >= 0, f"{sample.name} is {sample.value}")
            if sample.exemplar is not None:
                require(suffix in ("_total", "_bucket"), f"exemplar on {sample.name}")
        if self.type == "histogram":
            self.check_buckets()

    def check_buckets(self):
        series = {}
        for sample in self.samples:
            rest = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
            series.setdefault(rest, []).append(sample)
        for samples in series.values():
            buckets = [sample for sample in samples if sample.name.endswith("_bucket")]
            limits = [bucket.labels["le"] for bucket in buckets]
            require(all(limit == "+Inf" or "." in limit or "e" in limit for limit in limits), f"le is no float: {limits}")
            bounds = [float(limit) for limit in limits]
            require(bounds == sorted(bounds) and bounds[-1] == math.inf, f"bounds of {self.name}: {bounds}")
            counts = [bucket.value for bucket in buckets]
            require(counts == sorted(counts), f"buckets of {self.name} fall")
            count = [sample.value for sample in samples if sample.name.endswith("_count")]
            require(count == counts[-1:], f"_count of {self.name}")
            below = -math.inf
            for bucket, bound in zip(buckets, bounds):
                if bucket.exemplar is not None:
                    require(below < bucket.exemplar_value <= bound, f"exemplar of {self.name} outside {below}..{bound}")
                below = bound


def parse(text):
    """Families by name; raises Malformed."""
    require(text.endswith("# EOF\n"), "no # EOF at the end")
    families, family = {}, None
    lines = text.split("\n")[:-2]
    for line in lines:
        require(line and "\r" not in line, "empty line or carriage return")
        if line.startswith("#"):
            mark, kind, name, *rest = line.split(" ", 3)
            require(mark == "#" and kind in ("TYPE", "UNIT", "HELP") and NAME.match(name), line)
            if family is None or family.name != name:
                require(name not in families, f"{name} in two blocks")
                family = families[name] = Family(name)
            require(not family.samples, f"{kind} of {name} behind its samples")
            attribute = kind.lower()
            require(getattr(family, attribute) is None, f"{kind} of {name} twice")
            setattr(family, attribute, rest[0] if rest else "")
        else:
            sample = Sample(line)
            require(family is not None and sample.name.startswith(family.name), f"{sample.name} outside its family")
            family.samples.append(sample)
    names = set()
    for each in families.values():
        each.check()
        for suffix in SUFFIXES[each.type]:
            require(each.name + suffix not in names, f"{each.name} clashes")
            names.add(each.name + suffix)
    return families
