// The ELF reader and the verdict against any bytes: a file of a package that nobody has looked at yet.
#include <algorithm>

#include "module/elf_verdict.hpp"
#include "require.hpp"

using revenge::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::module;
  static const HostFacts host = HostFacts::ofThisProcess();
  const auto facts = readElf(std::as_bytes(std::span(data, size)), "fuzz.so", "revenge_plugin_entry");
  if (!facts) {
    require(facts.error().message.starts_with("fuzz.so is "), "a refusal names the file");
    return 0;
  }
  require(facts->buildId.size() <= 128, "a build id is short");
  require(facts->buildId.find_first_not_of("0123456789abcdef") == std::string::npos, "a build id is hex");
  const bool listed = std::ranges::find(facts->exported, "revenge_plugin_entry") != facts->exported.end();
  require(facts->entry.has_value() == listed, "the entry is one of the exported symbols");
  const Verdict verdict = judge(*facts, host, "fuzz.so");
  require((verdict.grade == Grade::kUnloadable) == verdict.reasons.empty(), "a worse grade has its reasons");
  require(verdict.grade == Grade::kRefused || listed, "a library without an entry is refused");
  return 0;
}
