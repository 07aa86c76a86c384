// The warden of the unit tests: what `revenge --warden` is to the host.
#include <cstdlib>

#include "process/warden.hpp"

int main(int argc, char** argv) { return argc == 3 ? revenge::process::wardenMain(std::atoi(argv[2])) : 2; }
