// What must not stand in a log: values whose key names a secret, wherever the key stands (of the call, bound earlier, in a
// group). Thread safety: confined to one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "observe/log.hpp"

namespace revenge::observe {

// Case, '-', '_' and '.' make no difference, and a key that ends with a name is meant too: "token" hides access_token
// and X-Csrf-Token. A hidden group is hidden with all its members. In the values of `query`, `url`, `uri` and `target`
// the parameters of the query are keys as well.
class LogRedaction {
 public:
  static constexpr std::string_view kHidden = "[redacted]";

  explicit LogRedaction(const std::vector<std::string>& names = {});

  bool hides(std::string_view key) const;

  // Points the attributes of `record` at a copy without what is to be hidden, when there is anything. The copy lives
  // until the next call.
  void apply(LogRecord& record);

 private:
  bool concerns(std::span<const Attribute> attributes) const;
  std::span<const Attribute> copy(std::span<const Attribute> from, std::vector<Attribute>& to, bool hidden);
  std::string query(std::string_view url, std::string_view key) const;

  std::vector<std::string> names_;
  std::vector<Attribute> bound_;
  std::vector<Attribute> own_;
  std::vector<std::string> queries_;
};

}  // namespace revenge::observe
