#include "http/bytes.hpp"

#include <memory>

namespace revenge::http {

Bytes::Bytes(std::string text) {
  auto owned = std::make_unique<std::string>(std::move(text));
  buffer_ = {owned->data(), owned->size(), [](void* owner) { delete static_cast<std::string*>(owner); },
             owned.get()};
  static_cast<void>(owned.release());
}

}  // namespace revenge::http
