import shutil
import subprocess
import unittest

import planted

HEADER = """#include <stddef.h>
#include <stdint.h>
#define REVENGE_THING_ID "revenge.thing/1"
#define REVENGE_MOST 4
typedef int32_t revenge_status;
enum { REVENGE_RED = 3, REVENGE_GREEN, REVENGE_FLAG = 1 << 3 };
typedef struct revenge_view { const char* data; size_t size; } revenge_view;
typedef struct revenge_thing {
  uint32_t size;
  uint32_t reserved;
  revenge_view name;
  char text[REVENGE_MOST];
  uint32_t last;
  /* [io] no-wait; two-way; owns: nothing */
  revenge_status (*look)(void* self, const revenge_view* names, size_t name_count);
} revenge_thing;
"""
TAIL = "typedef struct revenge_tail { uint32_t size; uint32_t a; uint64_t b; uint32_t c; } revenge_tail;\n"


class AbiBaseline(planted.PlantedTest):
    check = "abi_baseline"

    def setUp(self):
        super().setUp()
        self.header(HEADER)

    def header(self, text):
        self.write("sdk/include/revenge/abi/thing.h", text)

    def frozen(self):
        self.assert_passes("--freeze", "thing.h")

    @property
    def baseline(self):
        return self.root / "sdk/abi-baseline/thing.abi"

    def now(self, old, new):
        self.assertIn(old, HEADER)
        self.header(HEADER.replace(old, new))

    def test_what_was_written_down_is_what_is_there(self):
        self.frozen()
        self.assert_passes()
        text = self.baseline.read_text()
        self.assertEqual(text.splitlines()[:7],
                         ["table revenge.thing/1", "constant REVENGE_RED 3", "constant REVENGE_GREEN 4", "constant REVENGE_FLAG 8",
                          "constant REVENGE_MOST 4", "struct revenge_view 16", "  0 8 data: const char*"])
        self.assertIn("  32 8 look: revenge_status(void*, const revenge_view*, size_t) [io] no-wait; two-way", text)

    def test_a_header_that_is_a_draft_may_change(self):
        self.now("uint32_t last;", "uint64_t last;")
        self.assert_passes()

    def test_fields_functions_and_constants_may_be_appended(self):
        self.frozen()
        self.header(HEADER.replace("} revenge_thing;", "  uint64_t more;\n} revenge_thing;").replace("1 << 3", "1 << 3, REVENGE_BLUE"))
        self.assert_passes()
        self.frozen()
        self.assertIn("more: uint64_t", self.baseline.read_text())

    def test_anything_else_is_told_by_name(self):
        for old, new, told in (
                ("uint32_t last;", "int32_t last;", "revenge_thing.last is frozen as"),
                ("  uint32_t last;\n", "", "revenge_thing.last is frozen as"),
                ("  revenge_view name;\n", "  uint64_t added;\n  revenge_view name;\n", "revenge_thing.name is frozen as"),
                ("size_t name_count)", "uint32_t name_count)", "revenge_thing.look is frozen as"),
                ("[io] no-wait", "[worker] no-wait", "revenge_thing.look is frozen as"),
                ("[io] no-wait", "[io] waits", "revenge_thing.look is frozen as"),
                ("REVENGE_RED = 3", "REVENGE_RED = 2", "REVENGE_RED is frozen as 3, and is now 2"),
                ("thing/1", "thing/2", "its id is frozen as 'revenge.thing/1'")):
            with self.subTest(new):
                self.baseline.unlink(missing_ok=True)
                self.header(HEADER)
                self.frozen()
                self.now(old, new)
                code, lines = self.run_check()
                self.assertEqual(code, 1)
                self.assertTrue(any(told in line for line in lines), lines)

    def test_a_shape_without_a_size_never_grows(self):
        self.frozen()
        self.now("const char* data; size_t size;", "const char* data; size_t size; size_t more;")
        self.assertIn("never grows", "\n".join(self.run_check()[1]))

    def test_a_header_that_went_is_missed(self):
        self.frozen()
        (self.root / "sdk/include/revenge/abi/thing.h").unlink()
        self.assert_finds("is frozen, and is gone")

    def test_a_struct_that_ends_in_padding_is_not_frozen(self):
        self.header(HEADER + TAIL)
        self.assert_finds("struct revenge_tail ends in 4 bytes of padding", options=("--freeze", "thing.h"))
        self.assertFalse(self.baseline.exists())

    def test_nothing_is_appended_into_padding(self):
        # An old filler's size covers it: the new field would be read as set.
        self.frozen()
        self.baseline.write_text(self.baseline.read_text() + "struct revenge_tail 24\n  0 4 size: uint32_t\n  4 4 a: uint32_t\n"
                                 "  8 8 b: uint64_t\n  16 4 c: uint32_t\n")
        self.header(HEADER + TAIL.replace("uint32_t c;", "uint32_t c; uint32_t new_one;"))
        self.assert_finds("revenge_tail.new_one lies in what was padding")

    def test_what_broke_is_not_frozen_over(self):
        self.frozen()
        before = self.baseline.read_text()
        self.now("uint32_t last;", "int32_t last;")
        self.assertEqual(self.run_check("--freeze", "thing.h")[0], 1)
        self.assertEqual(self.baseline.read_text(), before)

    def test_the_compiler_agrees_with_the_layout(self):
        self.frozen()
        code, lines = self.run_check("--assertions")
        self.assertEqual(code, 0)
        for compiler in filter(shutil.which, ("gcc", "clang-19")):
            compiled = subprocess.run([compiler, "-std=c11", "-fsyntax-only", f"-I{self.root}/sdk/include", "-x", "c", "-"], text=True,
                                      input="\n".join(lines), capture_output=True)
            self.assertEqual(compiled.returncode, 0, compiled.stderr)


if __name__ == "__main__":
    unittest.main()
