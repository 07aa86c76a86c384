// A worker of the host that ran its handler keeps an object of it, and with that the library.
#include <string>

#include "member.h"

DEED(remember) {
  static thread_local std::string memory;
  memory = "too long to be stored in place, and with a destructor";
  return REVENGE_OK;
}

#include "member_life.h"
