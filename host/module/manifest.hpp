// plugin.json, checked without running any code of the plugin. Thread safety: plain values and pure
// functions. The schema it is held against is published as share/revenge/plugin.schema.json and equals
// manifestSchema().
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "document/schema.hpp"
#include "module/semver.hpp"

namespace revenge::module {

// What a call finds while nobody provides the interface.
enum class Absence : std::uint8_t {
  kRefuse,  // "unavailable", at once
  kWait,    // the same after `wait`, where the caller may wait
};

// "acme.store/1": an interface that the plugin offers or uses.
struct Interface {
  std::string id;
  // Of `requires` only:
  bool optional = false;
  Absence absence = Absence::kRefuse;
  base::Duration wait = {};

  std::string_view name() const { return std::string_view(id).substr(0, id.find('/')); }  // "acme.store"
  std::uint32_t revision() const;                                                         // 1
  bool operator==(const Interface&) const = default;
};

enum class SwapMode : std::uint8_t { kOverlap, kExclusive };
enum class SwapState : std::uint8_t { kNone, kSnapshot, kHandover };
std::string_view name(SwapMode mode);
std::string_view name(SwapState state);

// How long callers may be kept waiting while an instance hands over, unless its manifest says otherwise.
inline constexpr base::Duration kHandoverHold = std::chrono::milliseconds(50);
inline constexpr base::Duration kExclusiveHold = std::chrono::seconds(2);

struct SwapRules {
  SwapMode mode = SwapMode::kOverlap;
  SwapState state = SwapState::kNone;
  base::Duration hold = kHandoverHold;
  std::vector<std::string>
      reads;  // versions ("0.1", "1") whose saved state this one restores, beside its own
  std::vector<std::string> readableBy;  // older versions that can read back what this one saves
};

struct Timeouts {
  base::Duration start = std::chrono::seconds(5);
  base::Duration stop = std::chrono::seconds(5);
  base::Duration drain = std::chrono::seconds(30);
  base::Duration health = std::chrono::seconds(2);
  base::Duration call = std::chrono::seconds(5);
};

struct Manifest {
  std::string id;
  Semver version;
  std::uint32_t abi = 0;
  std::string licence;
  std::string description;
  std::vector<Interface> offers;           // `provides`
  std::vector<Interface> needs;            // `requires`
  std::optional<document::Schema> config;  // of its section of the configuration; empty: it has none
  std::string flag;                        // that gates it; empty: the one of its id
  SwapRules swap;
  Timeouts timeouts;
  std::optional<std::string> sha256;  // of the library, 64 lower-case hex digits
  // Of each further file, by its path; none: the manifest says nothing about them.
  std::optional<std::map<std::string, std::string, std::less<>>> files;
  std::string library;  // plain file name, default <id>.so
};

inline constexpr std::size_t kMaxManifestBytes = std::size_t{256} * 1024;

// `file` names the text in messages; `expectedId` is the name of the package's folder. A refusal has a line
// for each cause (at most ten): "<file>:<line>: <key>: expected ..., got ...".
base::Result<Manifest> parseManifest(std::string_view text, std::string_view file,
                                     std::string_view expectedId);

// Reads <folder>/plugin.json: a regular file, not a link, bounded. `expectedId` empty: the name of the folder.
base::Result<Manifest> readManifest(const std::filesystem::path& folder, std::string_view expectedId = {});

// Whether a state saved by `version` falls under one of `versions`: "0.1" covers 0.1.x, "1" covers 1.x.y.
bool coversVersion(const std::vector<std::string>& versions, const Semver& version);

// JSON text of the published schema.
std::string_view manifestSchema();

}  // namespace revenge::module
