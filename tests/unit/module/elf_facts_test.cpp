#include "module/elf_facts.hpp"

#include <algorithm>
#include <random>

#include <elf.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

base::Result<ElfFacts> read(std::string_view bytes) {
  return readElf(std::as_bytes(std::span(bytes)), "thumbs.so", "revenge_plugin_entry");
}
std::string refusal(std::string_view bytes) {
  const auto facts = read(bytes);
  return facts ? "accepted" : facts.error().message;
}
ElfFacts zoo(std::string_view name) { return read(readFile(zooLibrary(name))).value(); }

TEST(ElfFacts, ReadsAWellMadePlugin) {
  const auto facts = zoo("good");
  EXPECT_EQ(facts.entry, STT_FUNC);
  EXPECT_TRUE(facts.unique.empty() && facts.rpath.empty() && facts.audit.empty());
  EXPECT_FALSE(facts.executableStack || facts.textRelocations || facts.staticTls || facts.noDelete);
  EXPECT_EQ(facts.buildId.size(), 40u);
  if constexpr (!kSanitized) {
    EXPECT_EQ(facts.exported, std::vector<std::string>{"revenge_plugin_entry"});
  }
}

TEST(ElfFacts, SeesWhatTheLinkerFlagsOfTheZooDid) {
  EXPECT_TRUE(zoo("nodelete").noDelete);
  EXPECT_TRUE(zoo("execstack").executableStack);
  EXPECT_TRUE(zoo("textrel").textRelocations);
  EXPECT_TRUE(zoo("static-tls").staticTls);
  EXPECT_EQ(zoo("rpath").rpath, "/opt/elsewhere");
  EXPECT_EQ(zoo("unique").unique, std::vector<std::string>{"zoo_unique"});
  EXPECT_EQ(zoo("needs-bundled").needed.front(), "libbundled.so");
  EXPECT_EQ(zoo("entry-data").entry, STT_OBJECT);
  EXPECT_FALSE(zoo("no-entry").entry);
  EXPECT_EQ(std::ranges::count(zoo("exports").exported, "inner_two"), 1);
  EXPECT_EQ(std::ranges::count(zoo("undefined").undefined, "nobody_has_this"), 1);
}

TEST(ElfFacts, ReadsTheVersionsThatACppPluginNeeds) {
  const auto facts = zoo("regex");
  const auto cxx = std::ranges::find_if(
      facts.versions, [](const VersionNeed& need) { return need.version.starts_with("GLIBCXX_3.4"); });
  ASSERT_NE(cxx, facts.versions.end());
  EXPECT_EQ(cxx->library, "libstdc++.so.6");
}

