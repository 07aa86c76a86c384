#include "episode_numbers.hpp"

#include <algorithm>
#include <optional>

#include "text.hpp"

namespace library::naming {
namespace {

constexpr int kTechnical[] = {264, 265, 360, 480, 540, 576, 720, 1080, 1440, 1920, 2160, 4320};

bool isBoundary(std::string_view text, std::size_t at) {
  return at >= text.size() || !(isDigit(text[at]) || isAsciiLetter(text[at]));
}

enum class Link { kList, kRange };

struct Next {
  int number;
  std::size_t end;
  Link link;
};

std::size_t skipLetters(std::string_view text, std::size_t at) {
  for (const std::string_view word : {"episode", "ep", "e"}) {
    if (!text.substr(at).starts_with(word)) continue;
    std::size_t behind = at + word.size();
    if (word.size() > 1 && behind < text.size() && (text[behind] == '.' || text[behind] == ' ')) ++behind;
    if (behind < text.size() && isDigit(text[behind])) return behind;
  }
  return at;
}

// "S01E02" or "1x02" as a whole: where the number of its episode begins; the offset itself: it is none.
std::size_t skipSeason(std::string_view text, std::size_t at) {
  const bool has_s = at < text.size() && text[at] == 's';
  const std::size_t digits = countDigits(text.substr(std::min(text.size(), at + (has_s ? 1 : 0))));
  if (digits == 0 || digits > 4) return at;
  std::size_t behind = at + (has_s ? 1 : 0) + digits;
  if (has_s) {
    if (behind < text.size() && std::string_view(" ._").contains(text[behind])) ++behind;
    const std::size_t episode = skipLetters(text, behind);
    return episode != behind ? episode : at;
  }
  if (behind + 1 < text.size() && text[behind] == 'x' && isDigit(text[behind + 1]) && digits <= 2)
    return behind + 1;
  return at;
}

std::optional<Next> readNext(std::string_view text, std::size_t at, int previous, std::size_t first_digits) {
  std::size_t here = at;
  Link link = Link::kList;
  bool spaced = false;
  bool linked = false;
  for (; here < text.size() && here - at < 5; ++here) {
    const std::string_view rest = text.substr(here);
    if (rest.front() == ' ' || rest.front() == '.' || rest.front() == '_') {
      spaced = true;
    } else if (rest.front() == '-' || rest.front() == '~') {
      link = Link::kRange;
      linked = true;
    } else if (rest.front() == '+' || rest.front() == '&' || rest.front() == ',') {
      linked = true;
    } else if (rest.starts_with("–") || rest.starts_with("～")) {
      link = Link::kRange;
      linked = true;
      here += 2;
    } else {
      break;
    }
  }
  if (here >= text.size()) return std::nullopt;
  for (const std::string_view word : {"to ", "and ", "bis ", "a "}) {
    if (!spaced || linked || !text.substr(here).starts_with(word)) continue;
    link = word == "and " ? Link::kList : Link::kRange;
    here += word.size();
    break;
  }
  std::size_t number_at = skipLetters(text, here);
  if (number_at == here) number_at = skipSeason(text, here);
  const bool named = number_at != here;
  if (!named && (!linked || (spaced && link == Link::kRange))) return std::nullopt;
  const std::size_t digits = countDigits(text.substr(std::min(number_at, text.size())));
  if (digits == 0 || digits > 4) return std::nullopt;
  const int number = leadingNumber(text.substr(number_at));
  const std::size_t end = number_at + digits;
  const bool goes_on =
      end < text.size() && text[end] == 'e' && end + 1 < text.size() && isDigit(text[end + 1]);
  const bool versioned = end + 1 < text.size() && text[end] == 'v' && isDigit(text[end + 1]);
  const bool crossed = end + 1 < text.size() && text[end] == 'x' && isDigit(text[end + 1]) && named;
  if (!isBoundary(text, end) && !goes_on && !versioned && !crossed) return std::nullopt;
  if (!named) {
    if (isTechnicalNumber(number) || number <= previous || number - previous > 200) return std::nullopt;
    if (digits < 2 && first_digits > 1) return std::nullopt;
  }
  return Next{number, end, link};
}

// "05v2", "05a", "05.5": what may follow the digits of a number and belongs to it.
std::size_t readSuffix(std::string_view text, std::size_t at, int& version, char& sub) {
  if (at + 1 < text.size() && text[at] == 'v' && isDigit(text[at + 1]) && isBoundary(text, at + 2)) {
    version = text[at + 1] - '0';
    return at + 2;
  }
  if (at < text.size() && text[at] >= 'a' && text[at] <= 'i' && isBoundary(text, at + 1)) {
    sub = text[at];
    return at + 1;
  }
  // In a dotted name ".5" may as well begin the title, or be of "5.1".
  if (at + 1 < text.size() && text[at] == '.' && text[at + 1] >= '1' && text[at + 1] <= '9' &&
      (at + 2 == text.size() || std::string_view(" [(_-").contains(text[at + 2]))) {
    sub = text[at + 1];
    return at + 2;
  }
  return at;
}

}  // namespace

bool isTechnicalNumber(int number) { return std::ranges::find(kTechnical, number) != std::end(kTechnical); }

EpisodeNumbers readEpisodeNumbers(std::string_view text, std::size_t at) {
  EpisodeNumbers found;
  const std::size_t digits = countDigits(text.substr(at));
  if (digits == 0 || digits > 4) return found;
  found.end = readSuffix(text, at + digits, found.version, found.sub);
  const bool goes_on = found.end < text.size() && (text[found.end] == 'e' || text[found.end] == 'x') &&
                       found.end + 1 < text.size() &&
                       (isDigit(text[found.end + 1]) || text[found.end + 1] == 'p');
  if (!isBoundary(text, found.end) && !goes_on) return {};
  found.numbers.push_back(leadingNumber(text.substr(at)));
  Link link = Link::kList;
  while (found.numbers.size() < kMaxEpisodes) {
    std::optional<Next> next;
    if (found.end < text.size() && text[found.end] == 'x' && found.end + 1 < text.size() &&
        isDigit(text[found.end + 1]) && countDigits(text.substr(found.end + 1)) <= 3) {
      const std::size_t more = found.end + 1;
      next = Next{leadingNumber(text.substr(more)), more + countDigits(text.substr(more)), Link::kList};
    } else {
      next = readNext(text, found.end, found.numbers.back(), digits);
    }
    if (!next) break;
    link = next->link;
    found.numbers.push_back(next->number);
    found.end = readSuffix(text, next->end, found.version, found.sub);
  }
  const int first = found.numbers.front();
  if (found.numbers.size() == 2 && link == Link::kRange) {
    const int last = found.numbers.back();
    if (last > first) {
      found.numbers.clear();
      for (int n = first; n <= last && found.numbers.size() < kMaxEpisodes; ++n) found.numbers.push_back(n);
    }
  }
  const auto repeated = std::ranges::unique(found.numbers);
  found.numbers.erase(repeated.begin(), repeated.end());
  return found;
}

}  // namespace library::naming
