#include "document.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>

#include <expat.h>

#include "naming/text.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kMaxAttributes = 16;
constexpr std::size_t kPiece = std::size_t{16} << 10U;  // what the parser copies at a time

struct NamedRoot {
  std::string_view name;
  Root root;
};
constexpr NamedRoot kRoots[] = {
    {"movie", Root::kMovie},           {"tvshow", Root::kShow},
    {"season", Root::kSeason},         {"episodedetails", Root::kEpisode},
    {"musicvideo", Root::kMusicVideo}, {"artist", Root::kArtist},
    {"album", Root::kAlbum},
};

std::optional<Root> rootOf(std::string_view name) {
  const auto* found = std::ranges::find(kRoots, name, &NamedRoot::name);
  return found == std::end(kRoots) ? std::nullopt : std::optional(found->root);
}

Element elementOf(std::string name, const XML_Char** attributes) {
  Element element;
  element.name = std::move(name);
  for (; *attributes != nullptr && element.attributes.size() < kMaxAttributes; attributes += 2) {
    element.attributes.emplace_back(naming::asciiLowered(attributes[0]), attributes[1]);
  }
  return element;
}

void appendText(std::string& out, const Element& element) {
  std::size_t written = 0;
  const std::string_view text = element.text;
  for (const Element& child : element.children) {
    out += text.substr(written, child.text_before - written);
    written = child.text_before;
    if (child.name == "br" || child.name == "p") out += '\n';
    appendText(out, child);
  }
  out += text.substr(written);
}

struct FreeParser {
  void operator()(XML_Parser parser) const { XML_ParserFree(parser); }
};

class Walk {
 public:
  explicit Walk(Listener& listener) : listener_(listener), parser_(XML_ParserCreate("UTF-8")) {
    if (!parser_) throw std::bad_alloc();
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), onStart, onEnd);
    XML_SetCharacterDataHandler(parser_.get(), onText);
    XML_SetStartDoctypeDeclHandler(parser_.get(), onDoctype);
  }

  Walked read(std::string_view text) {
    std::string_view rest = text;
    XML_Status status = XML_STATUS_OK;
    do {
      const std::string_view piece = rest.substr(0, kPiece);
      rest.remove_prefix(piece.size());
      status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()),
                         static_cast<int>(rest.empty()));
    } while (status == XML_STATUS_OK && !rest.empty());
    if (failure_) std::rethrow_exception(failure_);
    if (is_whole_) return {.bytes = end_, .root = root_name_};
    if (!why_.empty()) return {.outcome = Outcome::kRefused, .why = why_, .root = root_name_};
    return broken();
  }

 private:
  // No exception passes through the parser, which is C.
  template <typename Do>
  void guarded(Do act) noexcept {
    if (is_stopped_) return;
    try {
      act();
    } catch (...) {
      failure_ = std::current_exception();
      stop();
    }
  }
  static Walk& of(void* self) { return *static_cast<Walk*>(self); }
  static void onStart(void* self, const XML_Char* name, const XML_Char** attributes) {
    of(self).guarded([=] { of(self).start(name, attributes); });
  }
  static void onEnd(void* self, const XML_Char*) {
    of(self).guarded([=] { of(self).end(); });
  }
  static void onText(void* self, const XML_Char* text, int length) {
    of(self).guarded([=] { of(self).text({text, static_cast<std::size_t>(length)}); });
  }
  static void onDoctype(void* self, const XML_Char*, const XML_Char*, const XML_Char*, int) {
    of(self).guarded([=] { of(self).refuse("it declares a document type, which is not read here"); });
  }

  void stop() {
    is_stopped_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);
  }
  void refuse(std::string why) {
    why_ = std::move(why);
    stop();
  }

  void start(const XML_Char* raw_name, const XML_Char** attributes) {
    if (++depth_ > kMaxDepth) return refuse("its elements are nested too deeply");
    std::string name = naming::asciiLowered(raw_name);
    if (depth_ == 1) root_name_ = name;
    if (root_depth_ == 0) {
      if (depth_ > 2) return;
      if (const auto root = rootOf(name)) {
        root_depth_ = depth_;
        listener_.begin(*root);
      }
      return;
    }
    if (dropped_depth_ > 0 || elements_ >= kMaxFieldElements) {
      if (dropped_depth_++ == 0 && elements_++ == kMaxFieldElements) {
        listener_.passedOver("<" + open_.front().name + "> has too many elements; the rest is passed over");
      }
      return;
    }
    ++elements_;
    Element element = elementOf(std::move(name), attributes);
    if (!open_.empty()) element.text_before = open_.back().text.size();
    open_.push_back(std::move(element));
  }

  void end() {
    if (dropped_depth_ > 0) {
      --dropped_depth_;
    } else if (!open_.empty()) {
      Element element = std::move(open_.back());
      open_.pop_back();
      if (open_.empty()) {
        elements_ = 0;
        listener_.field(element);
      } else {
        open_.back().children.push_back(std::move(element));
      }
    } else if (depth_ == root_depth_) {
      root_depth_ = 0;
      listener_.end();
    }
    if (--depth_ > 0) return;
    // An empty element <a/> is told twice at one place; both times its whole length is.
    end_ = static_cast<std::size_t>(XML_GetCurrentByteIndex(parser_.get())) +
           static_cast<std::size_t>(XML_GetCurrentByteCount(parser_.get()));
    is_whole_ = true;
    stop();
  }

  void text(std::string_view text) {
    if (!open_.empty() && dropped_depth_ == 0) open_.back().text += text;
  }

  Walked broken() const {
    const XML_Error error = XML_GetErrorCode(parser_.get());
    const bool is_cut = error == XML_ERROR_NO_ELEMENTS || error == XML_ERROR_UNCLOSED_TOKEN ||
                        error == XML_ERROR_UNCLOSED_CDATA_SECTION || error == XML_ERROR_PARTIAL_CHAR;
    if (error == XML_ERROR_NO_ELEMENTS && root_name_.empty()) return {.outcome = Outcome::kNothing};
    const std::string line = std::to_string(XML_GetCurrentLineNumber(parser_.get()));
    std::string why = is_cut ? "it ends in the middle, in line " + line
                             : "it is no XML in line " + line + ": " + XML_ErrorString(error);
    return {.outcome = Outcome::kBroken, .why = std::move(why), .root = root_name_};
  }

  Listener& listener_;
  std::unique_ptr<std::remove_pointer_t<XML_Parser>, FreeParser> parser_;
  std::vector<Element> open_;  // of the field that is being read, the outermost first
  std::size_t depth_ = 0;
  std::size_t root_depth_ = 0;     // 0: outside what describes something
  std::size_t dropped_depth_ = 0;  // of what is passed over
  std::size_t elements_ = 0;       // of the field
  std::size_t end_ = 0;
  std::string root_name_;
  std::string why_;
  std::exception_ptr failure_;
  bool is_whole_ = false;
  bool is_stopped_ = false;
};

}  // namespace

std::string_view Element::attribute(std::string_view attribute_name) const {
  const auto found = std::ranges::find(attributes, attribute_name,
                                       [](const auto& pair) { return std::string_view(pair.first); });
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

const Element* Element::child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &Element::name);
  return found == children.end() ? nullptr : &*found;
}

std::string Element::allText() const {
  std::string out;
  appendText(out, *this);
  return out;
}

Walked walk(std::string_view text, Listener& listener) { return Walk(listener).read(text); }

}  // namespace library::nfo
