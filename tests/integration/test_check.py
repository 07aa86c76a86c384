"""`revenge-check` finds what is wrong with every package that misbehaves, by a row that is named here, and nothing at those that
behave."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor

BUILD = pathlib.Path(os.environ["REVENGE_BUILD"])
SANITIZED = bool(os.environ.get("REVENGE_SANITIZER"))
PROGRAM = BUILD / "bin" / "revenge-check"
PATIENCE = 600 if SANITIZED else 240  # seconds for one package; a deadline, never a wait

# These do what their routes say: hang, burn time, end the process.
TO_ORDER = ("crasher", "greedy", "vitals")

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "zoo"))
import members  # noqa: E402


def as_built(folder):
    """The members whose package is one of the built ones as it is, by the name of its folder."""
    return {member.built.partition("/")[2]: member for member in members.every()
            if member.built.startswith(folder + "/") and not member.change and member.built.endswith("/" + member.name)}


# What nobody can say of a package from outside: nothing is wrong with these.
GOOD_ZOO = ("good", "regex", "size-larger")

# What a plugin does to its host and its process -> the row that finds it, and what it says.
SAMPLES = {
    "answers-after-destroy": ("life.late-calls", r"http.respond is called after destroy\(\) has returned"),
    "answers-its-own-event": ("calls.host", "events.publish is called wrongly: the event is refused"),
    "blocks-signals": ("life.settings", "the blocked signals is changed by its start"),
    "changes-environment": ("life.settings", "the environment's REVENGE_CHECK_SAMPLE is set by its start"),
    "changes-folder": ("life.settings", "the working directory is changed by its start: from .* to /usr"),
    "changes-locale": ("life.settings", "the locale is changed by its start: from C to .*C.UTF-8"),
    "changes-rounding": ("life.settings", "the rounding of numbers is changed by its start"),
    "changes-umask": ("life.settings", "the umask is changed by its start: from .* to 0000"),
    "closes-others-descriptors": ("life.settings", r"descriptor \d+, which is not its own, is closed"),
    "exits": ("life.start-stop", r"ended the process with exit code \d+ in start\(\)"),
    "floods-routes": ("cost.life", "one life takes 2001 routes, more than 1000"),
    "floods-the-log": ("cost.life", "log.write is called more than 10000 times in one life"),
    "floods-timers": ("cost.life", "one life takes 2000 timers, more than 1000"),
    "forks": ("life.settings", "a process is left"),
    "gives-back-others": ("calls.host", "http.remove is called wrongly: what it gives back is not its own"),
    "gives-back-twice": ("calls.host", "http.remove is called wrongly: what it gives back is not its own, or no more"),
    "handles-a-signal": ("life.settings", "the handler of SIGUSR2 is changed by its start"),
    "ignores-a-signal": ("life.settings", "the ignored signals is changed by its start"),
    "leaves-a-key": ("life.settings", "a pthread key is left"),
    "leaves-a-thread": ("life.unload", "which the host did not start, runs its code"),
    "leaks-a-descriptor": ("leaks.fds", "20 descriptors are left by 20 lives"),
    "leaks-memory": ("leaks.memory", r"\d+ bytes of the heap are left by \d+ lives"),
    "null-argument": ("calls.host", "http.add_route is called wrongly: NULL"),
    "opens-descriptors": ("cost.life", "one life takes 300 descriptors, more than 200"),
    "publishes-for-the-host": ("calls.host", "events.publish is called wrongly: the event is refused: it is the host's"),
    "route-reserved": ("calls.host", "no host takes the route '/admin/mine': paths below"),
    "route-twice": ("calls.host", "the route '/route-twice' is registered twice"),
    "route-unclosed": ("calls.host", "no host takes the route '/films/{id'"),
    "size-of-nothing": ("calls.host", "http.add_route is called wrongly: a struct that says it has 0 bytes"),
    "spins-in-a-thread": ("cost.idle", "a processor is busy with it"),
    "spins-in-start": ("life.start-stop", r"start\(\) did not return within \d"),
    "takes-memory": ("cost.life", r"one life takes 6\d\d MiB of memory, more than 512"),
}


def check(package, *options):
    done = subprocess.run([str(PROGRAM), "--json", "--seed", "1", *options, str(package)], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL)
    if done.returncode == 2:
        raise AssertionError(f"{package}: {done.stderr}")
    report = json.loads(done.stdout)
    report["code"] = done.returncode
    return report


# Rows that cannot be run on what is shipped: a plugin without a state has none to hand over.
STATE = {"state.garbage", "state.older-blob", "state.round-trip"}
UNDER_SANITIZERS = {"life.fail-allocation"} if SANITIZED else set()  # their runtimes allocate for themselves
NOT_RUN = {"database": set(), "http-limits": set(), "library": STATE, "resilience": set(), "stream": set(), "telemetry-otlp": STATE}


def found(report):
    return {row["id"]: row["findings"] for row in report["rows"] if row["state"] == "found"}


def in_parallel(function, items):
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(zip(items, pool.map(function, items)))


class Found(unittest.TestCase):
    def finds(self, folder, members, elsewhere, good):
        there = {path.name for path in (BUILD / folder).iterdir() if (path / "plugin.json").exists()}
        self.assertEqual(there, {*members, *good}, "each member has its row in the table of this test")
        # A row that finds it is enough: the whole of a package is for those that behave.
        results = in_parallel(lambda name: check(BUILD / folder / name, "--only", members[name]),
                              sorted({*members} - {*elsewhere}))
        for name, report in results:
            with self.subTest(member=name):
                self.assertEqual(report["code"], 1)
                told = {row["id"]: row for row in report["rows"]}
                self.assertEqual(told[members[name]]["state"], "found", told[members[name]])
                self.assertTrue(all(told[members[name]]["findings"]))

    def test_every_member_of_the_zoo_is_found_or_it_is_said_why_none_can(self):
        self.finds_all("zoo")

    def test_everything_that_misbehaves_is_found(self):
        self.finds_all("misbehaving")

    def finds_all(self, folder):
        built = as_built(folder)
        self.finds(folder, {name: member.row for name, member in built.items() if member.row},
                   [name for name, member in built.items() if SANITIZED and member.sanitizer],
                   [name for name, member in built.items() if not member.row])

    def test_each_sample_is_found_by_its_row(self):
        there = {path.parent.name for path in (BUILD / "check-samples").glob("*/plugin.json")}
        self.assertEqual(there, {*SAMPLES, "well-behaved"}, "each sample has its row in the table of this test")
        told = in_parallel(lambda name: check(BUILD / "check-samples" / name, "--only", SAMPLES[name][0]), sorted(SAMPLES))
        for name, report in told:
            if SANITIZED and name in ("leaks-memory", "takes-memory"):
                continue  # the sanitizer's memory is not the plugin's
            row, says = SAMPLES[name]
            with self.subTest(sample=name):
                self.assertRegex("\n".join(found(report).get(row, ["nothing"])), says)
                self.assertEqual(report["code"], 1)

    def test_a_finding_names_signal_phase_and_last_call(self):
        text = found(check(BUILD / "misbehaving" / "hangs-in-stop", "--only", "life.start-stop"))["life.start-stop"][0]
        self.assertRegex(text, r"stop\(\) did not return within \d")
        text = found(check(BUILD / "misbehaving" / "throws-in-start", "--only", "life.start-stop"))["life.start-stop"][0]
        self.assertIn("an exception left start(): std::runtime_error: thrown across the boundary", text)


class Clean(unittest.TestCase):
    def clean(self, packages):
        for package, report in [(package, check(package)) for package in packages]:
            with self.subTest(package=package.name):
                self.assertEqual(found(report), {})
                self.assertEqual(report["code"], 0)
                yield package, report

    def test_shipped_plugins_are_clean(self):
        packages = sorted(path.parent for path in (BUILD / "plugins").glob("*/plugin.json"))
        self.assertGreaterEqual({path.name for path in packages}, {"database", "http-limits", "library", "resilience", "stream", "telemetry-otlp"})
        for package, report in self.clean(packages):
            self.assertEqual({row["id"] for row in report["rows"] if row["state"] == "not run"} - UNDER_SANITIZERS, NOT_RUN[package.name])
            print(f"{package.name}: {report['seconds']:.1f} s, not run: "
                  f"{sorted({row['why'] for row in report['rows'] if row['state'] == 'not run'})}", file=sys.stderr)

    def test_a_sample_without_a_deed_is_clean(self):
        self.assertEqual(len(list(self.clean([BUILD / "check-samples" / "well-behaved"]))), 1)

    def test_what_a_package_requires_lives_beside_it(self):
        report = check(BUILD / "plugins" / "library", "--only", "life.start-stop")
        self.assertEqual((found(report), [name.split()[0] for name in report["with"]]), ({}, ["database"]))
        with tempfile.TemporaryDirectory() as folder:
            alone = pathlib.Path(folder) / "library"
            shutil.copytree(BUILD / "plugins" / "library", alone)
            row = check(alone, "--only", "life.start-stop")["rows"][0]
            self.assertEqual(row["state"], "not run")
            self.assertIn("requires revenge.sql/1", row["why"])
            beside = check(alone, "--with", BUILD / "plugins" / "database", "--only", "life.start-stop")
            self.assertEqual([row["state"] for row in beside["rows"]], ["clean"])

    def test_good_members_of_the_zoo_are_clean(self):
        self.assertEqual(len(list(self.clean([BUILD / "zoo" / name for name in GOOD_ZOO]))), len(GOOD_ZOO))

    def test_plugins_of_the_tests_are_clean(self):
        packages = sorted(path.parent for path in (BUILD / "tests" / "packages").glob("*/plugin.json")
                          if path.parent.name not in TO_ORDER)
        self.assertEqual(len(list(self.clean(packages))), len(packages))


class Said(unittest.TestCase):
    GOOD = BUILD / "zoo" / "good"

    def run_it(self, *arguments):
        return subprocess.run([str(PROGRAM), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL)

    def test_exit_codes(self):
        self.assertEqual(self.run_it("--only", "manifest.valid", self.GOOD).returncode, 0)
        self.assertEqual(self.run_it("--only", "symbols.unique", BUILD / "zoo" / "unique").returncode, 1)
        for wrong in ((), (self.GOOD / "none",), ("--only", "no.such", self.GOOD), (self.GOOD, self.GOOD)):
            done = self.run_it(*wrong)
            self.assertEqual((done.returncode, done.stdout), (2, ""), wrong)
            self.assertIn("revenge-check:", done.stderr)

    def test_people_read_findings_remedy_and_summary_without_colours_in_a_pipe(self):
        lines = self.run_it("--only", "symbols.unique", "--seed", "5", BUILD / "zoo" / "unique").stdout.splitlines()
        self.assertTrue(lines[0].startswith("symbols.unique: "), lines)
        self.assertIn("-fno-gnu-unique", lines[1])
        self.assertRegex(lines[-1], r"^unique 1\.0\.0: 0 of 1 rows clean, 1 with findings, 0 not run; \d+\.\d s, seed 5$")

    def junit(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "junit.xml"
            code = self.run_it("--junit", file, *arguments).returncode
            root = xml.etree.ElementTree.parse(file).getroot()
        return code, root, {case.get("name"): case for case in root.iter("testcase")}

    def test_junit_has_a_case_for_each_row_and_counts_that_hold(self):
        code, root, cases = self.junit("--only", "symbols.*", "--only", "state.*", BUILD / "zoo" / "exports")
        self.assertEqual((root.tag, code), ("testsuites", 1))
        suite = root.find("testsuite")
        self.assertEqual(suite.get("name"), "revenge-check exports")
        for element in (root, suite):
            self.assertEqual({key: int(element.get(key)) for key in ("tests", "failures", "errors", "skipped")},
                             {"tests": len(cases), "failures": len(list(suite.iter("failure"))), "errors": 0,
                              "skipped": len(list(suite.iter("skipped")))})
        self.assertEqual({name for name, case in cases.items() if case.find("failure") is not None}, {"symbols.only-entry"})
        self.assertEqual({name for name, case in cases.items() if case.find("skipped") is not None}, STATE)
        self.assertTrue(all(case.get("classname") == "exports" and float(case.get("time")) >= 0 for case in cases.values()))

    def test_junit_and_json_say_the_same(self):
        package = BUILD / "misbehaving" / "broken-text"
        _, _, cases = self.junit("--only", "life.start-stop", "--seed", "1", package)
        row = check(package, "--only", "life.start-stop")["rows"][0]
        failure = cases["life.start-stop"].find("failure")
        self.assertEqual(failure.get("message"), row["findings"][0])
        self.assertEqual(failure.text.splitlines(), [*row["findings"], "remedy: " + row["remedy"]])

    def test_the_host_leads_to_it(self):
        done = subprocess.run([str(BUILD / "bin" / "revenge"), "check", "--only", "symbols.*", str(BUILD / "zoo" / "exports")],
                              capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertTrue(done.stdout.startswith("symbols.only-entry: "), done.stdout)

    def test_a_package_without_a_manifest_is_found_and_the_rest_not_run(self):
        with tempfile.TemporaryDirectory() as folder:
            report = check(folder)
        self.assertEqual(list(found(report)), ["manifest.valid"])
        self.assertEqual({row["why"] for row in report["rows"] if row["state"] == "not run"} - {"manifest.valid has findings"}, set())


if __name__ == "__main__":
    unittest.main()
