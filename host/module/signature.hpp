// Signatures of packages in the format of minisign (https://jedisct1.github.io/minisign/): plugin.json.minisig signs
// plugin.json, which carries id, version and the hashes of everything else. Thread safety: plain values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::module {

inline constexpr std::string_view kSignatureFile = "plugin.json.minisig";
inline constexpr std::size_t kMaxSignatureBytes = std::size_t{16} * 1024;

using KeyId = std::array<std::uint8_t, 8>;
std::string keyIdText(
    const KeyId& id);  // as minisign shows it: a hexadecimal number, without zeros before it

struct PublicKey {
  KeyId id{};
  std::array<std::uint8_t, 32> point{};
};

// The line "RWQ..." alone, or the whole of a .pub file. kInvalid says what was expected.
base::Result<PublicKey> parsePublicKey(std::string_view text);

struct Signature {
  enum class Over : std::uint8_t { kContent, kBlake2b };  // "Ed", which older programs make, and "ED"
  Over over = Over::kBlake2b;
  KeyId key{};
  std::array<std::uint8_t, 64> bytes{};
  std::string comment;                              // trusted, once the next one verifies
  std::array<std::uint8_t, 64> commentSignature{};  // over the bytes and the comment
};

base::Result<Signature> parseSignature(std::string_view text);

enum class Signed : std::uint8_t {
  kTrusted,  // by a key that was given, and nothing was altered since
  kNot,
  kUnknownKey,  // whether it is good nobody can say
  kAltered,     // the content is not what the key signed
  kDamaged,     // the signature itself is not whole
};

struct SignatureVerdict {
  Signed state = Signed::kNot;
  std::string key = {};      // its id; empty: not signed, or damaged beyond it
  std::string comment = {};  // the trusted comment; of kTrusted alone
  std::string why = {};      // of kDamaged

  std::string text() const;     // "trusted: key 3B...", "unsigned"; for people
  std::string refusal() const;  // why it is not loaded where a signature is required. Requires: not kTrusted
};

// `signature`: the text of the file beside `content`; none: there is no such file.
SignatureVerdict judgeSignature(std::string_view content, std::optional<std::string_view> signature,
                                std::span<const PublicKey> keys);

// Whose packages are loaded.
struct Trust {
  enum class Requires : std::uint8_t { kAll, kInstalled, kNothing };
  std::vector<PublicKey> keys = {};
  Requires requires_signature = Requires::kAll;
  std::vector<std::filesystem::path> ownFolders = {};  // whose packages are not `installed`

  // Whether the package in `folder` has to be signed by one of the keys. Without keys none has.
  bool demandsSignature(const std::filesystem::path& folder) const;
};

}  // namespace revenge::module