TEST(ElfFacts, TellsWhatAFileIsThatIsNoSharedObject) {
  EXPECT_EQ(refusal(""), "thumbs.so is not a shared object: the file is empty");
  EXPECT_EQ(refusal("#!/bin/sh\n"), "thumbs.so is not a shared object: it does not begin with the ELF magic");
  EXPECT_EQ(refusal(readFile("/proc/self/exe")), "thumbs.so is not a shared object: it is an executable");
  auto bytes = readFile(zooLibrary("good"));
  bytes[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
  EXPECT_EQ(refusal(bytes), "thumbs.so is not a shared object: it is an object file (.o)");
  bytes[offsetof(Elf64_Ehdr, e_type)] = ET_CORE;
  EXPECT_EQ(refusal(bytes), "thumbs.so is not a shared object: it is a core dump");
  bytes[EI_CLASS] = ELFCLASS32;
  EXPECT_EQ(refusal(bytes), "thumbs.so is 32-bit, this host is 64-bit");
}

TEST(ElfFacts, RefusesAFileCutAtAnyLength) {
  const auto whole = readFile(zooLibrary("regex"));
  for (std::size_t i = 0; i < 400; ++i) {
    const auto cut = read(std::string_view(whole).substr(0, whole.size() * i / 400));
    ASSERT_FALSE(cut) << i;
  }
  EXPECT_FALSE(read(std::string_view(whole).substr(0, whole.size() - 1)));
  EXPECT_TRUE(read(whole));
}

// The fuzzer's little sister: the sanitizers watch every read.
TEST(ElfFacts, SurvivesDamageAnywhere) {
  const auto whole = readFile(zooLibrary("good"));
  std::mt19937 random(11);
  for (int round = 0; round < 20'000; ++round) {
    auto bytes = whole;
    for (int k = 0; k < 1 + round % 4; ++k) {
      // Headers and dynamic tables lie at both ends and matter most.
      const auto limit = round % 2 == 0 ? std::size_t{1024} : bytes.size();
      bytes[random() % limit] = static_cast<char>(random() % 3 == 0 ? 0xff : random());
    }
    (void)read(bytes);
  }
}

TEST(ElfFacts, DoesNotBelieveImpossibleCounts) {
  auto bytes = readFile(zooLibrary("good"));
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  header.e_phnum = 60'000;
  std::memcpy(bytes.data(), &header, sizeof(header));
  EXPECT_NE(refusal(bytes).find("claims 60000 program headers"), std::string::npos);
  header.e_phnum = 4;
  header.e_phoff = UINT64_MAX - 8;
  std::memcpy(bytes.data(), &header, sizeof(header));
  EXPECT_NE(refusal(bytes).find("program header table lies beyond"), std::string::npos);
}

// A library of one needed version, repeated, each time under a name of 64 KiB that all share.
std::string namesWithoutEnd(std::size_t records) {
  struct Layout {
    Elf64_Ehdr header{};
    Elf64_Phdr load{}, dynamic{};
    Elf64_Dyn tags[7]{};
    Elf64_Verneed need{};
  } layout;
  const std::size_t versions = sizeof(Layout);
  const std::size_t names = versions + records * sizeof(Elf64_Vernaux);
  constexpr std::size_t kNameBytes = std::size_t{63} * 1024;
  const std::size_t size = names + kNameBytes + 1;

  std::memcpy(layout.header.e_ident, ELFMAG, SELFMAG);
  layout.header.e_ident[EI_CLASS] = ELFCLASS64;
  layout.header.e_ident[EI_DATA] = ELFDATA2LSB;
  layout.header.e_type = ET_DYN;
  layout.header.e_phoff = offsetof(Layout, load);
  layout.header.e_phentsize = sizeof(Elf64_Phdr);
  layout.header.e_phnum = 2;
  layout.load.p_type = PT_LOAD;
  layout.load.p_filesz = layout.load.p_memsz = size;
  layout.dynamic.p_type = PT_DYNAMIC;
  layout.dynamic.p_offset = offsetof(Layout, tags);
  layout.dynamic.p_filesz = sizeof(layout.tags);
  const auto tag = [&](std::size_t at, Elf64_Sxword name, std::size_t value) {
    layout.tags[at].d_tag = name;
    layout.tags[at].d_un.d_val = value;
  };
  tag(0, DT_STRTAB, names);
  tag(1, DT_STRSZ, kNameBytes + 1);
  tag(2, DT_SYMTAB, names);
  tag(3, DT_VERNEED, offsetof(Layout, need));
  tag(4, DT_VERNEEDNUM, 1);
  layout.need.vn_cnt = static_cast<Elf64_Half>(records);
  layout.need.vn_aux = static_cast<Elf64_Word>(versions - offsetof(Layout, need));

  std::string bytes(reinterpret_cast<const char*>(&layout), sizeof(layout));
  Elf64_Vernaux version{};
  version.vna_next = sizeof(version);
  for (std::size_t i = 0; i < records; ++i)
    bytes.append(reinterpret_cast<const char*>(&version), sizeof(version));
  return bytes.append(kNameBytes, 'n').append(1, '\0');
}

TEST(ElfFacts, DoesNotGrowByNamesThatShareTheirBytes) {
  EXPECT_NE(refusal(namesWithoutEnd(1000)).find("its names come to more than"), std::string::npos);
  EXPECT_NE(refusal(namesWithoutEnd(10)).find("symbol table"), std::string::npos);
}

}  // namespace
}  // namespace revenge::module
