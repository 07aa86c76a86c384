// File names, which are any bytes, as text that is safe to show: in messages, JSON and HTML. Stateless.
#pragma once

#include <string>
#include <string_view>

namespace stream {

// Valid UTF-8 on one line: what is not UTF-8 becomes U+FFFD, each control character its picture (U+2400 ...).
std::string printable(std::string_view bytes);

// A JSON string with its quotes. What is not UTF-8 becomes U+FFFD; everything else can be read back.
std::string jsonString(std::string_view bytes);

// For element content and quoted attributes.
std::string htmlText(std::string_view bytes);

}  // namespace stream
