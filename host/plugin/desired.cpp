#include "plugin/desired.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>

#include "base/replace_file.hpp"

namespace revenge::plugin {

namespace {

std::string pathField(const std::filesystem::path& path) { return path.empty() ? "-" : path.string(); }

base::Result<> parseLine(std::string_view line, Wishes& wishes) {
  constexpr std::ptrdiff_t kShort = 4;  // without configuration
  std::array<std::string_view, 6> fields;
  const auto count = std::ranges::count(line, '\t') + 1;
  const bool complete = count == kShort || count == std::ssize(fields);
  for (std::string_view& field : fields) {
    field = line.substr(0, line.find('\t'));
    line.remove_prefix(std::min(field.size() + 1, line.size()));
  }
  if (!complete || fields[0].empty() || (fields[1] != "on" && fields[1] != "off")) {
    return base::fail(base::Errc::kInvalid, "expected 'id<tab>on|off<tab>folder|-<tab>previous|-'");
  }
  const auto path = [](std::string_view field) {
    return field == "-" ? std::filesystem::path() : std::filesystem::path(field);
  };
  const auto text = [](std::string_view field) { return field == "-" ? std::string() : std::string(field); };
  wishes[std::string(fields[0])] =
      Wish{fields[1] == "on", path(fields[2]), path(fields[3]), text(fields[4]), text(fields[5])};
  return {};
}

}  // namespace

base::Result<Wishes> Desired::read(const std::filesystem::path& file) {
  Wishes wishes;
  std::ifstream in(file);
  if (!in) {
    if (!std::filesystem::exists(file)) return wishes;
    return base::fail(base::Errc::kIo, "{}: cannot be read: {}", file.string(), base::errnoText(errno));
  }
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    if (auto parsed = parseLine(line, wishes); !parsed) {
      return base::fail(parsed.error().code, "{}:{}: {}", file.string(), number, parsed.error().message);
    }
  }
  return wishes;
}

Wish Desired::said(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = wishes_.find(id);
  return found == wishes_.end() ? Wish{} : found->second;
}

std::vector<std::string> Desired::placed() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  for (const auto& [id, wish] : wishes_) {
    if (!wish.folder.empty()) ids.push_back(id);
  }
  return ids;
}

Wish Desired::of(std::string_view id) const {
  Wish wish = said(id);
  const std::lock_guard lock(mutex_);
  if (!stand_in_ || spoken_of_.contains(id)) return wish;
  const auto instead = stand_in_->find(id);
  wish.on = wish.on && instead != stand_in_->end();
  if (wish.on) wish.folder = instead->second;
  return wish;
}

base::Result<> Desired::set(std::string_view id, const Wish& wish) { return set({{std::string(id), wish}}); }

base::Result<> Desired::set(const Wishes& changed) {
  const std::lock_guard lock(mutex_);
  Wishes next = wishes_;
  for (const auto& [id, wish] : changed) next[id] = wish;
  if (auto written = write(next); !written) return written;
  wishes_ = std::move(next);
  for (const auto& [id, wish] : changed) spoken_of_.insert(id);
  return {};
}

base::Result<> Desired::write(const Wishes& wishes) const {
  std::string content;
  for (const auto& [id, wish] : wishes) {
    const std::string folder = pathField(wish.folder);
    const std::string previous = pathField(wish.previous);
    if ((folder + previous).find_first_of("\t\n") != std::string::npos) {
      return base::fail(base::Errc::kInvalid,
                        "plugin '{}': the folder name {} holds a tab or line break; rename it", id, folder);
    }
    content += fmt::format("{}\t{}\t{}\t{}", id, wish.on ? "on" : "off", folder, previous);
    if (!wish.config.empty() || !wish.previous_config.empty()) {
      const auto field = [](const std::string& json) { return json.empty() ? std::string("-") : json; };
      content += fmt::format("\t{}\t{}", field(wish.config), field(wish.previous_config));
    }
    content += '\n';
  }
  constexpr mode_t kMode = 0644;
  return base::replaceFile(file_, content, kMode);
}

}  // namespace revenge::plugin
