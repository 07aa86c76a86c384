"""How figures are told: a line each for people, a JSON object each for programs, and the machine they hold for."""

import json
import os
import platform
import subprocess
import sys

from figures import Table, Unmeasured

COLUMNS = "{:<44} {:>10} {:<8} {:>10} {:>24}  {:<22} {:<10} {}"


def machine():
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(), "compiler": f"g++ {compiler}",
            "load": round(os.getloadavg()[0], 2)}


def short(number):
    return "-" if number is None else f"{number:.4g}" if abs(number) < 1e5 else f"{number:.0f}"


def table_lines(table):
    """As Markdown has it, each column as wide as it must be."""
    cells = [[str(cell) for cell in table.columns], *([short(cell) if not isinstance(cell, str) else cell for cell in row] for row in table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    lines = ["| " + " | ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]) + " |"
             for row in cells]
    rule = "|" + "|".join(["-" * (widths[0] + 2), *("-" * (width + 1) + ":" for width in widths[1:])]) + "|"
    return [f"{table.name}{': ' + table.note if table.note else ''}", lines[0], rule, *lines[1:]]


class People:
    def begin(self):
        found = machine()
        print(f"machine: {found['cpu']}, {found['cores']} cores, Linux {found['kernel']}, {found['compiler']}, load {found['load']}")
        print(COLUMNS.format("figure", "value", "unit", "reference", "ratio [95 %]", "goal", "met", "noise min/median/max (samples)"))

    def show(self, figure):
        if isinstance(figure, Unmeasured):
            print(f"{figure.name:<44} not measured: {figure.reason}", flush=True)
            return
        if isinstance(figure, Table):
            print("\n".join(table_lines(figure)), flush=True)
            return
        found = figure.summary()
        between = found["interval"]
        spread = f" [{short(between[0])}, {short(between[1])}]" if between else ""
        ratio = (short(found["ratio"]) if found["ratio"] is not None else "") + spread
        noise = "/".join(map(short, found["noise"])) + f" ({found['samples']})"
        print(COLUMNS.format(found["name"], short(found["value"]), found["unit"], short(found["reference"]), ratio, found["goal"],
                             found["met"], noise + (f"; {found['note']}" if found["note"] else "")), flush=True)


class Programs:
    def begin(self):
        print(json.dumps({"machine": machine()}), flush=True)

    def show(self, figure):
        if isinstance(figure, Unmeasured):
            said = {"name": figure.name, "met": figure.met, "reason": figure.reason}
        elif isinstance(figure, Table):
            said = {"name": figure.name, "rows": [dict(zip(figure.columns, row)) for row in figure.rows], "note": figure.note}
        else:
            said = figure.summary()
        print(json.dumps(said), flush=True)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K  {text}", end="", file=sys.stderr, flush=True)


def progress_done():
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
