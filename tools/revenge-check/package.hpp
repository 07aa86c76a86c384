// The package under check as far as it can be known without running it in this process: manifest, copy, headers of its
// library, and what a probe in a process of its own said. Thread safety: read only once made.
#pragma once

#include <array>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "module/elf_facts.hpp"
#include "module/elf_verdict.hpp"
#include "module/manifest.hpp"
#include "module/private_copy.hpp"
#include "module/probe.hpp"

namespace revenge::check {

struct Package {
  std::filesystem::path folder;
  std::string id;  // of the manifest, or the folder's name
  base::Result<module::Manifest> manifest = base::fail(base::Errc::kNotFound, "not read");
  base::Result<> copied = base::fail(base::Errc::kNotFound, "not copied");
  std::array<module::PrivateCopy, 2> copies;  // a library is loaded twice only from two files
  base::Result<module::ElfFacts> elf = base::fail(base::Errc::kNotFound, "not read");
  base::Result<module::ProbeReport> probe = base::fail(base::Errc::kNotFound, "not probed");
  std::string sha256;
  std::string defaults = "{}";           // the configuration of somebody who configures nothing
  std::vector<Package> companions = {};  // that live beside it, in the order in which they begin

  std::filesystem::path library(std::size_t copy) const {
    return copies.at(copy).folder() / manifest->library;
  }
};

// Stops at the first thing that does not allow to go on; what is missing says so. `program` is started with --probe.
Package readPackage(const std::filesystem::path& folder, const module::PrivateStore& store,
                    const std::filesystem::path& program, const base::Clock& clock);

}  // namespace revenge::check
