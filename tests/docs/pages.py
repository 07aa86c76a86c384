"""What the documentation is held against: the tree, the built programs, the headers. As a program it rewrites the generated
parts: python3 tests/docs/pages.py BUILD."""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "checks"))
sys.path.insert(0, str(ROOT / "tests" / "zoo"))
import abi_model  # noqa: E402
import members  # noqa: E402

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "sdk" / "README.md", *(ROOT / "docs").rglob("*.md")])
HEADERS = ROOT / "sdk" / "include" / "revenge" / "abi"
BASELINE = ROOT / "sdk" / "abi-baseline"


def page(name):
    return (ROOT / name).read_text()


def json_file(name):
    return json.loads(page(name))


def part(text, name):
    """What stands between <!-- NAME --> and <!-- /NAME -->."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    if not found:
        raise AssertionError(f"no part '{name}'")
    return found[1]


def rows(table):
    """Cells of each row of the tables in a text, without heads and rulers."""
    lines = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table.splitlines()
             if line.startswith("|")]
    return [cells for at, cells in enumerate(lines)
            if not re.fullmatch(r"-+", cells[0]) and not (at + 1 < len(lines) and re.fullmatch(r"-+", lines[at + 1][0]))]


def config_reference(build):
    return said(build, "revenge", "--print-config-reference", str(pathlib.Path(build) / "plugins"))


def headers():
    return {path.name: abi_model.read(path.read_text()) for path in sorted(HEADERS.glob("*.h"))}


def abi_functions():
    """A line for each function of each struct, by header."""
    lines = []
    for name, header in headers().items():
        offered = f", table `{header.table}`" if header.table else ""
        functions = [(struct.name, member) for struct in header.structs for member in struct.members if member.is_function]
        if not functions:
            continue
        lines += [f"### {name}{offered}", "", "| function | thread | waits | what changes its owner |", "|---|---|---|---|"]
        for struct, member in functions:
            says = member.annotation
            owns = re.sub(r"\*(\w+)", r"`\1`", says.owns.split(". ")[0].rstrip("."))
            lines.append(f"| `{struct}.{member.name}` | {says.thread} | {'yes' if says.waits else 'no'} | {owns} |")
        lines.append("")
    return "\n".join(lines)


def frozen_headers():
    return {path.stem + ".h" for path in BASELINE.glob("*.abi")}


def abi_tables():
    """Each header that has structs, and whether it may change."""
    lines = ["| header | table | |", "|---|---|---|"]
    for name, header in headers().items():
        if header.structs:
            state = "frozen" if name in frozen_headers() else "draft"
            lines.append(f"| `{name}` | {f'`{header.table}`' if header.table else ''} | {state} |")
    return "\n".join(lines) + "\n"


def zoo():
    """The members of the zoo, a table for each group."""
    lines = []
    for group, of_group in members.members().items():
        lines += [f"### {group.capitalize()}", "", "| member | what it does | it ends | what is said | found by |", "|---|---|---|---|---|"]
        for member in of_group:
            said_of_it = ", ".join(f"`{word}`" for word in member.words) or member.quiet
            end = member.state
            if member.dies:
                ends = " or ".join(name if name.startswith("SIG") else f"exit code {name}" for name in member.dies.split("|"))
                end = f"host ends: {ends}; {member.state}" if member.blames else f"host ends: {ends}; nobody is blamed"
            cells = [f"`{member.name}`", member.does, end, said_of_it, f"`{member.row}`" if member.row else member.no_row]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def said(build, program, *arguments):
    done = subprocess.run([str(pathlib.Path(build) / "bin" / program), *arguments], capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise AssertionError(f"{program} {' '.join(arguments)}: exit code {done.returncode}: {done.stderr}")
    return done.stdout


def generated(build):
    return {("docs/configuration.md", "keys"): config_reference(build), ("docs/abi.md", "functions"): abi_functions(),
            ("docs/abi.md", "tables"): abi_tables(),
            ("docs/zoo.md", "members"): zoo(),
            ("docs/check.md", "usage"): "```\n" + said(build, "revenge-check", "--help") + "```\n",
            ("docs/check.md", "rows"): said(build, "revenge-check", "--list")}


def main():
    for (name, mark), text in generated(sys.argv[1]).items():
        path = ROOT / name
        old = part(path.read_text(), mark)
        path.write_text(path.read_text().replace(f"<!-- {mark} -->\n{old}<!-- /{mark} -->", f"<!-- {mark} -->\n{text}<!-- /{mark} -->"))


if __name__ == "__main__":
    main()
