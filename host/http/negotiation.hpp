// What a client would rather have: Accept and Accept-Encoding, by their q values. A field that cannot be read asks for nothing
// in particular. Source: RFC 9110, sections 12.4.2 and 12.5. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace revenge::http {

struct MediaOffer {
  std::string_view type;     // "text/plain"
  std::string_view version;  // of its parameter `version`; a range that names another does not mean it
};

// The offer with the highest q, the earlier one of equals; the first when the field is empty or wants none of them: who asks
// for nothing that we have is better served by something than by 406.
std::size_t preferredMedia(std::string_view accept, std::span<const MediaOffer> offers);

// Whether the client takes `coding` and did not say that it would rather not.
bool takesCoding(std::string_view accept_encoding, std::string_view coding);

}  // namespace revenge::http
