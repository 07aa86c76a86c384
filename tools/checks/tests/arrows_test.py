import sys
import unittest

import planted

sys.path.insert(0, str(planted.CHECKS))
import arrows  # noqa: E402


class Arrows(planted.PlantedTest):
    check = "arrows"

    def test_allows_what_the_architecture_allows(self):
        self.write("host/base/result.hpp", "#include <string>\n")
        self.write("host/http/router.hpp", '#include <revenge/abi/http.h>\n#include "base/result.hpp"\n#include "http/route.hpp"\n')
        self.write("sdk/include/revenge/abi/http.h", "#include <stdint.h>\n#include <revenge/abi/base.h>\n")
        self.write("sdk/include/revenge/http.hpp", "#include <sys/types.h>\n#include <optional>\n#include <revenge/abi/http.h>\n")
        self.write("plugins/stream/plugin.cpp", '#include <revenge/plugin.hpp>\n#include <fmt/format.h>\n#include "library.hpp"\n')
        self.write("plugins/stream/library.hpp", "#include <vector>\n")
        self.write("plugins/stream/wiring/pump.hpp", "#include <revenge/http.hpp>\n")
        self.write("plugins/stream/tests/plugin_test.cpp", '#include <revenge/testing/fake_host.hpp>\n#include "library.hpp"\n')
        self.assert_passes()

    def test_refuses_a_room_that_reaches_up(self):
        self.write("host/base/clock.cpp", '#include "base/clock.hpp"\n#include "runtime/timer.hpp"\n')
        self.assert_finds('host/base/clock.cpp:2: base may not include runtime ("runtime/timer.hpp")')

    def test_refuses_an_include_that_names_no_room(self):
        self.write("host/base/clock.cpp", '#include "clock.hpp"\n')
        self.assert_finds('"clock.hpp" names no room')

    def test_refuses_an_unknown_room(self):
        self.write("host/cache/cache.cpp", "#include <map>\n")
        self.assert_finds("'cache' is no room")

    def test_keeps_a_third_party_library_in_its_room(self):
        self.write("host/http/server.cpp", "#include <boost/beast/http.hpp>\n")
        self.write("host/service/slot.cpp", "#include <spdlog/spdlog.h>\n")
        self.assert_finds("host/service/slot.cpp:1: <spdlog/spdlog.h>: spdlog stays in observe")

    def test_keeps_the_glue_out_of_the_host(self):
        self.write("host/ext/http.cpp", "#include <revenge/http.hpp>\n")
        self.assert_finds("<revenge/http.hpp> is the plugins' side")

    def test_refuses_more_than_c_in_the_boundary(self):
        self.write("sdk/include/revenge/abi/http.h", "#include <string.h>\n#include <revenge/http.hpp>\n")
        self.assert_finds("not string.h", "not revenge/http.hpp")

    def test_refuses_third_party_headers_in_the_sdk(self):
        self.write("sdk/include/revenge/http.hpp", "#include <fmt/format.h>\n")
        self.assert_finds("the SDK needs the standard library alone")

    def test_refuses_a_plugin_that_knows_the_host_or_another_plugin(self):
        self.write("host/http/router.hpp", "")
        self.write("plugins/cache/store.hpp", "")
        self.write("plugins/stream/plugin.cpp", '#include <http/router.hpp>\n#include "../../host/http/router.hpp"\n#include "../cache/store.hpp"\n')
        self.assert_finds("a plugin never includes the host", "a plugin never includes the host", "is not a file of plugins/stream")

    def test_refuses_a_domain_file_that_knows_the_sdk(self):
        self.write("plugins/stream/library.cpp", "#include <revenge/http.hpp>\n")
        self.assert_finds("only a plugin's wiring")

    def test_the_arrows_have_no_cycle(self):
        placed = set()
        while len(placed) < len(arrows.ROOMS):
            ready = {room for room, targets in arrows.ROOMS.items() if room not in placed and placed.issuperset(targets)}
            self.assertTrue(ready, f"a cycle among {set(arrows.ROOMS) - placed}")
            placed |= ready


if __name__ == "__main__":
    unittest.main()
