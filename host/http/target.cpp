#include "http/target.hpp"

#include <cstdint>

#include "http/bytes.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

// -1: malformed.
int decodeEscape(std::string_view at) {
  if (at.size() < 3) return -1;
  const int high = hexValue(at[1]);
  const int low = hexValue(at[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool decodeEscapes(std::string_view raw, std::string& out) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '%') {
      out.push_back(raw[i]);
      continue;
    }
    const int byte = decodeEscape(raw.substr(i));
    if (byte <= 0 || byte == '/') return false;
    out.push_back(static_cast<char>(byte));
    i += 2;
  }
  return true;
}

// Resolves "." and ".." in place; `path` begins with '/'.
bool resolveDots(std::string& path) {
  std::size_t to = 0;
  for (std::size_t from = 0; from < path.size();) {
    const std::size_t next = std::min(path.find('/', from + 1), path.size());
    const std::string_view segment(path.data() + from + 1, next - from - 1);
    const bool last = next == path.size();
    if (segment == "..") {
      if (to == 0) return false;
      to = path.rfind('/', to - 1);
    } else if (segment != ".") {
      std::copy(path.begin() + static_cast<std::ptrdiff_t>(from),
                path.begin() + static_cast<std::ptrdiff_t>(next),
                path.begin() + static_cast<std::ptrdiff_t>(to));
      to += next - from;
    }
    // A dot segment at the end names a folder.
    if (last && (segment == "." || segment == "..")) path[to++] = '/';
    from = next;
  }
  path.resize(to);
  return true;
}

std::optional<revenge_view> decodePart(std::string_view raw, std::string& storage) {
  if (raw.find_first_of("%+") == std::string_view::npos) return view(raw);
  const std::size_t begin = storage.size();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const int byte = raw[i] == '%' ? decodeEscape(raw.substr(i)) : -1;
    if (byte == 0) return std::nullopt;
    if (byte > 0) i += 2;
    storage.push_back(byte > 0 ? static_cast<char>(byte) : raw[i] == '+' ? ' ' : raw[i]);
  }
  return view(std::string_view(storage).substr(begin));
}

}  // namespace

std::optional<std::string_view> decodePath(std::string_view raw, std::string& storage) {
  if (!raw.starts_with('/')) return std::nullopt;
  if (!raw.contains('%') && !raw.contains("/.")) return raw;
  storage.clear();
  if (!decodeEscapes(raw, storage)) return std::nullopt;
  if (storage.contains("/.") && !resolveDots(storage)) return std::nullopt;
  return storage;
}

bool decodeQuery(std::string_view raw, std::string& storage, std::vector<revenge_field>& pairs) {
  if (raw.empty()) return true;
  storage.clear();
  storage.reserve(raw.size());  // decoding only shrinks: no view moves
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decodePart(pair.substr(0, equals), storage);
    const auto value = decodePart(pair.substr(std::min(equals + 1, pair.size())), storage);
    if (!name || !value) return false;
    pairs.push_back({*name, *value});
  }
  return true;
}

}  // namespace revenge::http
