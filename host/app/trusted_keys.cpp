#include "app/trusted_keys.hpp"

#include <filesystem>
#include <fstream>
#include <string>

namespace revenge::app {

namespace {

using base::Errc;
using base::fail;

constexpr std::size_t kMaxKeyFile = 4096;

// What does not read as a key is the name of a file.
base::Result<module::PublicKey> keyOf(const std::string& given) {
  if (auto key = module::parsePublicKey(given)) return key;
  std::ifstream in(given, std::ios::binary);
  if (!in) {
    return fail(
        Errc::kInvalid,
        "{}: is neither a public key of minisign (RW and 54 further characters) nor a file that can be read",
        given);
  }
  std::string text(kMaxKeyFile, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto key = module::parsePublicKey(text);
  if (!key) return fail(Errc::kInvalid, "{}: {}", given, key.error().message);
  return key;
}

module::Trust::Requires requiresOf(const std::string& text) {
  using enum module::Trust::Requires;
  return text == "none" ? kNothing : text == "installed" ? kInstalled : kAll;
}

}  // namespace

base::Result<module::Trust> trustOf(const config::Snapshot& values) {
  module::Trust trust;
  trust.requires_signature = requiresOf(values.text("/trust/require"));
  const auto given = values.texts("/trust/keys");
  for (std::size_t i = 0; i < given.size(); ++i) {
    const auto key = keyOf(given[i]);
    if (!key) return fail(key.error().code, "trust.keys[{}]: {}", i, key.error().message);
    trust.keys.push_back(*key);
  }
  for (const std::string& name : values.texts("/host/plugin_folders"))
    trust.ownFolders.push_back(std::filesystem::absolute(name));
  return trust;
}

}  // namespace revenge::app
