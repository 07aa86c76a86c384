// Dates and conditions. Input, a line each: our ETag, our date in seconds, If-Match, If-None-Match,
// If-Modified-Since, If-Unmodified-Since, If-Range. An empty line: not there.
#include <algorithm>
#include <array>
#include <charconv>

#include "http/bytes.hpp"
#include "http/conditional.hpp"
#include "http/http_date.hpp"
#include "require.hpp"

namespace {

using namespace revenge::http;
using revenge::fuzz::require;

constexpr std::int64_t kYear0 = -62'167'219'200;
constexpr std::int64_t kYear10000 = 253'402'300'800;  // needs a fifth digit, which HTTP has not

std::string_view asText(const std::array<char, kHttpDateSize>& date) { return {date.data(), date.size()}; }

void checkDate(std::string_view text) {
  const auto seconds = parseHttpDate(text);
  if (!seconds || *seconds >= kYear10000) return;
  require(*seconds >= kYear0, "a date has a year");
  require(parseHttpDate(asText(formatHttpDate(*seconds))) == seconds, "a date is read back as it is written");
}

RequestHead headOf(const std::array<std::string_view, 7>& lines) {
  RequestHead head;
  constexpr std::array<std::string_view, 4> kNames{"if-match", "if-none-match", "if-modified-since",
                                                   "if-unmodified-since"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (lines[i + 2].empty()) continue;
    head.headers.push_back({view(kNames[i]), view(lines[i + 2])});
    head.conditional = true;
  }
  return head;
}

bool isTag(std::string_view tag) {
  return tag.size() >= 2 && tag.starts_with('"') && tag.find('"', 1) == tag.size() - 1;
}

// A client that has exactly what we have.
void checkTag(std::string_view etag) {
  if (!isTag(etag)) return;
  require(evaluate(headOf({"", "", "", etag}), {.etag = etag}) == Condition::kNotModified,
          "our tag, not modified");
  require(evaluate(headOf({"", "", etag}), {.etag = etag}) == Condition::kProceed, "our tag, matched");
  require(rangeApplies(etag, {.etag = etag}), "our tag, the range applies");
}

void checkModified(std::int64_t modified) {
  const auto date = formatHttpDate(modified);
  const bool outside = modified < kYear0 || modified >= kYear10000;
  require(parseHttpDate(asText(date)) == std::clamp(modified, kYear0, kYear10000 - 1), "our date is read");
  if (outside) return;
  const Validators ours{.modified_s = modified};
  require(evaluate(headOf({"", "", "", "", asText(date)}), ours) == Condition::kNotModified,
          "our date, not modified");
  require(evaluate(headOf({"", "", "", "", "", asText(date)}), ours) == Condition::kProceed,
          "our date, unmodified");
  require(rangeApplies(asText(date), ours), "our date, the range applies");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(data), size);
  std::array<std::string_view, 7> lines;
  for (auto& line : lines) {
    line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(line.size() + 1, input.size()));
  }
  Validators ours{.etag = lines[0]};
  std::int64_t modified = 0;
  if (std::from_chars(lines[1].data(), lines[1].data() + lines[1].size(), modified).ec == std::errc()) {
    ours.modified_s = modified;
    checkModified(modified);
  }
  checkTag(ours.etag);
  for (const auto line : lines) checkDate(line);

  const RequestHead head = headOf(lines);
  const Condition condition = evaluate(head, ours);
  require(head.conditional || condition == Condition::kProceed, "no condition, no refusal");
  require(condition != Condition::kFailed || !lines[2].empty() || !lines[5].empty(), "412 was asked for");
  require(condition != Condition::kNotModified || !lines[3].empty() || !lines[4].empty(),
          "304 was asked for");
  require(!rangeApplies("W/" + std::string(lines[0]), ours) || !isTag(lines[0]), "a weak tag names no bytes");
  (void)rangeApplies(lines[6], ours);
  return 0;
}
