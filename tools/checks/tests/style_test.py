import unittest

import planted


class Style(planted.PlantedTest):
    check = "style"

    def test_accepts_names_that_say_something(self):
        self.write("host/base/commonwealth.cpp", "// TODO(perf): see /tmp and /proc/self\n")
        self.assert_passes()

    def test_refuses_names_that_say_nothing(self):
        for name in ("utils.hpp", "string_util.cpp", "test_helper.py", "common.h", "plugin_manager.hpp"):
            path = self.write(f"host/base/{name}", "")
            self.assert_finds(f"host/base/{name}: the name does not say")
            path.unlink()

    def test_refuses_work_that_was_to_be_done_before_landing(self):
        self.write("host/base/thing.cpp", "\n// TODO(" + "now): finish\n")
        self.assert_finds("host/base/thing.cpp:2: to be done before it lands")

    def test_refuses_paths_of_one_machine(self):
        for folder in ("work/main", "home/ada", "root/x", "tmp/b/x"):
            self.write("host/base/thing.cpp", f'auto path = "/{folder}/y";\n')
            self.assert_finds("a path of one machine")


if __name__ == "__main__":
    unittest.main()
