// Archives as nobody should make them, and what a reader says of them.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "module/archive.hpp"

namespace revenge::module {

struct Collected final : ArchiveFiles {
  base::Result<> file(const std::string& name, std::uint64_t /*size*/) override {
    last = &files[name];
    return {};
  }
  base::Result<> content(std::string_view piece) override {
    *last += piece;
    return {};
  }
  std::map<std::string, std::string> files;
  std::string* last = nullptr;
};

struct EntryFields {
  char type = '0';
  std::string link = {};
  std::optional<std::string> size = {};  // in place of the content's
};

// Whatever the name and the fields are; only the checksum is right.
inline std::string entry(const std::string& name, const std::string& content,
                         const EntryFields& fields = {}) {
  std::string block(512, '\0');
  const auto put = [&block](std::size_t at, std::string_view text) {
    std::memcpy(&block[at], text.data(), text.size());
  };
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, fields.size ? *fields.size : fmt::format("{:011o}", content.size()));
  put(136, "00000000000");
  put(148, "        ");
  block[156] = fields.type;
  put(157, fields.link);
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(148, fmt::format("{:06o}", sum));
  block[154] = '\0';
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512);
  return block + padded;
}

inline std::string end() { return std::string(1024, '\0'); }

inline std::string written(const std::map<std::string, std::string>& files) {
  std::string archive;
  ArchiveWriter writer([&archive](std::string_view piece) {
    archive += piece;
    return base::Result<>();
  });
  for (const auto& [name, content] : files) {
    EXPECT_TRUE(writer.file(name, content.size()));
    EXPECT_TRUE(writer.content(content));
  }
  EXPECT_TRUE(writer.finish());
  return archive;
}

inline std::string refusal(std::string_view archive, const CopyLimits& limits = {}, std::size_t piece = 4096,
                           Collected* into = nullptr) {
  Collected own;
  ArchiveReader reader(into != nullptr ? *into : own, limits);
  for (; !archive.empty(); archive.remove_prefix(std::min(piece, archive.size()))) {
    if (auto taken = reader.take(archive.substr(0, piece)); !taken) return taken.error().message;
  }
  const auto finished = reader.finish();
  return finished ? "accepted" : finished.error().message;
}

}  // namespace revenge::module
