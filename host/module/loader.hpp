// The room's front door: a package on disk becomes a Candidate (manifest, private copy, hash, verdict, probe;
// no code of the plugin has run in this process) and a Candidate becomes an Image (loaded, hands shaken).
// Owned by app, outlives every Image. Thread safety: any thread but I/O threads (examine may take as long as
// the probe's deadline).
//
// Every refusal is one message: "plugin 'thumbs' refused: thumbs.so is for aarch64, this host is x86_64
// (<path>)".
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "module/elf_verdict.hpp"
#include "module/image.hpp"
#include "module/manifest.hpp"
#include "module/private_copy.hpp"
#include "module/probe.hpp"
#include "module/probe_cache.hpp"
#include "module/signature.hpp"

namespace revenge::module {

enum class HashPolicy : std::uint8_t { kOptional, kRequired };  // whether a manifest must carry sha256

struct LoaderOptions {
  std::filesystem::path privateFolder{};  // copies live here; same host only, any number of hosts
  std::filesystem::path stateFolder{};    // probe-cache.json
  std::filesystem::path hostProgram = "/proc/self/exe";  // started with --probe
  base::Duration probeDeadline = std::chrono::seconds(5);
  HashPolicy hashes = HashPolicy::kOptional;
  CopyLimits limits{};
  std::vector<std::string> allowedLibraries{};  // DT_NEEDED names beyond the table
  Trust trust{};
};

struct Candidate {
  Manifest manifest;
  std::filesystem::path folder;  // where the package was found
  std::string sha256;
  SignatureVerdict signature;
  Verdict verdict;                    // never kRefused
  std::vector<std::string> resident;  // third-party libraries it needs: once loaded they stay mapped
  bool probed = false;                // false: the hash was known
  PrivateCopy copy;
};

class Loader {
 public:
  static base::Result<std::unique_ptr<Loader>> make(LoaderOptions options, const base::Clock& clock);

  // `id` empty: the name of the folder, which a manifest must repeat. A swap to a package elsewhere passes the id.
  base::Result<Candidate> examine(const std::filesystem::path& folder, std::string_view id = {});
  base::Result<std::unique_ptr<Image>> load(Candidate candidate);

 private:
  Loader(LoaderOptions options, const base::Clock& clock, PrivateStore store);

  base::Result<> readSigned(Candidate& candidate, std::string_view id) const;
  base::Result<> checkHash(Candidate& candidate);
  base::Result<> checkFiles(Candidate& candidate);
  base::Result<> checkElf(Candidate& candidate);
  base::Result<> checkProbe(Candidate& candidate);

  LoaderOptions options_;
  HostFacts host_;
  PrivateStore store_;
  Probe probe_;
  ProbeCache cache_;
};

}  // namespace revenge::module
