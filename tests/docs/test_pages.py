"""The documentation says what the tree and the built programs say: names, keys, options, states, messages, links; and the commands it shows
work as they are shown."""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

import pages
from pages import ROOT

sys.path.insert(0, str(ROOT / "tests" / "integration"))
from host import BUILD, NEXT_STREAM, STREAM, Host  # noqa: E402

FOLDERS = ("host", "sdk", "plugins", "config", "tests", "tools", "docs")
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')


def sources():
    return [path.read_text() for path in sorted((ROOT / "host").rglob("*.[ch]pp"))]


def without_blocks(text):
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


def code_spans(text):
    return re.findall(r"`([^`\n]+)`", without_blocks(text))


def commands(text):
    """Word lists of every command that a page shows, in blocks and in running text."""
    shown = [line.split(" # ")[0] for block in SHELL.findall(text) for line in block.splitlines()] + code_spans(text)
    for line in shown:
        try:
            words = shlex.split(line)
        except ValueError:
            continue
        if words and (words[0] in ("revenge", "revengectl") or re.fullmatch(r"tools/[\w/-]+", words[0])):
            yield words


class Names(unittest.TestCase):
    def test_links_lead_somewhere(self):
        for page in pages.PAGES:
            for target in re.findall(r"\]\(([^)#]+)", without_blocks(page.read_text())):
                if "://" not in target:
                    self.assertTrue((page.parent / target).exists(), f"{page.relative_to(ROOT)}: {target}")

    def test_named_files_exist(self):
        for page in pages.PAGES:
            for span in code_spans(page.read_text()):
                word = span.split()[0]
                if re.fullmatch(rf"({'|'.join(FOLDERS)})/[\w./*-]*", word):
                    self.assertTrue(list(ROOT.glob(word)), f"{page.relative_to(ROOT)}: {word}")

    def test_every_room_stands_in_the_table_and_in_the_picture(self):
        rooms = {path.parent.name for path in (ROOT / "host").glob("*/*.hpp")}
        table = pages.page("docs/architecture.md").split("## Rooms")[1].split("## Arrows")[0]
        self.assertEqual({row[0].strip("`") for row in pages.rows(table)}, rooms)
        picture = pages.page("README.md").split("## The rooms")[1].split("##")[0]
        self.assertEqual({room for room in rooms if not re.search(rf"\b{room}\b", picture)}, set())

    def test_every_linked_library_has_its_licence(self):
        text = (ROOT / "host" / "CMakeLists.txt").read_text()
        linked = {name.split("::")[0].lower() for name in re.findall(r"(?m)^revenge_room.*LINK ([\w:+ -]+)", text) for name in name.split()}
        linked |= {name.lower() for name in re.findall(r"find_package\((\w[\w-]*)", text)}
        listed = " ".join(row[0] for row in pages.rows(pages.page("docs/licences.md"))).lower()
        self.assertEqual({name for name in linked if name not in listed}, set())


