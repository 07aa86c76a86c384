#include "module/elf_verdict.hpp"

#include <elf.h>
#include <gmock/gmock.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

HostFacts host() {
  HostFacts facts;
  facts.machine = EM_X86_64;
  facts.versions["libc.so.6"] = {"GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.36", "GLIBC_PRIVATE"};
  return facts;
}

ElfFacts plugin() {
  ElfFacts facts;
  facts.machine = EM_X86_64;
  facts.entry = STT_FUNC;
  facts.exported = {"revenge_plugin_entry"};
  facts.needed = {"libstdc++.so.6", "libc.so.6"};
  return facts;
}

Verdict judged(const ElfFacts& facts) { return judge(facts, host(), "thumbs.so"); }

TEST(ElfVerdict, LetsAWellMadePluginPass) {
  const auto verdict = judged(plugin());
  EXPECT_EQ(verdict.grade, Grade::kUnloadable);
  EXPECT_TRUE(verdict.reasons.empty() && verdict.warnings.empty());
  EXPECT_EQ(describe(verdict.grade), "loads, unloads");
}

TEST(ElfVerdict, NamesTheMachineOfBothSidesAndNothingElse) {
  auto facts = plugin();
  facts.machine = EM_AARCH64;
  facts.rpath = "/opt";
  EXPECT_THAT(judged(facts).reasons, ElementsAre("thumbs.so is for aarch64, this host is x86_64"));
}

TEST(ElfVerdict, NamesTheMissingSymbolVersionAndTheNewestPresent) {
  auto facts = plugin();
  facts.versions = {{"libc.so.6", "GLIBC_2.39", false},
                    {"libc.so.6", "GLIBC_2.9", false},
                    {"libc.so.6", "GLIBC_2.50", true},
                    {"libunknown.so", "X_1", false}};
  const auto verdict = judged(facts);
  EXPECT_EQ(verdict.grade, Grade::kRefused);
  EXPECT_THAT(verdict.reasons,
              ElementsAre("thumbs.so needs GLIBC_2.39 of libc.so.6, this host has up to GLIBC_2.36; "
                          "build it on an older system"));
}

TEST(ElfVerdict, AllowsOnlyListedLibraries) {
  auto facts = plugin();
  facts.needed.emplace_back("libdep.so");
  EXPECT_THAT(judged(facts).reasons, ElementsAre(HasSubstr("needs libdep.so, which is not on the list")));
  auto permissive = host();
  permissive.allowedLibraries.insert("libdep.so");
  EXPECT_EQ(judge(facts, permissive, "thumbs.so").grade, Grade::kUnloadable);
  EXPECT_TRUE(findAllowed("libsqlite3.so.0")->resident);
  EXPECT_FALSE(findAllowed("libstdc++.so.6")->resident);
}

TEST(ElfVerdict, RefusesWhatWouldEndOrOpenTheHost) {
  const auto refuses = [](auto change, std::string_view text) {
    auto facts = plugin();
    change(facts);
    const auto verdict = judged(facts);
    EXPECT_EQ(verdict.grade, Grade::kRefused) << text;
    EXPECT_THAT(verdict.reasons, ElementsAre(HasSubstr(std::string(text))));
  };
  refuses([](ElfFacts& f) { f.entry.reset(); }, "does not export revenge_plugin_entry");
  refuses([](ElfFacts& f) { f.entry = STT_OBJECT; }, "is data, expected a function");
  refuses([](ElfFacts& f) { f.rpath = "$ORIGIN"; }, "RPATH or RUNPATH '$ORIGIN'");
  refuses([](ElfFacts& f) { f.audit = "spy.so"; }, "DT_AUDIT 'spy.so'");
  refuses([](ElfFacts& f) { f.executableStack = true; }, "executable stack");
  refuses([](ElfFacts& f) { f.textRelocations = true; }, "text relocations");
  refuses([](ElfFacts& f) { f.noOpen = true; }, "NOOPEN");
  refuses([](ElfFacts& f) { f.osAbi = ELFOSABI_FREEBSD; }, "another operating system");
}

