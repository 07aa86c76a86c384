#include "config/flatten.hpp"

#include <fmt/format.h>

namespace revenge::config {
namespace {

void append(const document::Value& value, const std::string& pointer, std::vector<Leaf>& leaves) {
  const document::Array* array = value.array();
  const document::Object* object = value.object();
  if ((array == nullptr || array->empty()) && (object == nullptr || object->empty())) {
    leaves.push_back({pointer, &value});
    return;
  }
  if (object != nullptr) {
    for (const document::Member& member : *object)
      append(member.value, pointer + document::pointerStep(member.key), leaves);
    return;
  }
  for (std::size_t i = 0; i < array->size(); ++i)
    append((*array)[i], fmt::format("{}/{}", pointer, i), leaves);
}

}  // namespace

std::vector<Leaf> flatten(const document::Value& tree) {
  std::vector<Leaf> leaves;
  append(tree, "", leaves);
  return leaves;
}

}  // namespace revenge::config
