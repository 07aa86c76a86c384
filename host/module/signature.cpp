#include "module/signature.hpp"

#include <algorithm>
#include <memory>

#include <openssl/evp.h>

#include "observe/utf8.hpp"

namespace revenge::module {
namespace {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;
using base::Result;

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrustedComment = "trusted comment: ";
constexpr std::size_t kAlgorithmBytes = 2;

std::optional<std::uint8_t> sextet(char c) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto at = kAlphabet.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint8_t>(at);
}

// Of exactly that many bytes, in the one way they can be written; nothing otherwise.
template <std::size_t Size>
std::optional<std::array<std::uint8_t, Size>> decoded(std::string_view text) {
  constexpr std::size_t kTail = Size % 3;
  constexpr std::size_t kPadding = kTail == 0 ? 0 : 3 - kTail;
  if (text.size() != (Size + 2) / 3 * 4) return std::nullopt;
  if (text.substr(text.size() - kPadding) != std::string_view("==").substr(0, kPadding)) return std::nullopt;
  std::array<std::uint8_t, Size> bytes{};
  std::uint32_t pending = 0;
  unsigned bits = 0;
  std::size_t used = 0;
  for (const char c : text.substr(0, text.size() - kPadding)) {
    const auto value = sextet(c);
    if (!value) return std::nullopt;
    pending = (pending << 6U) | *value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[used++] = static_cast<std::uint8_t>(pending >> bits);
    pending &= (1U << bits) - 1U;
  }
  if (pending != 0) return std::nullopt;
  return bytes;
}

std::string_view takeLine(std::string_view& text) {
  const auto end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::unexpected<base::Error> noKey() {
  return fail(Errc::kInvalid,
              "expected a public key of minisign (RW and 54 further characters), or a file that holds one");
}

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)>;

bool verifies(const PublicKey& key, const std::array<std::uint8_t, 64>& signature,
              std::span<const std::uint8_t> message) {
  const std::unique_ptr<EVP_PKEY, decltype(&::EVP_PKEY_free)> point(
      ::EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.point.data(), key.point.size()),
      &::EVP_PKEY_free);
  const Context context(::EVP_MD_CTX_new(), &::EVP_MD_CTX_free);
  return point && context &&
         ::EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, point.get()) == 1 &&
         ::EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

std::span<const std::uint8_t> bytesOf(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::optional<std::array<std::uint8_t, 64>> blake2b(std::string_view text) {
  std::array<std::uint8_t, 64> digest{};
  unsigned size = 0;
  if (::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_blake2b512(), nullptr) != 1 ||
      size != digest.size()) {
    return std::nullopt;
  }
  return digest;
}

bool verifiesContent(const PublicKey& key, const Signature& signature, std::string_view content) {
  if (signature.over == Signature::Over::kContent) return verifies(key, signature.bytes, bytesOf(content));
  const auto digest = blake2b(content);
  return digest && verifies(key, signature.bytes, *digest);
}

bool verifiesComment(const PublicKey& key, const Signature& signature) {
  std::vector<std::uint8_t> message(signature.bytes.begin(), signature.bytes.end());
  const auto comment = bytesOf(signature.comment);
  message.insert(message.end(), comment.begin(), comment.end());
  return verifies(key, signature.commentSignature, message);
}

bool isPrintable(std::string_view text) {
  while (!text.empty()) {
    const auto step = observe::firstCharacter(text);
    if (!step.valid || (step.point != U'\t' && observe::isUnprintable(step.point))) return false;
    text.remove_prefix(step.length);
  }
  return true;
}

}  // namespace

std::string keyIdText(const KeyId& id) {
  std::uint64_t number = 0;
  for (auto byte = id.rbegin(); byte != id.rend(); ++byte) number = number << 8U | *byte;
  return fmt::format("{:X}", number);
}

Result<PublicKey> parsePublicKey(std::string_view text) {
  std::string_view line = takeLine(text);
  if (line.starts_with(kUntrusted)) line = takeLine(text);
  const auto bytes = decoded<kAlgorithmBytes + 8 + 32>(line);
  if (!bytes || (*bytes)[0] != 'E' || (*bytes)[1] != 'd' || !text.empty()) return noKey();
  PublicKey key;
  std::copy_n(bytes->begin() + kAlgorithmBytes, key.id.size(), key.id.begin());
  std::copy_n(bytes->begin() + kAlgorithmBytes + key.id.size(), key.point.size(), key.point.begin());
  return key;
}

