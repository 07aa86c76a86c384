#include "stack.hpp"

#include <algorithm>
#include <compare>
#include <map>
#include <tuple>

#include "part.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

struct Member {
  int number;
  std::size_t file;
  auto operator<=>(const Member&) const = default;
};

}  // namespace

std::vector<Stack> findStacks(std::span<const NamedFile> files) {
  std::map<std::string, std::vector<Member>> candidates;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto part = partAtEnd(files[i].stem);
    if (!part) continue;
    const std::string key = folded(std::string_view(files[i].stem).substr(0, part->begin)) + '\n' +
                            folded(part->word) + (part->is_letter ? "\na\n" : "\n1\n") +
                            asciiLowered(files[i].extension);
    candidates[key].push_back({part->number, i});
  }
  std::vector<Stack> stacks;
  std::vector<char> taken(files.size(), 0);
  for (auto& [key, members] : candidates) {
    std::ranges::sort(members);
    const auto same = std::ranges::unique(members, {}, &Member::number);
    members.erase(same.begin(), same.end());
    if (members.size() < 2) continue;
    const NamedFile& first = files[members.front().file];
    Stack stack{
        first.stem.substr(0, partAtEnd(first.stem)->begin), first.extension, {}, members.front().file};
    for (const Member& member : members) {
      stack.places.push_back(files[member.file].place);
      taken[member.file] = 1;
    }
    stacks.push_back(std::move(stack));
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (taken[i] == 0) stacks.push_back({files[i].stem, files[i].extension, {files[i].place}, i});
  }
  std::ranges::sort(stacks, [](const Stack& a, const Stack& b) {
    return std::tie(a.stem, a.order) < std::tie(b.stem, b.order);
  });
  return stacks;
}

}  // namespace library::naming
