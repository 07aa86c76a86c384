#include "module/signature.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using testing::HasSubstr;

// Made by minisign 0.11.
constexpr std::string_view kKey = "RWSq3CVUSgS1Tkhzw7FcaToHHbcGBYF87usdeORCObAParQ7bXxqsqqk";
constexpr std::string_view kContent = R"({"id":"x"})";
constexpr std::string_view kSignature =
    "untrusted comment: sig\n"
    "RUSq3CVUSgS1Tj+UaEZQffjU9DCoQagCROGzzmetJoXM4JuoeA3v3Z1s9JESUrNaJnhw/MW6e+ohgX0WlvT0iPKpgjK4/dcjCgM=\n"
    "trusted comment: x 1.0.0\n"
    "XBDV5MVlQEx6C2+xp2bywJ4xEB2x8vhQKlcU8zq5LUGYbQEvB4rBKxT5gn+BWRVpM7Vu+urCNMhor4bYHXSzAA==\n";
constexpr std::string_view kLegacy =
    "untrusted comment: signature from minisign secret key\n"
    "RWSq3CVUSgS1Tlm2a+hOSdiizpFWsDJgr/k4EIH2BcISV82dzt3MfNo5itWxa13vd1DF24PubDpen6p6LMneO/v22OmDAgWcZA0=\n"
    "trusted comment: x 1.0.0\n"
    "Ftznvthce37tZ1NPNCvI23FeKFJQNEko8A9ZFjcj8yIgIOI186hppIYcrSzbIWVQuJJb/2PGT75YYlgB3X6FBg==\n";

std::vector<PublicKey> keys() { return {parsePublicKey(kKey).value()}; }

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  const auto at = changed.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return changed.replace(at, from.size(), to);
}

Signed state(std::string_view content, std::optional<std::string_view> signature) {
  return judgeSignature(content, signature, keys()).state;
}

TEST(Signature, TrustsBothAlgorithmsOfMinisign) {
  for (const auto signature : {kSignature, kLegacy}) {
    const auto verdict = judgeSignature(kContent, signature, keys());
    EXPECT_EQ(verdict.state, Signed::kTrusted);
    EXPECT_EQ(verdict.text(), "trusted: key 4EB5044A5425DCAA: x 1.0.0");
  }
}

TEST(Signature, TellsEveryOtherStateFromTheOthers) {
  EXPECT_EQ(judgeSignature(kContent, std::nullopt, keys()).text(), "unsigned");
  EXPECT_EQ(judgeSignature(kContent, kSignature, {}).text(), "unknown key 4EB5044A5425DCAA");
  const auto altered = judgeSignature(R"({"id":"y"})", kSignature, keys());
  EXPECT_EQ(altered.text(), "altered: not what key 4EB5044A5425DCAA signed");
  EXPECT_EQ(state(kContent, with(kSignature, "x 1.0.0", "x 9.0.0")), Signed::kDamaged);
  EXPECT_EQ(state(R"({"id":"y"})", kLegacy), Signed::kAltered);
  // The algorithm is part of what it says: one does not stand for the other.
  EXPECT_EQ(state(kContent, with(kSignature, "RUSq", "RWSq")), Signed::kAltered);
}

// Whoever makes a key may give it any id: the id alone proves nothing.
TEST(Signature, AnotherKeyOfTheSameIdProvesNothing) {
  auto stranger = parsePublicKey(kKey).value();
  stranger.point[0] ^= 1U;
  EXPECT_EQ(judgeSignature(kContent, kSignature, std::vector{stranger}).state, Signed::kAltered);
  EXPECT_EQ(judgeSignature(kContent, kSignature, std::vector{stranger, keys()[0]}).state, Signed::kTrusted);
}

TEST(Signature, NamesTheLineThatIsDamaged) {
  const std::vector<std::pair<std::string, std::string_view>> cases{
      {"", "line 1: expected 'untrusted comment: ...'"},
      {with(kSignature, "untrusted comment: sig", "comment: sig"), "line 1"},
      {with(kSignature, "RUSq3", "RUSq"), "line 2: expected 74 bytes in base64"},
      {with(kSignature, "RUSq3", "RUS*3"), "line 2: expected 74 bytes in base64"},
      {with(kSignature, "CgM=\n", "CgN=\n"), "line 2: expected 74 bytes in base64"},
      {with(kSignature, "RUSq", "QUSq"), "line 2: expected the algorithm"},
      {with(kSignature, "trusted comment: x", "a comment: x"), "line 3"},
      {with(kSignature, "x 1.0.0", "x \x1b[31m"), "line 3: expected printable text"},
      {with(kSignature, "SzAA==", "SzAA"), "line 4: expected 64 bytes in base64"},
      {fmt::format("{}more", kSignature), "line 5: expected the end"},
      {std::string(kMaxSignatureBytes + 1, 'u'), "larger than"},
  };
  for (const auto& [text, why] : cases) {
    const auto verdict = judgeSignature(kContent, text, keys());
    EXPECT_EQ(verdict.state, Signed::kDamaged) << text;
    EXPECT_THAT(verdict.why, HasSubstr(std::string(why)));
    EXPECT_THAT(verdict.refusal(), HasSubstr("plugin.json.minisig is damaged"));
  }
}