Result<Signature> parseSignature(std::string_view text) {
  if (text.size() > kMaxSignatureBytes)
    return fail(Errc::kLimit, "it is larger than {} bytes", kMaxSignatureBytes);
  if (!takeLine(text).starts_with(kUntrusted))
    return fail(Errc::kInvalid, "line 1: expected '{}...'", kUntrusted);
  const auto bytes = decoded<kAlgorithmBytes + 8 + 64>(takeLine(text));
  if (!bytes) return fail(Errc::kInvalid, "line 2: expected 74 bytes in base64");
  Signature signature;
  const bool known = (*bytes)[0] == 'E' && ((*bytes)[1] == 'd' || (*bytes)[1] == 'D');
  if (!known) return fail(Errc::kInvalid, "line 2: expected the algorithm Ed or ED");
  if ((*bytes)[1] == 'd') signature.over = Signature::Over::kContent;
  std::copy_n(bytes->begin() + kAlgorithmBytes, signature.key.size(), signature.key.begin());
  std::copy_n(bytes->begin() + kAlgorithmBytes + signature.key.size(), signature.bytes.size(),
              signature.bytes.begin());
  std::string_view comment = takeLine(text);
  if (!comment.starts_with(kTrustedComment))
    return fail(Errc::kInvalid, "line 3: expected '{}...'", kTrustedComment);
  comment.remove_prefix(kTrustedComment.size());
  if (!isPrintable(comment)) return fail(Errc::kInvalid, "line 3: expected printable text");
  signature.comment = comment;
  const auto over_comment = decoded<64>(takeLine(text));
  if (!over_comment) return fail(Errc::kInvalid, "line 4: expected 64 bytes in base64");
  signature.commentSignature = *over_comment;
  if (!text.empty()) return fail(Errc::kInvalid, "line 5: expected the end");
  return signature;
}

SignatureVerdict judgeSignature(std::string_view content, std::optional<std::string_view> text,
                                std::span<const PublicKey> keys) {
  if (!text) return {};
  const auto signature = parseSignature(*text);
  if (!signature) return {.state = Signed::kDamaged, .why = signature.error().message};
  SignatureVerdict verdict{.state = Signed::kUnknownKey, .key = keyIdText(signature->key)};
  // An id is eight bytes that anybody may choose: more than one key can have it.
  for (const PublicKey& key : keys) {
    if (key.id != signature->key) continue;
    if (!verifiesContent(key, *signature, content)) {
      if (verdict.state == Signed::kUnknownKey) verdict.state = Signed::kAltered;
      continue;
    }
    if (!verifiesComment(key, *signature)) {
      verdict.state = Signed::kDamaged;
      verdict.why = "its trusted comment is not the one that was signed";
      continue;
    }
    return {.state = Signed::kTrusted, .key = verdict.key, .comment = signature->comment};
  }
  return verdict;
}

std::string SignatureVerdict::text() const {
  switch (state) {
    case Signed::kTrusted:
      return fmt::format("trusted: key {}{}{}", key, comment.empty() ? "" : ": ", comment);
    case Signed::kNot:
      return "unsigned";
    case Signed::kUnknownKey:
      return fmt::format("unknown key {}", key);
    case Signed::kAltered:
      return fmt::format("altered: not what key {} signed", key);
    case Signed::kDamaged:
      return fmt::format("damaged: {}", why);
  }
  return "damaged";
}

std::string SignatureVerdict::refusal() const {
  switch (state) {
    case Signed::kTrusted:
      return {};
    case Signed::kNot:
      return fmt::format(
          "it is not signed: it holds no {}, and this host asks for one by a key of trust.keys",
          kSignatureFile);
    case Signed::kUnknownKey:
      return fmt::format("it is signed by the unknown key {}, which trust.keys does not have", key);
    case Signed::kAltered:
      return fmt::format("plugin.json was altered: it is not what key {} signed", key);
    case Signed::kDamaged:
      return fmt::format("{} is damaged: {}", kSignatureFile, why);
  }
  return {};
}

bool Trust::demandsSignature(const fs::path& folder) const {
  if (keys.empty() || requires_signature == Requires::kNothing) return false;
  if (requires_signature == Requires::kAll) return true;
  std::error_code failed;
  const fs::path place = fs::weakly_canonical(folder, failed).parent_path();
  return failed || std::ranges::none_of(ownFolders, [&](const fs::path& own) {
           return fs::weakly_canonical(own / "id", failed).parent_path() == place;
         });
}

}  // namespace revenge::module
