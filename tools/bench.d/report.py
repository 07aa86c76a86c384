"""How figures are told: a line each for people, a JSON object each for programs, and the machine they hold for."""

import json
import os
import platform
import subprocess
import sys

from figures import Unmeasured

COLUMNS = "{:<44} {:>10} {:<8} {:>10} {:>24}  {:<22} {:<10} {}"


def machine():
    with open("/proc/cpuinfo") as lines:
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")
    compiler = subprocess.run(["g++", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(), "compiler": f"g++ {compiler}",
            "load": round(os.getloadavg()[0], 2)}


def short(number):
    return "-" if number is None else f"{number:.4g}" if abs(number) < 1e5 else f"{number:.0f}"


class People:
    def begin(self):
        found = machine()
        print(f"machine: {found['cpu']}, {found['cores']} cores, Linux {found['kernel']}, {found['compiler']}, load {found['load']}")
        print(COLUMNS.format("figure", "value", "unit", "reference", "ratio [95 %]", "goal", "met", "noise min/median/max (samples)"))

    def show(self, figure):
        if isinstance(figure, Unmeasured):
            print(f"{figure.name:<44} not measured: {figure.reason}", flush=True)
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
        print(json.dumps({"name": figure.name, "met": figure.met, "reason": figure.reason}
                         if isinstance(figure, Unmeasured) else figure.summary()), flush=True)


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K  {text}", end="", file=sys.stderr, flush=True)


def progress_done():
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
