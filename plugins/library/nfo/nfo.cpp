#include "nfo.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "addresses.hpp"
#include "document.hpp"
#include "encoding.hpp"
#include "entry.hpp"
#include "loose_markup.hpp"
#include "naming/text.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kMaxDocuments = 1000;  // one after the other in a file
constexpr std::string_view kNothing = "it is neither XML nor an address of a provider";

class Entries : public Listener {
 public:
  void begin(Root root) override {
    ++begun_;
    const bool fits = entries_.empty() || (root == Root::kEpisode && entries_.front().nfo.root == root);
    if (fits && entries_.size() < kMaxDocuments) {
      current_.emplace(root, warnings_);
    } else {
      warnings_.add("it describes more than one thing; the first is taken");
    }
  }
  void field(const Element& element) override {
    if (current_) readField(*current_, element);
  }
  void end() override {
    if (current_) entries_.push_back(std::move(*current_));
    current_.reset();
  }
  void passedOver(std::string what) override { warnings_.add(std::move(what)); }

  // What was begun is not whole.
  void abandon() { current_.reset(); }
  bool empty() const { return entries_.empty(); }
  std::size_t begun() const { return begun_; }
  Warnings& warnings() { return warnings_; }

  File finish(const std::vector<Address>& addresses) {
    File file;
    for (Entry& entry : entries_) {
      // Of several episodes an address can mean only one.
      file.entries.push_back(
          entry.finish(entries_.size() == 1 ? std::span(addresses) : std::span<const Address>()));
    }
    file.warnings = warnings_.take();
    return file;
  }

 private:
  Warnings warnings_;
  std::vector<Entry> entries_;
  std::optional<Entry> current_;
  std::size_t begun_ = 0;
};

// Where XML begins: at a '<' with a name, a declaration or a comment behind it.
std::size_t findMarkup(std::string_view text, std::size_t from) {
  for (std::size_t at = text.find('<', from); at != std::string_view::npos; at = text.find('<', at + 1)) {
    const char next = at + 1 < text.size() ? text[at + 1] : '\0';
    if (naming::isAsciiLetter(next) || next == '?' || next == '!' || next == '_') return at;
  }
  return text.size();
}

std::expected<std::string, std::string> textOf(std::string_view bytes) {
  if (bytes.size() > kMaxBytes) return std::unexpected("it is larger than 1 MiB");
  const auto text = toUtf8(bytes);
  if (!text) return text;
  if (withoutSpace(*text).empty()) return std::unexpected("it is empty");
  return repaired(*text);
}

// What is outside of all descriptions, and why reading ended early.
struct Rest {
  std::string text = {};
  std::optional<Walked> failed = {};
};

Rest readDocuments(std::string_view text, Entries& entries) {
  Rest rest;
  for (std::size_t documents = 0;; ++documents) {
    const std::size_t markup = findMarkup(text, 0);
    rest.text += text.substr(0, markup);
    rest.text += '\n';
    text.remove_prefix(markup);
    if (text.empty()) break;
    if (documents == kMaxDocuments) {
      entries.warnings().add("it holds too many documents; the rest is passed over");
      break;
    }
    const std::size_t begun = entries.begun();
    Walked walked = walk(text, entries);
    if (walked.outcome == Outcome::kNothing) break;
    if (walked.outcome != Outcome::kRead) {
      entries.abandon();
      if (begun == entries.begun()) rest.text += text;
      rest.failed = std::move(walked);
      break;
    }
    // What describes nothing may name an address: <url>https://...</url>.
    if (begun == entries.begun()) rest.text += text.substr(0, walked.bytes);
    text.remove_prefix(walked.bytes);
  }
  return rest;
}

std::vector<Address> addressesAlone(std::string_view text) {
  std::vector<Address> addresses = addressesIn(text);
  if (!addresses.empty()) return addresses;
  std::string id = looseImdbId(text);
  if (!id.empty()) addresses.push_back({"imdb", std::move(id), in(Root::kAddress)});
  return addresses;
}

}  // namespace

std::expected<File, std::string> read(std::string_view bytes) {
  const auto text = textOf(bytes);
  if (!text) return std::unexpected(text.error());
  Entries entries;
  const Rest rest = readDocuments(*text, entries);
  const auto& failed = rest.failed;
  if (failed && failed->outcome == Outcome::kRefused) return std::unexpected(failed->why);
  if (!entries.empty()) {
    if (failed) entries.warnings().add("what follows the first part is passed over: " + failed->why);
    return entries.finish(addressesIn(rest.text));
  }

  // A drawing of letters around an address begins like XML where it likes.
  const auto addresses = entries.begun() == 0 ? addressesAlone(rest.text) : std::vector<Address>();
  if (addresses.empty()) return std::unexpected(failed ? failed->why : std::string(kNothing));
  entries.begin(Root::kAddress);
  entries.end();
  return entries.finish(addresses);
}

}  // namespace library::nfo