class SaidByTheCode(unittest.TestCase):
    def test_generated_parts_are_up_to_date(self):
        for (name, mark), text in pages.generated(BUILD).items():
            self.assertEqual(pages.part(pages.page(name), mark), text, f"{name}: python3 tests/docs/pages.py BUILD rewrites it")

    def test_states_are_those_of_the_lifecycle(self):
        source = (ROOT / "host" / "plugin" / "lifecycle.cpp").read_text()
        states = LITERAL.findall(re.search(r"kStates\{(.*?)\}", source, re.DOTALL)[1])
        table = pages.page("docs/operator-guide.md").split("## What states mean")[1].split("##")[0]
        self.assertEqual([row[0] for row in pages.rows(table)], states)

    def test_metrics_are_those_of_the_host(self):
        named = {name for text in sources() for name in re.findall(r'"(revenge_[a-z_]+|process_[a-z_]+)"', text)}
        named -= {name for name in named if name.startswith("revenge_plugin_") or name == "revenge_session"}  # a cookie
        table = pages.page("docs/operator-guide.md").split("## Health, metrics, log")[1].split("##")[0]
        told = {row[0].strip("`") for row in pages.rows(table)}
        self.assertEqual({name for name in told if not name.startswith("GET ")}, named)

    def test_messages_are_said_somewhere(self):
        said = [re.sub(r"\{[^{}]*\}", "…", literal) for text in sources()
                for literal in LITERAL.findall(re.sub(r'"\s*\n\s*"', "", text))]
        table = pages.page("docs/operator-guide.md").split("## Troubleshooting")[1]
        for row in pages.rows(table):
            message = row[0].strip("`")
            pattern = re.compile(".*".join(re.escape(piece) for piece in message.split("…")))
            self.assertTrue(any(pattern.search(literal) for literal in said), message)

    def test_manifest_keys_are_those_of_the_schema(self):
        schema = pages.json_file("sdk/share/plugin.schema.json")
        table = pages.page("docs/file-formats.md").split("## plugin.json")[1].split("## State folder")[0]
        rows = pages.rows(table)
        self.assertEqual({row[0].strip("`") for row in rows}, set(schema["properties"]))
        self.assertEqual({row[0].strip("`") for row in rows if row[1] == "yes"}, set(schema["required"]))
        for outer in ("swap", "timeouts"):
            meaning = next(row[2] for row in rows if row[0] == f"`{outer}`")
            for key, inner in schema["properties"][outer]["properties"].items():
                self.assertIn(f"`{key}`" + (f" {inner['default']}" if outer == "timeouts" else ""), meaning)

    def test_keys_of_stream_are_those_of_its_manifest(self):
        keys = pages.json_file("plugins/stream/plugin.json")["config"]["properties"]
        sentence = re.search(r"Those of `stream` are (.*?):\n", pages.page("docs/operator-guide.md"))[1]
        self.assertEqual(re.findall(r"`(\w+)`", sentence), list(keys))

    def test_drafts_of_the_boundary_say_so_themselves(self):
        drafts = {row[0].strip("`") for row in pages.rows(pages.part(pages.page("docs/abi.md"), "tables")) if row[2] == "draft"}
        saying = {path.name for path in pages.HEADERS.glob("*.h") if "Draft: may change in the next release." in path.read_text()[:160]}
        self.assertEqual(saying, drafts)

    def test_constants_of_the_boundary_exist(self):
        known = " ".join(path.read_text() for path in pages.HEADERS.glob("*.h"))
        for name in re.findall(r"\bREVENGE_[A-Z_]+\b", pages.page("docs/abi.md") + pages.page("docs/file-formats.md")):
            self.assertRegex(known, rf"\b{name}\b")

    def test_exit_codes_are_those_of_the_help(self):
        text = pages.said(BUILD, "revenge", "--help")
        codes = re.findall(r"\d", re.search(r"exit codes: (.*)", text)[1])
        guide = pages.page("docs/operator-guide.md")
        section = guide.split("## Exit codes and stopping")[1].strip().split("\n\n")[0]
        self.assertEqual(re.findall(r"(?<!\w)(\d): ", section), codes)
        text = pages.said(BUILD, "revengectl", "--help").split("Exit codes:")[1]
        codes = re.findall(r"(?m)^ +(\d+)  \w", text)
        self.assertEqual(codes, re.findall(r"\b(\d+) \w", re.search(r"Its exit codes: (.*?) \(`plan`", guide)[1]))


