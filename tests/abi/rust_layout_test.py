"""The structs of the plugin in Rust have the sizes and offsets that are frozen in sdk/abi-baseline/."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "checks"))
import abi_baseline  # noqa: E402
import tree  # noqa: E402

BOUNDARY = ROOT / "tests" / "plugins" / "plain_rust" / "boundary.rs"
STRUCT = re.compile(r"pub struct (\w+) \{\n(.*?)\n\}", re.DOTALL)
FIELD = re.compile(r"^    pub (?:r#)?(\w+):", re.MULTILINE)
TRUNCATED = {"revenge_http"}  # the plugin reads its first functions only; the host fills it


def declared(source):
    """Fields of each struct that is not opaque."""
    found = {name: FIELD.findall(body) for name, body in STRUCT.findall(source)}
    return {name: fields for name, fields in found.items() if fields}


def program(structs):
    lines = [f'#[path = "{BOUNDARY}"]\nmod boundary;\nuse boundary::*;\nuse core::mem::MaybeUninit;\nfn main() {{']
    for name, fields in structs.items():
        lines.append(f'    println!("{name} {{}}", core::mem::size_of::<{name}>());')
        lines.append(f"    let one = MaybeUninit::<{name}>::uninit();\n    let at = one.as_ptr();")
        for field in fields:
            member = "r#type" if field == "type" else field
            lines.append(f'    println!("{name}.{field} {{}}", unsafe {{ core::ptr::addr_of!((*at).{member}) as usize }} - at as usize);')
    return "\n".join([*lines, "}"])


class RustLayout(unittest.TestCase):
    def test_is_the_frozen_one(self):
        structs = declared(BOUNDARY.read_text())
        self.assertGreater(len(structs), 10)
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "layout.rs"
            source.write_text(program(structs))
            subprocess.run([os.environ["REVENGE_RUSTC"], "--edition", "2021", source, "-o", source.with_suffix("")], check=True)
            said = subprocess.run([source.with_suffix("")], check=True, capture_output=True, text=True).stdout
        measured = {what: int(number) for what, number in map(str.split, said.splitlines())}
        frozen = {name: layout for header in abi_baseline.baselines(tree.Tree(ROOT)).values() for name, layout in header.structs.items()}
        expected = {}
        for name, fields in structs.items():
            layout = frozen[name]
            count = len(fields) if name in TRUNCATED else len(layout.fields)
            known = layout.fields[:count]
            last = known[-1]
            expected[name] = layout.size if name not in TRUNCATED else last.offset + last.size
            expected |= {f"{name}.{'self_' if each.name == 'self' else each.name}": each.offset for each in known}
        self.assertEqual(measured, expected)


if __name__ == "__main__":
    unittest.main()
