// Signatures and keys of minisign against any text: the key, what was signed in one line, and the signature.
#include <array>
#include <vector>

#include "module/signature.hpp"
#include "require.hpp"

using revenge::fuzz::require;

namespace {

std::string_view takeLine(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge::module;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto key = parsePublicKey(takeLine(text));
  const auto content = takeLine(text);
  const auto parsed = parseSignature(text);
  require(parsed || !parsed.error().message.empty(), "a refusal says why");
  if (parsed) {
    require(parsed->comment.find_first_of("\n\x1b") == std::string::npos, "a comment is one printable line");
    require(!keyIdText(parsed->key).empty(), "a key has an id");
  }
  require(judgeSignature(content, text, {}).state != Signed::kTrusted, "without keys nothing is trusted");
  require(judgeSignature(content, std::nullopt, {}).state == Signed::kNot, "no file, no signature");
  std::vector<PublicKey> keys;
  if (key) keys.push_back(*key);
  const auto verdict = judgeSignature(content, text, keys);
  require(parsed.has_value() || verdict.state == Signed::kDamaged, "what cannot be read is damaged");
  require(!verdict.text().empty(), "every verdict has words");
  require((verdict.state == Signed::kTrusted) == verdict.refusal().empty(),
          "all but the trusted are refused");
  if (verdict.state != Signed::kTrusted) return 0;
  require(judgeSignature(std::string(content) + " ", text, keys).state == Signed::kAltered,
          "a signature is of that content alone");
  return 0;
}
