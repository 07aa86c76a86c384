// What clients see of items and titles. Values, which own nothing of a result: the writer is done before it ends. Thread
// safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalogue/id.hpp"

namespace library::api {

class JsonWriter;

struct TitleView {
  Id id;
  Id library{};
  std::string_view kind{}, name{}, artist{}, tmdb{}, imdb{}, tvdb{};
  std::optional<std::int64_t> year{};
  std::int64_t added_us = 0;
  std::int64_t seasons = 0, items = 0, files = 0;
};

struct ItemView {
  Id id, library;
  TitleView title;  // its id, name, year, ids
  std::string_view kind, name, air_date{};
  std::optional<std::int64_t> year{}, season{}, episode{}, episode_last{}, disc{}, track{};
  std::int64_t files = 0;
  std::int64_t added_us = 0;
};

struct FileView {
  Id id;
  std::string_view name;  // as the disk has it
  std::string_view kind;  // video, audio, subtitle, nfo
  std::string_view extra{};
  std::string_view label{}, resolution{};
  std::int64_t version = 0, part = 0;
  std::int64_t bytes = 0, modified_ns = 0;
  std::optional<std::int64_t> missing_us{}, duration_ms{};
  std::string_view probe{};  // waiting, done, failed, none
  std::string_view probe_error{};
  std::string_view facts{};  // JSON; empty: none
};

void write(JsonWriter& out, const TitleView& title);
void write(JsonWriter& out, const ItemView& item);
// The item with its files, which are in the order of their versions and parts; `metadata` is JSON, or empty.
std::string itemJson(const ItemView& item, const std::vector<FileView>& files, std::string_view metadata);
// The title with its sidecars.
std::string titleJson(const TitleView& title, const std::vector<FileView>& files, std::string_view metadata);

}  // namespace library::api
