#include "disk/walk.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <memory>
#include <optional>

#include "naming/glob.hpp"

namespace library::disk {

namespace {

constexpr std::size_t kMostIgnoreBytes = std::size_t{256} << 10U;

// The rules in force in a folder: its own and those of the folders around it.
struct Rules {
  std::shared_ptr<const Rules> around;
  std::string folder;  // where they stand
  naming::IgnoreRules own;
};
using RulesPtr = std::shared_ptr<const Rules>;

bool ignores(const RulesPtr& rules, const std::string& path, naming::Entry entry) {
  for (const Rules* at = rules.get(); at != nullptr; at = at->around.get()) {
    const std::string_view below =
        at->folder.empty() ? std::string_view(path) : std::string_view(path).substr(at->folder.size() + 1);
    const naming::Verdict verdict = at->own.match(below, entry);
    if (verdict != naming::Verdict::kNoMatch) return verdict == naming::Verdict::kIgnore;
  }
  return false;
}

struct Place {
  std::string path;  // as it is told
  std::string real;  // where a link leads; empty: it is the path
  RulesPtr rules;
};

// The folders of one folder that are still to be read: their names only, since a folder may have 100 000 of them.
class Pending {
 public:
  Pending(Place around, std::vector<std::string> names) : around_(std::move(around)) {
    // From the back the next is taken: so the first in the order of names.
    std::ranges::sort(names, std::greater());
    std::size_t bytes = 0;
    for (const std::string& name : names) bytes += name.size() + 1;
    names_.reserve(bytes);
    for (const std::string& name : names) names_.append(name).push_back('\0');
  }

  std::optional<Place> next() {
    if (names_.empty()) return std::nullopt;
    const std::size_t end = names_.size() - 1;
    const std::size_t before = end == 0 ? std::string::npos : names_.rfind('\0', end - 1);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const std::string_view name = std::string_view(names_).substr(begin, end - begin);
    Place place{joined(around_.path, name), around_.real.empty() ? std::string() : joined(around_.real, name),
                around_.rules};
    names_.resize(begin);
    return place;
  }

 private:
  Place around_;
  std::string names_;  // each with a NUL behind it
};

class Walk {
 public:
  Walk(const Root& root, const WalkOptions& options, Visited& visited, WalkSink& sink)
      : root_(root), options_(options), visited_(visited), sink_(sink) {}

  void run(const std::string& from) {
    RulesPtr rules;
    if (!rulesAround(from, rules)) return;
    if (!enter({from, {}, std::move(rules)}) || !options_.below) return;
    while (!pending_.empty() || !linked_.empty()) {
      std::optional<Place> place = pending_.empty() ? takeLinked() : pending_.back().next();
      if (!place)
        pending_.pop_back();
      else if (!enter(*place))
        return;
    }
  }

 private:
  // Links come last: what they lead to may be below a folder that is read by its own name.
  std::optional<Place> takeLinked() {
    Place place = std::move(linked_.back());
    linked_.pop_back();
    return place;
  }
  static const std::string& placeOf(const Place& folder) {
    return folder.real.empty() ? folder.path : folder.real;
  }

  // False: what is around the folder leaves it out.
  bool rulesAround(const std::string& from, RulesPtr& rules) {
    std::size_t end = 0;
    while (!from.empty() && end != std::string::npos) {
      const std::string folder = from.substr(0, end);
      if (end != 0 && ignores(rules, folder, naming::Entry::kFolder)) return false;
      std::vector<std::string> files;
      for (const char* name : {".revengeignore", ".ignore", ".nomedia"})
        if (root_.inspect(joined(folder, name))) files.emplace_back(name);
      if (!readRules({folder, {}, rules}, files, rules)) return false;
      end = from.find('/', end == 0 ? 0 : end + 1);
    }
    return from.empty() || !ignores(rules, from, naming::Entry::kFolder);
  }

  // False: the folder is left out as a whole.
  bool readRules(const Place& folder, const std::vector<std::string>& files, RulesPtr& rules) {
    rules = folder.rules;
    for (const std::string& name : files) {
      if (name == ".nomedia") return false;
      auto text = root_.read(joined(placeOf(folder), name), kMostIgnoreBytes);
      if (!text) {
        sink_.unreadable(joined(folder.path, name), text.error());
        continue;
      }
      if (name == ".ignore" && text->find_first_not_of(" \t\r\n") == std::string::npos) return false;
      rules = std::make_shared<const Rules>(rules, folder.path, naming::IgnoreRules::parse(*text));
    }
    return true;
  }

  bool enter(const Place& folder) {
    sink_.entering(folder.path);
    auto listing = root_.list(placeOf(folder));
    if (!listing) {
      // Gone since its name was read: the folder around it will say so the next time.
      if (listing.error() != ENOENT || folder.path.empty()) sink_.unreadable(folder.path, listing.error());
      return true;
    }
    if (!visited_.insert(listing->id).second) {
      sink_.refused(folder.path, placeOf(folder));
      return true;
    }
    RulesPtr rules;
    if (!readRules(folder, listing->ignorefiles, rules)) return sink_.folder(folder.path, {});
    if (rules != nullptr) {
      std::erase_if(listing->files, [&](const MediaFile& file) {
        return ignores(rules, joined(folder.path, file.name), naming::Entry::kFile);
      });
    }
    for (const std::string& name : listing->links) takeLink(folder, name, rules, listing->files);
    const bool goes_on = sink_.folder(folder.path, listing->files);
    if (rules != nullptr) {
      std::erase_if(listing->folders, [&](const std::string& name) {
        return ignores(rules, joined(folder.path, name), naming::Entry::kFolder);
      });
    }
    if (!listing->folders.empty())
      pending_.emplace_back(Place{folder.path, folder.real, std::move(rules)}, std::move(listing->folders));
    return goes_on;
  }

  void takeLink(const Place& folder, const std::string& name, const RulesPtr& rules,
                std::vector<MediaFile>& files) {
    std::string path = joined(folder.path, name);
    const auto target = root_.follow(joined(placeOf(folder), name));
    if (!target || isWithin(target->path, root_.real())) return;
    const naming::Kind kind = naming::kindOf(name);
    const bool is_media = naming::isListed(kind);
    if (!target->is_folder && !(target->is_file && is_media)) return;
    if (!options_.follow_links) return sink_.refused(path, target->path);
    const auto entry = target->is_folder ? naming::Entry::kFolder : naming::Entry::kFile;
    if (ignores(rules, path, entry)) return;
    if (target->is_folder) {
      if (!naming::isIgnoredFolder(name)) linked_.push_back({std::move(path), target->path, rules});
      return;
    }
    const auto status = root_.inspect(target->path);
    if (!status) return;
    constexpr std::int64_t kBillion = 1'000'000'000;
    files.push_back({name, kind, static_cast<std::uint64_t>(status->st_size),
                     status->st_mtim.tv_sec * kBillion + status->st_mtim.tv_nsec, status->st_dev,
                     status->st_ino});
  }

  const Root& root_;
  const WalkOptions& options_;
  Visited& visited_;
  WalkSink& sink_;
  std::vector<Pending> pending_;
  std::vector<Place> linked_;
};

}  // namespace

void walk(const Root& root, const std::string& from, const WalkOptions& options, Visited& visited,
          WalkSink& sink) {
  Walk(root, options, visited, sink).run(from);
}

}  // namespace library::disk
