import subprocess
import unittest

import planted

EXPORTED = 'extern "C" __attribute__((visibility("default"))) '
ENTRY = EXPORTED + "int revenge_plugin_entry() { return 0; }\n"


class PluginSymbols(planted.PlantedTest):
    check = "plugin_symbols"

    def plugin(self, text):
        source = self.write("thing.cpp", text)
        library = self.root / "build" / "plugins" / "thing" / "thing.so"
        library.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["g++", "-shared", "-fPIC", "-fvisibility=hidden", source, "-o", library], check=True)
        return ("--build", self.root / "build")

    def test_accepts_the_entry_alone(self):
        self.assert_passes(*self.plugin(ENTRY))

    def test_refuses_a_second_symbol(self):
        self.assert_finds("exports other", options=self.plugin(ENTRY + EXPORTED + "int other() { return 1; }\n"))

    def test_refuses_a_missing_entry(self):
        self.assert_finds("does not export revenge_plugin_entry", options=self.plugin("int hidden() { return 1; }\n"))

    def test_refuses_a_unique_symbol(self):
        unique = """
template <typename T> struct __attribute__((visibility("default"))) Counter { static int value; };
template <typename T> int Counter<T>::value = 1;
extern "C" __attribute__((visibility("default"))) int revenge_plugin_entry() { return ++Counter<int>::value; }
"""
        self.assert_finds("GNU_UNIQUE symbol _ZN7CounterIiE5valueE", options=self.plugin(unique))

    def test_refuses_what_is_no_library(self):
        self.write("build/plugins/thing/thing.so", "text")
        self.assert_finds("build/plugins/thing/thing.so".removeprefix("build/"), options=("--build", self.root / "build"))

    def test_says_when_nothing_is_built(self):
        code, lines = self.run_check()
        self.assertEqual(code, 1)
        self.assertIn("no plugin is built", lines[0])


if __name__ == "__main__":
    unittest.main()
