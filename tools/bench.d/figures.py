"""What a figure is: samples, a goal, and the verdict the samples allow.

A ratio is the median of interleaved pairs (ours, reference), each pair measured one right after the other, so that
what disturbs the machine for longer than a pair disturbs both sides. Its interval comes from the order statistics
of the pairs and assumes nothing about their distribution."""

import json
from dataclasses import dataclass, field
from math import comb
from statistics import median

from process import Failed

AT_LEAST = 9  # pairs
AT_MOST = 33


def interval(values, confidence=0.95):
    """(low, high) that holds the true median with at least this confidence; None when there are too few values."""
    ordered, n = sorted(values), len(values)
    outside, rank = 0.0, 0  # P(fewer than `rank` values lie below the true median)
    while rank < n // 2 and 2 * (outside + comb(n, rank) / 2**n) <= 1 - confidence:
        outside += comb(n, rank) / 2**n
        rank += 1
    return (ordered[rank - 1], ordered[n - rank]) if rank else None


@dataclass(frozen=True)
class Sample:
    value: float
    reference: float = None
    pace: float = 1  # how many times slower than the machine that the goals are for this one was just then


@dataclass(frozen=True)
class Bound:
    """A goal: the median of `of` (value, ratio, excess over the reference) is at most, or at least, `limit`. A value and an
    excess are divided by the sample's pace before."""

    limit: float
    of: str = "value"
    at_least: bool = False

    def read(self, sample):
        if self.of == "value":
            return sample.value / sample.pace
        return sample.value / sample.reference if self.of == "ratio" else (sample.value - sample.reference) / sample.pace

    def verdict(self, samples):
        """yes, no, or undecided: neither, because the interval is wider than a quarter of the goal. One that lies wholly beyond
        the goal has missed it, however wide."""
        values = [self.read(sample) for sample in samples]
        between = interval(values)
        if between is None and self.of != "value":
            return "undecided"
        if between is not None and (between[1] < self.limit if self.at_least else between[0] > self.limit):
            return "no"
        if between is not None and between[1] - between[0] > self.limit / 4:
            return "undecided"
        reached = median(values) >= self.limit if self.at_least else median(values) <= self.limit
        return "yes" if reached else "no"

    def text(self, unit):
        sign = ">=" if self.at_least else "<="
        return {"value": f"{sign} {self.limit:g} {unit}", "ratio": f"{sign} {self.limit:g} x",
                "excess": f"{sign} +{self.limit:g} {unit}"}[self.of]


@dataclass
class Figure:
    name: str
    unit: str
    samples: list
    goals: tuple = ()  # one reached is enough
    note: str = ""

    def verdict(self):
        verdicts = {goal.verdict(self.samples) for goal in self.goals}
        return next((v for v in ("yes", "undecided", "no") if v in verdicts), "-")

    def remark(self):
        pace = median(sample.pace for sample in self.samples)
        slow = f"goal {pace:.2f} times as long here" if self.goals and pace > 1 else ""
        return "; ".join(text for text in (self.note, slow) if text)

    def summary(self):
        values = [sample.value for sample in self.samples]
        found = {
            "name": self.name, "unit": self.unit, "value": median(values), "reference": None, "ratio": None,
            "interval": None, "goal": " or ".join(goal.text(self.unit) for goal in self.goals), "met": self.verdict(),
            "samples": len(values), "noise": [min(values), median(values), max(values)], "note": self.remark(),
        }
        if self.samples[0].reference is not None:
            ratios = [sample.value / sample.reference for sample in self.samples]
            found["reference"] = median(sample.reference for sample in self.samples)
            found["ratio"], found["interval"] = median(ratios), interval(ratios)
        else:
            found["interval"] = interval(values)
        return found


@dataclass
class Table:
    """What several numbers together tell, and no goal holds for: a name a row, then its numbers; None where there is none."""

    name: str
    columns: tuple
    rows: list
    note: str = ""

    @staticmethod
    def verdict():
        return "-"


@dataclass
class Unmeasured:
    """A figure nobody could take, and why."""

    name: str
    reason: str
    met: str = field(default="not measured", init=False)


def measure(name, unit, take, goals, at_least=AT_LEAST, at_most=AT_MOST, note=""):
    """Takes samples until the verdict is decided, looking only at a few counts so as not to stop on a lucky one."""
    samples = []
    while True:
        samples += [take() for _ in range(at_least if not samples else 6)]
        figure = Figure(name, unit, samples, goals, note)
        if figure.verdict() != "undecided" or len(samples) + 6 > at_most:
            return figure


def measure_lines(take, goals, notes=None):
    """The same for a program that measures several figures at once: take(count) answers what it printed, `count` lines of JSON
    a figure. `goals` names the figures that must be there."""
    samples, units = {}, {}
    while True:
        for line in take(AT_LEAST if not samples else 6).splitlines():
            said = json.loads(line)
            samples.setdefault(said["name"], []).append(Sample(said["value"], said.get("reference_value"), said.get("pace", 1)))
            units[said["name"]] = said.get("unit", "ns")
        missing = [name for name in goals if name not in samples]
        if missing:
            raise Failed(f"'{missing[0]}' was not measured")
        figures = [Figure(name, units[name], taken, goals.get(name, ()), (notes or {}).get(name, "")) for name, taken in samples.items()]
        if all(figure.verdict() != "undecided" for figure in figures) or len(figures[0].samples) + 6 > AT_MOST:
            return figures