TEST(ElfVerdict, RefusesARuntimeOfASanitizerThatTheHostLacksByItsName) {
  const auto refusal = [](std::string_view library, std::string_view symbol, const HostFacts& facts) {
    auto built = plugin();
    if (!library.empty()) built.needed.emplace_back(library);
    if (!symbol.empty()) built.undefined.emplace_back(symbol);
    return judge(built, facts, "thumbs.so").reasons;
  };
  for (const auto& [name, library, symbol] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"address", "libasan.so.8", "__asan_init"},
           {"thread", "libtsan.so.2", "__tsan_init"},
           {"undefined", "libubsan.so.1", "__ubsan_handle_add_overflow"},
           {"memory", "libclang_rt.msan-x86_64.so", "__msan_init"}}) {
    const auto told = [&](std::string_view needs, std::string_view host) {
      return ElementsAre(
          fmt::format("thumbs.so was built with the {} sanitizer and needs {}, this host was "
                      "{}; build it without -fsanitize",
                      name, needs, host));
    };
    EXPECT_THAT(refusal(library, symbol, host()), told(library, "not"));
    EXPECT_THAT(refusal({}, symbol, host()), told(symbol, "not"));
  }
  auto sanitized = host();
  sanitized.addressSanitizer = true;
  EXPECT_THAT(refusal({}, "__asan_init", sanitized), testing::IsEmpty());
  EXPECT_THAT(refusal("libasan.so.8", {}, sanitized), ElementsAre(HasSubstr("with another compiler's")));
  sanitized.loaded.insert("libasan.so.8");
  EXPECT_THAT(refusal("libasan.so.8", {}, sanitized), testing::IsEmpty());
}

// Measured: what std::exception_ptr of libc++ calls is half its own, half libstdc++'s, and ends the process.
TEST(ElfVerdict, RefusesTheSharedLibraryOfAnotherStandardLibrary) {
  auto facts = plugin();
  facts.needed = {"libc++.so.1", "libc++abi.so.1", "libunwind.so.1", "libc.so.6"};
  EXPECT_THAT(judged(facts).reasons,
              ElementsAre("thumbs.so needs libc++.so.1, whose exceptions would meet those of the host's "
                          "libstdc++; link it with -static-libstdc++, as revenge_add_plugin() does"));
}

TEST(ElfVerdict, RetiresWhatCannotBeUnmapped) {
  auto facts = plugin();
  facts.noDelete = true;
  facts.staticTls = true;
  facts.unique = {"a", "b"};
  facts.undefined = {"pthread_key_create"};
  facts.unique.emplace_back("c");
  const auto verdict = judged(facts);
  EXPECT_EQ(verdict.grade, Grade::kRetired);
  EXPECT_THAT(verdict.reasons,
              ElementsAre(HasSubstr("NODELETE"), HasSubstr("STATIC_TLS"),
                          HasSubstr("3 GNU unique symbols, such as a"), HasSubstr("pthread_key_create")));
}

TEST(ElfVerdict, WarnsOfExportsThreadsAndCodeThatRunsWhileLoading) {
  auto facts = plugin();
  facts.exported.emplace_back("inner");
  facts.undefined = {"pthread_create", "exit"};
  facts.indirect = {"memcpy"};
  const auto verdict = judged(facts);
  EXPECT_EQ(verdict.grade, Grade::kUnloadable);
  EXPECT_THAT(verdict.warnings,
              testing::UnorderedElementsAre(HasSubstr("exports 1 symbol beside"), HasSubstr("IFUNC memcpy"),
                                            HasSubstr("uses exit"), HasSubstr("uses pthread_create")));
}

TEST(HostFacts, KnowsWhatThisProcessOffers) {
  const auto facts = HostFacts::ofThisProcess();
  EXPECT_TRUE(facts.versions.at("libc.so.6").contains("GLIBC_2.34"));
  EXPECT_TRUE(facts.versions.at("libstdc++.so.6").contains("GLIBCXX_3.4.30"));
  EXPECT_FALSE(facts.buildId.empty());
  EXPECT_EQ(facts.addressSanitizer || facts.threadSanitizer, kSanitized);
}

}  // namespace
}  // namespace revenge::module
