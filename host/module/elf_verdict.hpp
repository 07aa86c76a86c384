// Judges a library before dlopen. Thread safety: HostFacts is a plain value, made once; judge() is pure.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "module/elf_facts.hpp"

namespace revenge::module {

enum class Grade : std::uint8_t {
  kUnloadable,  // loads, and unmaps when it is replaced
  kRetired,     // loads, but stays mapped when it is replaced
  kRefused,     // is not loaded
};
std::string_view describe(Grade grade);  // "loads, unloads", ...

struct Verdict {
  Grade grade = Grade::kUnloadable;
  std::vector<std::string> reasons;   // why the grade is not better
  std::vector<std::string> warnings;  // no effect on the grade
};

// What this process offers to a library.
struct HostFacts {
  std::uint16_t machine = 0;
  std::map<std::string, std::set<std::string>, std::less<>>
      versions;  // library -> symbol versions it defines
  bool addressSanitizer = false;
  bool threadSanitizer = false;
  bool undefinedSanitizer = false;
  std::set<std::string, std::less<>> loaded;            // sonames of the libraries in this process
  std::string buildId;                                  // of the host's program, keys cached verdicts
  std::set<std::string, std::less<>> allowedLibraries;  // beside those of the table, from the operator

  static HostFacts ofThisProcess();
};

// A library that a plugin may be linked with.
struct AllowedLibrary {
  std::string_view name;
  std::string_view reason;  // and what a plugin must not use of it
  bool resident;            // third-party: the host keeps it mapped once a plugin brought it
};
// nullptr: not on the list.
const AllowedLibrary* findAllowed(std::string_view soname);

// `name` is the library's file name, for the messages.
Verdict judge(const ElfFacts& facts, const HostFacts& host, std::string_view name);

}  // namespace revenge::module