TEST(Signature, ReadsAKeyAsItsLineOrAsItsFile) {
  const auto file = fmt::format("untrusted comment: minisign public key 4EB5044A5425DCAA\n{}\n", kKey);
  EXPECT_EQ(keyIdText(parsePublicKey(file).value().id), "4EB5044A5425DCAA");
  EXPECT_EQ(parsePublicKey(file).value().point, keys()[0].point);
  for (const std::string& wrong : {std::string(), std::string("RWSq"), fmt::format("{}\n\n", kKey),
                                   with(kKey, "RWS", "RUS"), with(kKey, "qqk", "qq=")}) {
    EXPECT_THAT(parsePublicKey(wrong).error().message, HasSubstr("expected a public key of minisign"))
        << wrong;
  }
}

TEST(Signature, NamesAKeyAsMinisignDoes) {
  EXPECT_EQ(keyIdText({0xaa, 0xdc, 0x25, 0x54, 0x4a, 0x04, 0xb5, 0x4e}), "4EB5044A5425DCAA");
  EXPECT_EQ(keyIdText({0x01, 0xdc, 0x25, 0x54, 0x4a, 0x04, 0xb5, 0x0e}), "EB5044A5425DC01");
}

TEST(Signature, IsDemandedByKeysAloneAndNotOfOwnFoldersWhereThatIsSaid) {
  const TempDir root;
  writeFile(root / "own/hello/plugin.json", "{}");
  writeFile(root / "other/hello/plugin.json", "{}");
  Trust trust{{}, Trust::Requires::kAll, {root / "own"}};
  EXPECT_FALSE(trust.demandsSignature(root / "other/hello"));
  trust.keys = keys();
  EXPECT_TRUE(trust.demandsSignature(root / "own/hello"));
  trust.requires_signature = Trust::Requires::kInstalled;
  EXPECT_FALSE(trust.demandsSignature(root / "own/hello"));
  EXPECT_TRUE(trust.demandsSignature(root / "other/hello"));
  // A link in an own folder leads out of it.
  fs::create_directory_symlink(root / "other/hello", root / "own/linked");
  EXPECT_TRUE(trust.demandsSignature(root / "own/linked"));
  trust.requires_signature = Trust::Requires::kNothing;
  EXPECT_FALSE(trust.demandsSignature(root / "other/hello"));
}

class Minisign : public testing::Test {
 protected:
  void run(const std::string& words) {
    const auto command =
        fmt::format("cd '{}' && minisign {} >log 2>&1 </dev/null", root_.path().string(), words);
    const int status = std::system(command.c_str());  // NOLINT(cert-env33-c,concurrency-mt-unsafe): a test
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << command << readFile(root_ / "log");
  }
  TempDir root_;
};

TEST_F(Minisign, ItsKeysAndSignaturesAreUnderstoodAsItMakesThem) {
  writeFile(root_ / "plugin.json", kContent);
  run("-G -W -p own.pub -s own.key");
  run("-S -s own.key -m plugin.json -x new.minisig");
  run("-S -l -s own.key -m plugin.json -x old.minisig -t 'as before'");
  const std::vector own{parsePublicKey(readFile(root_ / "own.pub")).value()};
  const auto fresh = judgeSignature(kContent, readFile(root_ / "new.minisig"), own);
  EXPECT_EQ(fresh.state, Signed::kTrusted) << fresh.text();
  EXPECT_THAT(fresh.comment, HasSubstr("timestamp:"));
  EXPECT_EQ(judgeSignature(kContent, readFile(root_ / "old.minisig"), own).comment, "as before");
  EXPECT_EQ(judgeSignature(kContent, readFile(root_ / "new.minisig"), keys()).state, Signed::kUnknownKey);
  EXPECT_EQ(judgeSignature("{}", readFile(root_ / "new.minisig"), own).state, Signed::kAltered);
  EXPECT_THAT(readFile(root_ / "own.pub"), HasSubstr(keyIdText(own[0].id)));
}

}  // namespace
}  // namespace revenge::module
