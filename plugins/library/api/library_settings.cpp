#include "api/library_settings.hpp"

#include <algorithm>
#include <array>

#include "api/folder.hpp"
#include "api/query_reader.hpp"
#include "naming/text.hpp"

namespace library::api {

namespace {

constexpr std::array<std::string_view, 3> kTypes{"movie", "tvshow", "music"};
constexpr std::array<std::string_view, 3> kFields{"name", "type", "paths"};
constexpr std::int64_t kMaxName = 255;        // characters
constexpr std::int64_t kMaxPaths = 64;        // of one library
constexpr std::int64_t kMaxPathBytes = 4095;  // PATH_MAX, without its NUL

bool isControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7F'; }

// What stands behind a / of a JSON pointer (RFC 6901).
std::string pointerTo(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

FieldError faultOf(std::string field, FolderFault fault) {
  switch (fault) {
    case FolderFault::kNotAbsolute:
      return {std::move(field), "NOT_ABSOLUTE", "must be an absolute path without . and .."};
    case FolderFault::kNotAllowed:
      return {std::move(field), "NOT_ALLOWED", "lies in none of the folders that libraries may lie in"};
    case FolderFault::kNotADirectory:
      return {std::move(field), "NOT_A_DIRECTORY", "is no directory"};
    case FolderFault::kNotReadable:
      return {std::move(field), "NOT_READABLE", "cannot be read by the server"};
    default:
      return {std::move(field), "NOT_FOUND", "is not there"};
  }
}

class LibraryReader {
 public:
  explicit LibraryReader(const FolderRules& rules) : rules_(rules) {}

  std::expected<LibrarySettings, FieldErrors> read(const Json& body) {
    if (body.object() == nullptr)
      return std::unexpected(FieldErrors{{"", "WRONG_TYPE", "must be an object"}});
    readName(body.member("name"));
    readType(body.member("type"));
    readPaths(body.member("paths"));
    for (const Json& member : *body.object()) {
      if (std::ranges::find(kFields, member.name) == kFields.end())
        refuse(pointerTo(member.name), "UNKNOWN", "is no field of a library that can be set");
    }
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(settings_);
  }

 private:
  void refuse(std::string field, std::string code, std::string message,
              std::optional<std::int64_t> limit = {}) {
    errors_.push_back({std::move(field), std::move(code), std::move(message), limit});
  }

  void readName(const Json* value) {
    if (value == nullptr || value->isNull()) return refuse("/name", "REQUIRED", "is missing");
    const std::string* const name = value->text();
    if (name == nullptr) return refuse("/name", "WRONG_TYPE", "must be a text");
    if (naming::trimmed(*name).empty()) return refuse("/name", "REQUIRED", "must not be empty");
    if (std::ranges::any_of(*name, isControl))
      return refuse("/name", "CONTROL_CHARACTER", "must have no control characters");
    if (lengthOf(*name) > static_cast<std::size_t>(kMaxName))
      return refuse("/name", "TOO_LONG", "must have at most 255 characters", kMaxName);
    settings_.name = *name;
  }

  void readType(const Json* value) {
    if (value == nullptr || value->isNull()) return refuse("/type", "REQUIRED", "is missing");
    const std::string* const type = value->text();
    if (type == nullptr) return refuse("/type", "WRONG_TYPE", "must be a text");
    if (std::ranges::find(kTypes, *type) == kTypes.end())
      return refuse("/type", "NOT_ONE_OF", "must be " + oneOfText(kTypes));
    settings_.type = *type;
  }

  void readPaths(const Json* value) {
    if (value == nullptr || value->isNull()) return refuse("/paths", "REQUIRED", "is missing");
    const Json::Array* const paths = value->array();
    if (paths == nullptr) return refuse("/paths", "WRONG_TYPE", "must be a list of texts");
    if (paths->empty()) return refuse("/paths", "REQUIRED", "must name at least one folder", 1);
    if (paths->size() > static_cast<std::size_t>(kMaxPaths))
      return refuse("/paths", "TOO_MANY", "must name at most 64 folders", kMaxPaths);
    for (const Json& path : *paths) readPath("/paths/" + std::to_string(&path - paths->data()), path);
  }

  void readPath(std::string field, const Json& value) {
    const std::string* const text = value.text();
    if (text == nullptr) return refuse(std::move(field), "WRONG_TYPE", "must be a text");
    if (text->size() > static_cast<std::size_t>(kMaxPathBytes))
      return refuse(std::move(field), "TOO_LONG", "must have at most 4095 bytes", kMaxPathBytes);
    if (text->find('\0') != std::string::npos || !isPlainAbsolute(*text)) {
      errors_.push_back(faultOf(std::move(field), FolderFault::kNotAbsolute));
      return;
    }
    std::string path = tidied(*text);
    FolderCheck check = checkFolder(path, rules_.allowed);
    const bool is_kept = std::ranges::find(rules_.kept, path) != rules_.kept.end();
    if (check.fault != FolderFault::kNone && !is_kept) {
      errors_.push_back(faultOf(std::move(field), check.fault));
      return;
    }
    if (check.real.empty()) check.real = path;
    for (const std::string& other : real_) {
      if (other == check.real) return refuse(std::move(field), "REPEATED", "is named twice");
      if (isInside(check.real, other) || isInside(other, check.real))
        return refuse(std::move(field), "NESTED", "lies inside another folder of this library, or around it");
    }
    real_.push_back(std::move(check.real));
    settings_.paths.push_back(std::move(path));
  }

  const FolderRules& rules_;
  LibrarySettings settings_;
  std::vector<std::string> real_;  // of the paths so far
  FieldErrors errors_;
};

}  // namespace

std::expected<LibrarySettings, FieldErrors> readLibrary(const Json& body, const FolderRules& rules) {
  return LibraryReader(rules).read(body);
}

Json jsonOf(const LibrarySettings& settings) {
  Json::Array paths;
  for (const std::string& path : settings.paths) paths.push_back({path});
  return {Json::Object{{{settings.name, "name"}, {settings.type, "type"}, {std::move(paths), "paths"}}}};
}

}  // namespace library::api
