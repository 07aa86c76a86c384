#include "module/manifest.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "document/json.hpp"
#include "module/beneath.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using base::Result;
using document::Value;

constexpr document::Limits kLimits{.maxBytes = kMaxManifestBytes, .maxDepth = 40, .maxValues = 20'000};
constexpr std::size_t kMaxReported = 10;

// Reads a document that the schema already accepted, so every key has its type and its default.
class ManifestReader {
 public:
  ManifestReader(const Value& root, std::string_view file) : root_(root), file_(file) {}

  Manifest read(std::string_view expectedId) {
    Manifest result;
    result.id = text("/id");
    if (result.id != expectedId) {
      complain("/id", fmt::format("expected \"{}\", the name of the plugin's folder, got \"{}\"", expectedId,
                                  result.id));
    }
    if (auto version = Semver::parse(text("/version"))) {
      result.version = std::move(*version);
    } else {
      complain("/version", version.error().message);
    }
    result.abi = static_cast<std::uint32_t>(root_.at("/abi")->integer().value_or(0));
    result.licence = text("/licence");
    result.description = text("/description");
    result.offers = interfaces("/provides");
    result.needs = interfaces("/requires");
    refuseOwnNeeds(result);
    result.config = configuration();
    result.flag = text("/flag");
    result.swap = swapRules();
    result.timeouts = {.start = seconds("/timeouts/start_s"),
                       .stop = seconds("/timeouts/stop_s"),
                       .drain = seconds("/timeouts/drain_s"),
                       .health = seconds("/timeouts/health_s"),
                       .call = seconds("/timeouts/call_s")};
    if (root_.find("sha256") != nullptr) result.sha256 = text("/sha256");
    result.files = hashes();
    result.library = root_.find("library") != nullptr ? text("/library") : result.id + ".so";
    return result;
  }

  const std::vector<std::string>& complaints() const { return complaints_; }

  void complain(std::string_view pointer, std::string_view message) {
    const auto* value = root_.at(pointer);
    complainAt(value != nullptr ? value->position : root_.position, pointer, message);
  }

  void complainAt(document::Position position, std::string_view pointer, std::string_view message) {
    const auto key = document::dottedPath(root_, pointer);
    complaints_.push_back(
        fmt::format("{}:{}: {}{}{}", file_, position.line, key, key.empty() ? "" : ": ", message));
  }

 private:
  std::string text(std::string_view pointer) const {
    const auto* value = root_.at(pointer);
    return value != nullptr && value->text() != nullptr ? *value->text() : std::string();
  }

  base::Duration seconds(std::string_view pointer) const {
    const std::chrono::duration<double> value(root_.at(pointer)->number().value_or(0));
    return std::max(std::chrono::duration_cast<base::Duration>(value), base::Duration(1));
  }

  std::vector<Interface> interfaces(const std::string& pointer) {
    std::vector<Interface> result;
    std::set<std::string> seen;
    const auto& items = *root_.at(pointer)->array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      const auto* optional = items[i].find("optional");
      const auto* absent = items[i].find("when_absent");
      const auto* wait = items[i].find("wait_ms");
      Interface interface{.id = *items[i].find("interface")->text(),
                          .optional = optional != nullptr && optional->boolean().value_or(false)};
      if (absent != nullptr && *absent->text() == "wait") interface.absence = Absence::kWait;
      if (wait != nullptr) interface.wait = std::chrono::milliseconds(wait->integer().value_or(0));
      result.push_back(std::move(interface));
      if (!seen.insert(result.back().id).second) {
        complain(fmt::format("{}/{}/interface", pointer, i),
                 fmt::format("expected each interface once, got \"{}\" again", result.back().id));
      }
    }
    return result;
  }

  void refuseOwnNeeds(const Manifest& manifest) {
    for (std::size_t i = 0; i < manifest.needs.size(); ++i) {
      if (std::ranges::count(manifest.offers, manifest.needs[i].id, &Interface::id) > 0) {
        complain(fmt::format("/requires/{}/interface", i),
                 fmt::format(
                     "expected an interface of somebody else, got \"{}\", which this plugin provides itself",
                     manifest.needs[i].id));
      }
    }
  }

  std::optional<document::Schema> configuration() {
    const auto* schema = root_.find("config");
    if (schema == nullptr) return std::nullopt;
    auto loaded = document::Schema::load(*schema, fmt::format("{}: config", file_));
    if (loaded) return std::move(*loaded);
    complaints_.push_back(loaded.error().message);
    return std::nullopt;
  }

  std::optional<std::map<std::string, std::string, std::less<>>> hashes() const {
    const auto* listed = root_.find("files");
    if (listed == nullptr) return std::nullopt;
    std::map<std::string, std::string, std::less<>> hashes;
    for (const auto& member : *listed->object()) hashes.emplace(member.key, *member.value.text());
    return hashes;
  }

  SwapRules swapRules() const {
    SwapRules rules;
    if (text("/swap/mode") == name(SwapMode::kExclusive)) rules.mode = SwapMode::kExclusive;
    for (const auto state : {SwapState::kSnapshot, SwapState::kHandover}) {
      if (text("/swap/state") == name(state)) rules.state = state;
    }
    rules.hold = rules.mode == SwapMode::kExclusive ? kExclusiveHold : kHandoverHold;
    if (const auto* hold = root_.at("/swap")->find("hold_ms"))
      rules.hold = std::chrono::milliseconds(hold->integer().value_or(0));
    for (const auto& version : *root_.at("/swap/reads")->array()) rules.reads.push_back(*version.text());
    for (const auto& version : *root_.at("/swap/readable_by")->array())
      rules.readableBy.push_back(*version.text());
    return rules;
  }

  const Value& root_;
  std::string_view file_;
  std::vector<std::string> complaints_;
};