class Commands(unittest.TestCase):
    def help_of(self, program):
        if program.split()[0] == "revenge":
            return pages.said(BUILD, *program.split(), "--help")
        if program == "revengectl":
            every = pages.said(BUILD, program, "--help")
            verbs = re.findall(r"(?m)^  ([a-z]+(?: [a-z]+)?)(?= [A-Z\[]|  | [a-z]+[|=])", every.split("Commands:\n")[1].split("\n\n")[0])
            return "\n".join([every, *(pages.said(BUILD, program, *verb.split(), "--help") for verb in verbs)])
        path = ROOT / program
        self.assertTrue(path.is_file() and os.access(path, os.X_OK), f"{program} is no command")
        return path.read_text()

    def test_options_and_verbs_exist(self):
        texts = {}
        for page in pages.PAGES:
            for words in commands(page.read_text()):
                of_program = words[0] == "revenge" and len(words) > 1 and re.fullmatch(r"[a-z]+", words[1])
                program = " ".join(words[:2]) if of_program else words[0]
                if program not in texts:
                    texts[program] = self.help_of(program)
                help_text = texts[program]
                for word in words[1:]:
                    if word.startswith("--") and word != "--":
                        option = re.escape(word.split("=")[0])
                        self.assertRegex(help_text, rf"{option}\b", f"{page.relative_to(ROOT)}: {' '.join(words)}")
                verb = next((word for word in words[1:] if not word.startswith("-") and "/" not in word), None)
                of_plugin = verb and (ROOT / "plugins" / verb / "plugin.json").is_file()  # revengectl ID COMMAND
                if words[0] == "revengectl" and verb and not of_plugin and verb != "complete":  # for shells, not listed
                    self.assertRegex(help_text, rf"(?m)^  {verb}\b", f"{page.relative_to(ROOT)}: {' '.join(words)}")

    def test_the_unit_starts_the_host_with_options_it_has(self):
        text = pages.page("config/revenge.service").replace("\\\n", " ")
        words = shlex.split(re.search(r"(?m)^ExecStart=(.*)$", text)[1])
        known = pages.said(BUILD, "revenge", "--help")
        self.assertTrue(words[0].endswith("/bin/revenge"))
        for option in (word for word in words if word.startswith("--")):
            self.assertRegex(known, rf"(?m)^  {option} ")


class Shown(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="revenge-docs-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def start(self, **arguments):
        host = Host(self.root, [STREAM], **arguments).start()

        def end():
            if host.process.poll() is None:
                host.process.kill()
                host.end()

        self.addCleanup(end)
        return host

    def test_the_operators_first_commands_do_what_is_said(self):
        host = self.start()
        (self.root / "build").mkdir()
        (self.root / "build" / "release").symlink_to(BUILD.resolve())
        environment = dict(os.environ)
        block = re.search(r"<!-- run -->\n```sh\n(.*?)```", pages.page("README.md"), re.DOTALL)[1]
        serves = {"swap": (200, "stream/0.2.0"), "rollback": (200, "stream/0.1.0"), "disable": (503, None), "enable": (200, "stream/0.1.0")}
        seen = []
        for line in block.splitlines():
            if line.startswith("export PATH="):
                environment["PATH"] = line.removeprefix("export PATH=").replace("$PWD", str(self.root)).replace("$PATH", environment["PATH"])
                continue
            done = subprocess.run(line, shell=True, cwd=self.root, env=environment, capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stdout}{done.stderr}")
            verb = line.split()[1]
            if verb in serves:
                answer = host.get("/stream")
                self.assertEqual((answer.status, answer.headers.get("revenge-plugin")), serves[verb], line)
                seen.append(verb)
        self.assertEqual(seen, list(serves))
        self.assertEqual(host.stop(), 0)

    def test_the_files_of_the_state_folder_look_as_shown(self):
        host = self.start()
        self.assertEqual(host.swap("stream", NEXT_STREAM).status, 200)
        self.assertEqual(host.stop(), 0)
        text = pages.page("docs/file-formats.md")
        shown = re.search(r"### desired\n.*?```\n(.*?)\n```", text, re.DOTALL)[1].split("\t")
        written = (self.root / "state" / "desired").read_text().rstrip("\n").split("\t")
        self.assertEqual((len(shown), shown[:2]), (len(written), written[:2]))
        self.assertEqual(pathlib.Path(written[2]), NEXT_STREAM.resolve())
        self.assertEqual(pathlib.Path(written[3]), (self.root / "plugins" / "stream").resolve())
        shown = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])
        written = json.loads((self.root / "state" / "probe-cache.json").read_text())
        self.assertEqual(set(shown), set(written))
        self.assertEqual([set(report) for report in shown["reports"].values()], [set(report) for report in list(written["reports"].values())[:1]])

    def test_the_example_configuration_is_accepted(self):
        block = re.search(r"```yaml\n(.*?)```", pages.page("docs/operator-guide.md"), re.DOTALL)[1]
        host = self.start(config=block)
        self.assertIn(host.plugin("stream")["state"], ("running", "degraded"))
        self.assertEqual(host.stop(), 0)


if __name__ == "__main__":
    unittest.main()
