// The smallest host that can be asked to probe a library: `zoo_probe --probe <library> <descriptor>`.
#include <cstdlib>
#include <string_view>

#include "module/probe.hpp"

int main(int argc, char** argv) {
  if (argc != 4 || std::string_view(argv[1]) != "--probe") return 2;
  return revenge::module::probeMain(argv[2], std::atoi(argv[3]));
}
