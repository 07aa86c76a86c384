#include "release_words.hpp"

#include <algorithm>
#include <array>

#include "edition_words.hpp"
#include "technical_words.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

constexpr auto kStrong = Strength::kStrong;

constexpr auto kWords = [] {
  std::array<ReleaseWord, std::size(kTechnicalWords) + std::size(kEditionWords)> sorted{};
  std::ranges::copy(kEditionWords, std::ranges::copy(kTechnicalWords, sorted.begin()).out);
  std::ranges::sort(sorted, {}, &ReleaseWord::words);
  return sorted;
}();
static_assert(std::ranges::adjacent_find(kWords, {}, &ReleaseWord::words) == kWords.end(),
              "each phrase once");

// Where the words of each first byte begin, to compare with those alone.
constexpr auto kStarts = [] {
  std::array<std::uint16_t, 257> starts{};
  std::size_t at = 0;
  for (std::size_t byte = 0; byte < starts.size(); ++byte) {
    while (at < kWords.size() && static_cast<unsigned char>(kWords[at].words.front()) < byte) ++at;
    starts[byte] = static_cast<std::uint16_t>(at);
  }
  return starts;
}();

constexpr ReleaseWord kSomeResolution{"", Tag::kResolution, kStrong};
constexpr ReleaseWord kSomeVideo{"", Tag::kVideo, kStrong};
constexpr ReleaseWord kSomeAudio{"", Tag::kAudio, kStrong};
constexpr ReleaseWord kSomeChecksum{"", Tag::kChecksum, kStrong};
constexpr ReleaseWord kSomeDisc{"", Tag::kSource, kStrong};

// How many of the words the phrase takes; 0: they are others.
std::size_t wordsTaken(std::string_view phrase, std::span<const std::string_view> words) {
  for (std::size_t taken = 0; taken < words.size(); ++taken) {
    if (!phrase.starts_with(words[taken])) return 0;
    phrase.remove_prefix(words[taken].size());
    if (phrase.empty()) return taken + 1;
    if (phrase.front() != ' ') return 0;
    phrase.remove_prefix(1);
  }
  return 0;
}

bool isNumberBefore(std::string_view word, std::string_view suffix, std::size_t least, std::size_t most) {
  const std::size_t digits = countDigits(word);
  return digits >= least && digits <= most && word.substr(digits) == suffix;
}

bool startsWithThenDigits(std::string_view word, std::string_view prefix) {
  return word.starts_with(prefix) && word.size() <= prefix.size() + 2 &&
         isAllDigits(word.substr(prefix.size()));
}

}  // namespace

const ReleaseWord* findReleaseWord(std::span<const std::string_view> words, std::size_t& taken) {
  taken = 0;
  if (words.empty() || words.front().empty()) return nullptr;
  const ReleaseWord* found = nullptr;
  const auto byte = static_cast<unsigned char>(words.front().front());
  const std::span bucket(kWords.begin() + kStarts[byte], kWords.begin() + kStarts[byte + 1]);
  for (auto at = std::ranges::lower_bound(bucket, words.front(), {}, &ReleaseWord::words);
       at != bucket.end() && at->words.starts_with(words.front()); ++at) {
    const std::size_t count = wordsTaken(at->words, words);
    if (count <= taken) continue;
    taken = count;
    found = &*at;
  }
  return found;
}

std::string_view resolutionName(std::string_view word) {
  struct Name {
    std::string_view spelling, name;
  };
  static constexpr Name kHeights[] = {
      {"2160", "2160p"}, {"1440", "1440p"}, {"1080", "1080p"}, {"720", "720p"},   {"576", "576p"},
      {"540", "540p"},   {"480", "480p"},   {"360", "360p"},   {"4320", "4320p"}, {"240", "240p"}};
  static constexpr Name kWidths[] = {
      {"7680", "4320p"}, {"3840", "2160p"}, {"4096", "2160p"}, {"2560", "1440p"}, {"1920", "1080p"},
      {"1440", "1080p"}, {"1280", "720p"},  {"1024", "576p"},  {"960", "540p"},   {"854", "480p"},
      {"852", "480p"},   {"848", "480p"},   {"720", "480p"},   {"704", "480p"},   {"640", "480p"}};
  if (word.starts_with("bd") || word.starts_with("hd")) word.remove_prefix(2);
  const std::size_t digits = countDigits(word);
  if (digits < 3 || digits > 4) return {};
  const std::string_view rest = word.substr(digits);
  if (!rest.empty() && rest.front() == 'x' && isAllDigits(rest.substr(1)) && rest.size() >= 4 &&
      rest.size() <= 5) {
    for (const Name& width : kWidths) {
      if (word.substr(0, digits) == width.spelling) return width.name;
    }
    return "480p";
  }
  if (rest.empty() || (rest.front() != 'p' && rest.front() != 'i')) return {};
  const std::string_view rate = rest.substr(1);
  if (!rate.empty() && !isAllDigits(rate) && rate != "x" && rate != "hd") return {};
  for (const Name& height : kHeights) {
    if (word.substr(0, digits) == height.spelling) return height.name;
  }
  return {};
}

const ReleaseWord* releasePattern(std::string_view word, bool bracketed) {
  if (!resolutionName(word).empty()) return &kSomeResolution;
  if (isNumberBefore(word, "bit", 1, 2) || isNumberBefore(word, "bits", 1, 2) ||
      isNumberBefore(word, "fps", 2, 3)) {
    return &kSomeVideo;
  }
  if ((word.starts_with("ma10p") || word.starts_with("yuv4")) && word.size() <= 12) return &kSomeVideo;
  for (const std::string_view codec :
       {"aac", "ddp", "dd", "flac", "opus", "eac", "ac", "truehd", "dts", "lpcm"}) {
    if (startsWithThenDigits(word, codec)) return &kSomeAudio;
  }
  if (startsWithThenDigits(word, "bd") || startsWithThenDigits(word, "multi")) return &kSomeDisc;
  const auto is_hex = [](char c) { return isDigit(c) || (c >= 'a' && c <= 'f'); };
  if (bracketed && word.size() == 8 && std::ranges::all_of(word, is_hex)) return &kSomeChecksum;
  return nullptr;
}

}  // namespace library::naming
