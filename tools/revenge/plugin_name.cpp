#include "revenge/plugin_name.hpp"

#include <algorithm>
#include <array>

namespace revenge::author {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kLongest = 64;

constexpr auto kTaken = std::to_array<std::string_view>(
    {"alignas",       "alignof",  "and",      "asm",      "auto",       "bool",    "break",     "case",
     "catch",         "char",     "class",    "compl",    "concept",    "const",   "consteval", "constexpr",
     "constinit",     "continue", "decltype", "default",  "delete",     "do",      "double",    "else",
     "enum",          "explicit", "export",   "extern",   "false",      "float",   "for",       "friend",
     "goto",          "if",       "inline",   "int",      "long",       "mutable", "namespace", "new",
     "noexcept",      "not",      "nullptr",  "operator", "or",         "private", "protected", "public",
     "register",      "requires", "return",   "short",    "signed",     "sizeof",  "static",    "std",
     "struct",        "switch",   "template", "this",     "throw",      "true",    "try",       "typedef",
     "typeid",        "typename", "union",    "unsigned", "using",      "virtual", "void",      "volatile",
     "while",         "xor",      "all",      "clean",    "edit_cache", "help",    "install",   "package",
     "rebuild_cache", "revenge",  "test",     "bitand",   "bitor",      "final",   "override",  "import",
     "module",        "linux",    "unix",     "testing",  "main"});

bool isWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool isNameCharacter(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }

}  // namespace

base::Result<> checkPluginName(std::string_view name) {
  const bool begins = !name.empty() && name.front() >= 'a' && name.front() <= 'z';
  if (!begins || name.size() > kLongest || !std::ranges::all_of(name, isNameCharacter)) {
    return fail(
        Errc::kInvalid,
        "'{}': a plugin's name has lower-case letters, digits and '-', begins with a letter and is at "
        "most {} long",
        name, kLongest);
  }
  if (name.ends_with('-') || name.contains("--"))
    return fail(Errc::kInvalid, "'{}': a '-' stands between two words", name);
  if (std::ranges::find(kTaken, name) != kTaken.end())
    return fail(Errc::kInvalid, "'{}' means something to C++ or CMake; choose another name", name);
  return {};
}

std::string namespaceOf(std::string_view name) {
  std::string made(name);
  std::ranges::replace(made, '-', '_');
  return made;
}

std::string classOf(std::string_view name) {
  std::string made;
  bool begins = true;
  for (const char c : name) {
    if (c != '-') made += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    begins = c == '-';
  }
  return made + "Plugin";
}

std::string renamed(std::string_view text, std::string_view name) {
  std::string made;
  while (!text.empty()) {
    const auto end = std::ranges::find_if_not(text, isWordCharacter);
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (size == 0) {
      made += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view word = text.substr(0, size);
    const std::string_view after = text.substr(size);
    if (word == "HelloPlugin") {
      made += classOf(name);
    } else if (word != "hello") {
      made += word;
    } else {
      made += made.ends_with("namespace ") || after.starts_with("::") ? namespaceOf(name) : std::string(name);
    }
    text = after;
  }
  return made;
}

}  // namespace revenge::author
