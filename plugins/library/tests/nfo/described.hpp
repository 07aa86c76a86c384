// What the tests say about one description. Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "nfo/nfo.hpp"

namespace library::nfo {

// The first description of a file; the test fails where there is none.
inline Nfo described(std::string_view bytes) {
  const auto file = read(bytes);
  if (!file) {
    ADD_FAILURE() << file.error();
    return {};
  }
  EXPECT_FALSE(file->entries.empty());
  return file->entries.empty() ? Nfo() : file->entries.front();
}

inline Nfo rooted(std::string_view root, std::string_view inside) {
  const std::string name(root);
  return described("<" + name + ">" + std::string(inside) + "</" + name + ">");
}

inline Nfo film(std::string_view inside) { return rooted("movie", inside); }
inline Nfo show(std::string_view inside) { return rooted("tvshow", inside); }
inline Nfo episode(std::string_view inside) { return rooted("episodedetails", inside); }

// Why a file is refused; empty, and the test fails: it is not.
inline std::string refusal(std::string_view bytes) {
  const auto file = read(bytes);
  if (!file) return file.error();
  ADD_FAILURE() << "was read";
  return {};
}

// Empty: there is none of the kind.
inline std::string imageOf(const Nfo& nfo, ImageKind kind) {
  const auto found = std::ranges::find(nfo.images, kind, &Image::kind);
  return found == nfo.images.end() ? std::string() : found->place;
}

}  // namespace library::nfo
