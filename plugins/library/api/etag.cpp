#include "api/etag.hpp"

#include "api/digest.hpp"
#include "naming/text.hpp"

namespace library::api {

namespace {

constexpr std::size_t kTagBytes = 12;

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

}  // namespace

std::string strongEtag(std::string_view body) { return quoted(hexOf(sha256(body), kTagBytes)); }

std::string weakEtag(std::string_view body) { return "W/" + strongEtag(body); }

std::string revisionEtag(std::int64_t revision, std::string_view body) {
  return quoted(std::to_string(revision) + '.' + hexOf(sha256(body), kTagBytes));
}

bool namesRevision(std::string_view if_match, std::int64_t revision) {
  const std::string wanted = '"' + std::to_string(revision) + '.';
  while (!if_match.empty()) {
    const std::size_t comma = if_match.find(',');
    const std::string_view tag = naming::trimmed(if_match.substr(0, comma), " \t");
    if (tag == "*" || tag.starts_with(wanted)) return true;
    if_match = comma == std::string_view::npos ? std::string_view() : if_match.substr(comma + 1);
  }
  return false;
}

}  // namespace library::api
