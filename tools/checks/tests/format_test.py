import unittest

import planted


class Format(planted.PlantedTest):
    check = "format"

    def setUp(self):
        super().setUp()
        self.write(".clang-format", "BasedOnStyle: Google\n")

    def test_accepts_formatted_sources(self):
        self.write("host/base/thing.cpp", "int thing() { return 1; }\n")
        self.assert_passes()

    def test_names_the_first_line_that_differs(self):
        self.write("host/base/thing.cpp", "int one() { return 1; }\nint  thing() {return 1;}\n")
        self.assert_finds("host/base/thing.cpp:2: not formatted; clang-format-19 -i host/base/thing.cpp")


if __name__ == "__main__":
    unittest.main()