Result<document::Schema> loadManifestSchema() {
  auto text = document::parseJson(manifestSchema(), "plugin.schema.json");
  if (!text) return std::unexpected(text.error());
  return document::Schema::load(std::move(*text), "plugin.schema.json");
}

base::Error joined(const std::vector<std::string>& complaints) {
  base::Error error{Errc::kInvalid, {}};
  for (std::size_t i = 0; i < std::min(complaints.size(), kMaxReported); ++i) {
    error.message += (i == 0 ? "" : "\n") + complaints[i];
  }
  if (complaints.size() > kMaxReported) {
    error.message += fmt::format("\nand {} more", complaints.size() - kMaxReported);
  }
  return error;
}

}  // namespace

std::string_view name(SwapMode mode) { return mode == SwapMode::kOverlap ? "overlap" : "exclusive"; }

std::string_view name(SwapState state) {
  switch (state) {
    case SwapState::kNone:
      return "none";
    case SwapState::kSnapshot:
      return "snapshot";
    case SwapState::kHandover:
      return "handover";
  }
  return "none";
}

std::uint32_t Interface::revision() const {
  std::uint32_t value = 0;
  const auto digits = std::string_view(id).substr(std::min(id.find('/'), id.size() - 1) + 1);
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

Result<Manifest> parseManifest(std::string_view text, std::string_view file, std::string_view expectedId) {
  auto root = document::parseJson(text, file, kLimits);
  if (!root) return std::unexpected(root.error());
  // Once a process: compiling it takes longer than all the rest of reading a manifest.
  static const Result<document::Schema> schema = loadManifestSchema();
  if (!schema) return std::unexpected(schema.error());
  ManifestReader raw(*root, file);
  for (const auto& violation : schema->validate(*root)) {
    raw.complainAt(violation.position, violation.pointer, violation.message);
  }
  if (!raw.complaints().empty()) return std::unexpected(joined(raw.complaints()));
  const auto filled = schema->withDefaults(*root);
  ManifestReader reader(filled, file);
  auto manifest = reader.read(expectedId);
  if (!reader.complaints().empty()) return std::unexpected(joined(reader.complaints()));
  return manifest;
}

Result<Manifest> readManifest(const fs::path& folder, std::string_view expectedId) {
  const auto opened = openFolder(folder);
  if (!opened) return std::unexpected(opened.error());
  const auto shown = folder / "plugin.json";
  const auto file = openRegular(*opened, "plugin.json", shown);
  if (!file) return std::unexpected(file.error());
  const auto text = readWhole(*file, kMaxManifestBytes, shown);
  if (!text) return std::unexpected(text.error());
  const auto folderName = fs::absolute(folder / ".").lexically_normal().parent_path().filename().string();
  return parseManifest(*text, shown.string(), expectedId.empty() ? folderName : expectedId);
}

bool coversVersion(const std::vector<std::string>& versions, const Semver& version) {
  const auto exact = fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
  return std::ranges::any_of(versions, [&](const std::string& covered) {
    return exact == covered || (exact.starts_with(covered) && exact[covered.size()] == '.');
  });
}

}  // namespace revenge::module
