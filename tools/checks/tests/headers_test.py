import unittest

import planted


class Headers(planted.PlantedTest):
    check = "headers"

    def test_accepts_headers_that_stand_alone(self):
        self.write("host/base/thing.hpp", "#pragma once\n#include <string>\nstruct Thing { std::string name; };\n")
        self.write("sdk/include/revenge/abi/thing.h", "#include <stdint.h>\ntypedef struct thing { uint32_t size; } thing;\n")
        self.assert_passes()

    def test_refuses_a_header_that_leans_on_its_includer(self):
        self.write("host/base/thing.hpp", "#pragma once\nstruct Thing { std::string name; };\n")
        self.assert_finds("host/base/thing.hpp: does not compile alone as c++23")

    def test_refuses_cxx_and_unprototyped_c_in_the_boundary(self):
        self.write("sdk/include/revenge/abi/thing.h", "struct thing { int a; };\nstatic inline int f(struct thing& t) { return t.a; }\n")
        self.assert_finds("does not compile alone as c11")

    def test_refuses_c_that_cxx_does_not_read(self):
        self.write("sdk/include/revenge/abi/thing.h", "typedef struct thing { int class; } thing;\n")
        self.assert_finds("does not compile alone as c++11")

    def test_asks_again_when_an_included_header_changed(self):
        self.write("host/base/name.hpp", "#pragma once\n#include <string>\n")
        self.write("host/base/thing.hpp", '#pragma once\n#include "base/name.hpp"\nstruct Thing { std::string name; };\n')
        self.assert_passes()
        self.write("host/base/name.hpp", "#pragma once\n")
        self.assert_finds("host/base/thing.hpp")


if __name__ == "__main__":
    unittest.main()
