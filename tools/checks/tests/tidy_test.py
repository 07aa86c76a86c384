import json
import shutil
import unittest

import planted

SLICED = """struct Base { int a; };
struct Derived : Base { int b; };
void take(Base);
void give(const Derived& d) { take(d); }
"""


class Tidy(planted.PlantedTest):
    check = "tidy"

    def setUp(self):
        super().setUp()
        shutil.copy(planted.CHECKS.parents[1] / ".clang-tidy", self.root / ".clang-tidy")
        self.options = ("--all", "--build", self.root / "build")

    def source(self, text, flags=""):
        self.write("host/base/thing.cpp", text)
        path = str(self.root / "host/base/thing.cpp")
        entry = {"directory": str(self.root / "build"), "file": path, "command": f"g++ -std=c++23 {flags} -c {path}"}
        self.write("build/compile_commands.json", json.dumps([entry]))

    def test_accepts_sound_code(self):
        self.source("int thing() { return 1; }\n")
        self.assert_passes(*self.options)

    def test_slicing_is_an_error(self):
        self.source(SLICED)
        self.assert_finds("host/base/thing.cpp:4: slicing object from type 'Derived' to 'Base'", options=self.options)

    def test_asks_again_when_a_header_changed(self):
        self.write("host/base/thing.hpp", "#pragma once\n")
        self.source('#include "thing.hpp"\n')
        self.assert_passes(*self.options)
        self.write("host/base/thing.hpp", "#pragma once\n" + SLICED.replace("void give", "inline void give"))
        self.assert_finds("host/base/thing.hpp:5: slicing", options=self.options)

    def test_reads_commands_that_only_gcc_knows(self):
        self.source("int thing() { return 1; }\n", "-fno-gnu-unique")
        self.assert_passes(*self.options)

    def test_a_family_is_on(self):
        self.source("#include <mutex>\n#include <string>\nvoid take(std::string text);\nbool same(std::string text) { return text.empty(); }\n")
        self.assert_finds("performance-unnecessary-value-param", options=self.options)


if __name__ == "__main__":
    unittest.main()
