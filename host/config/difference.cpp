#include "config/difference.hpp"

namespace revenge::config {
namespace {

using document::Value;

bool isSection(const Value* value) {
  return value != nullptr && value->object() != nullptr && !value->object()->empty();
}

void compare(const Value* before, const Value* after, const std::string& pointer,
             std::vector<std::string>& changed) {
  if (!isSection(before) && !isSection(after)) {
    if (before == nullptr || after == nullptr || !(*before == *after)) changed.push_back(pointer);
    return;
  }
  if (isSection(after)) {
    for (const document::Member& member : *after->object())
      compare(before != nullptr ? before->find(member.key) : nullptr, &member.value,
              pointer + document::pointerStep(member.key), changed);
  }
  if (!isSection(before)) return;
  for (const document::Member& member : *before->object()) {
    if (after == nullptr || after->find(member.key) == nullptr)
      compare(&member.value, nullptr, pointer + document::pointerStep(member.key), changed);
  }
}

}  // namespace

std::vector<std::string> changedPointers(const Value& before, const Value& after) {
  std::vector<std::string> changed;
  compare(&before, &after, "", changed);
  return changed;
}

}  // namespace revenge::config
