// Where the configuration stands on disk, and what stands there at one moment. Thread safety: plain values; readSources()
// reads files and may be called from any thread but an I/O thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace revenge::config {

enum class Need { kRequired, kOptional };

// REVENGE_A__B_FILE=/run/secrets/b
struct SecretFile {
  std::string variable;
  std::string path;
};

enum class Beside { kLayers, kNothing };  // the main file

// Beside the main file "revenge.yaml" lie its local layer "revenge.local.yaml" and its drop-in folder "revenge.d"; a
// document of its own, such as that of the flags, has none.
struct Places {
  std::optional<std::string> main;  // none: no files at all
  Need need = Need::kRequired;      // of the main file; the local layer and the drop-ins may always be absent
  std::vector<SecretFile> secrets = {};
  Beside beside = Beside::kLayers;

  std::string local() const;    // Requires: main
  std::string dropIns() const;  // Requires: main
};

enum class SourceKind { kMain, kLocal, kDropIn, kSecret };

struct Source {
  SourceKind kind = SourceKind::kMain;
  std::string path;
  std::string text;
  std::string trouble;        // why there is no text: one line that begins with the path; empty: there is
  std::string variable = {};  // of kSecret

  bool operator==(const Source&) const = default;
};
using Sources = std::vector<Source>;

// The files that are there, in the order of their layers: main, local, drop-ins by name (*.yaml, none that begins with a
// dot), secrets. At most kMaxDropIns of them, and of each at most one byte more than document::Limits allows, so that
// a longer one is refused by its parser.
inline constexpr std::size_t kMaxDropIns = 256;
Sources readSources(const Places& places);

}  // namespace revenge::config
