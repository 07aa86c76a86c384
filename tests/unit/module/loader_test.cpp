#include "module/loader.hpp"

#include <cstdlib>
#include <span>

#include <elf.h>
#include <gmock/gmock.h>

#include "module/sha256.hpp"
#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class LoaderTest : public testing::Test {
 protected:
  LoaderTest() { loader_ = make({}); }

  std::unique_ptr<Loader> make(LoaderOptions options) {
    options.privateFolder = root_ / "private";
    options.stateFolder = root_ / "state";
    options.hostProgram = REVENGE_ZOO_PROBE;
    options.probeDeadline = 60s;
    return std::move(*Loader::make(options, clock_));
  }

  // A copy of a zoo package, to be spoilt.
  fs::path spoilt(std::string_view name) {
    const auto folder = root_ / "packages" / std::string(name);
    fs::remove_all(folder);
    fs::create_directories(folder.parent_path());
    fs::copy(zooPackage(name), folder);
    return folder;
  }

  std::string refusal(const fs::path& folder) {
    auto candidate = loader_->examine(folder);
    return candidate ? "accepted" : candidate.error().message;
  }
  std::string refusal(std::string_view plugin) { return refusal(zooPackage(plugin)); }

  TempDir root_;
  base::SystemClock clock_;
  std::unique_ptr<Loader> loader_;
};

TEST_F(LoaderTest, TakesAGoodPluginFromItsFolderToAnImageThatUnmaps) {
  auto candidate = loader_->examine(zooPackage("good"));
  ASSERT_TRUE(candidate) << candidate.error().message;
  EXPECT_EQ(candidate->verdict.grade, Grade::kUnloadable);
  EXPECT_EQ(candidate->sha256.size(), 64u);
  auto image = loader_->load(std::move(*candidate));
  ASSERT_TRUE(image) << image.error().message;
  EXPECT_EQ((*image)->descriptor().id, "good");
  EXPECT_TRUE((*image)->mapped());
  const auto folder = (*image)->path().parent_path();
  EXPECT_TRUE(fs::exists(folder));
  EXPECT_TRUE((*image)->unload({}).unmapped);
  EXPECT_FALSE((*image)->mapped());
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(LoaderTest, ProbesAnUnknownLibraryOnceAndAHostOfTheSameBuildNever) {
  EXPECT_TRUE(loader_->examine(zooPackage("good"))->probed);
  EXPECT_FALSE(loader_->examine(zooPackage("good"))->probed);
  EXPECT_FALSE(make({})->examine(zooPackage("good"))->probed);
}

TEST_F(LoaderTest, LoadsTwoCopiesOfOneLibrarySideBySide) {
  auto first = loader_->load(std::move(*loader_->examine(zooPackage("good"))));
  auto second = loader_->load(std::move(*loader_->examine(zooPackage("good"))));
  ASSERT_TRUE(first && second);
  EXPECT_NE((*first)->descriptor().create, (*second)->descriptor().create);
  EXPECT_TRUE((*first)->unload({}).unmapped);
  EXPECT_TRUE((*second)->mapped());
  EXPECT_TRUE((*second)->unload({}).unmapped);
}

// A build number is the package's: the library is not compiled anew for it.
TEST_F(LoaderTest, TakesAPackageWithBuildMetadataItsLibraryHasNot) {
  const auto folder = spoilt("good");
  const auto versioned = [&](std::string_view version) {
    std::ifstream in(zooPackage("good") / "plugin.json");
    std::string text(std::istreambuf_iterator<char>(in), {});
    constexpr std::string_view kOld = "\"1.0.0\"";
    const auto at = text.find(kOld);
    EXPECT_NE(at, std::string::npos);
    text.replace(at, kOld.size(), fmt::format("\"{}\"", version));
    std::ofstream(folder / "plugin.json") << text;
  };
  versioned("1.0.0+3");
  const auto candidate = loader_->examine(folder);
  ASSERT_TRUE(candidate) << candidate.error().message;
  EXPECT_EQ(candidate->manifest.version.text(), "1.0.0+3");
  versioned("1.0.1+3");
  EXPECT_THAT(refusal(folder), HasSubstr("says it is 'good' 1.0.0, plugin.json says 'good' 1.0.1+3"));
  versioned("1.0.0-rc.1");
  EXPECT_THAT(refusal(folder), HasSubstr("plugin.json says 'good' 1.0.0-rc.1"));
}

TEST_F(LoaderTest, RefusesEachMisbehaviourByName) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"no-entry", "no-entry.so does not export revenge_plugin_entry"},
      {"entry-data", "revenge_plugin_entry in entry-data.so is data"},
      {"entry-crashes", "revenge_plugin_entry ended the process with"},
      {"entry-refuses", "revenge_plugin_entry refused: no licence found"},
      {"id-mismatch",
       "id-mismatch.so says it is 'somebody-else' 1.0.0, plugin.json says 'id-mismatch' 1.0.0"},
      {"abi-newer", "built for ABI generation 7, this host offers 1"},
      {"size-zero", "claims a size of 0 bytes"},
      {"size-huge", "claims a size of 4294967280 bytes"},
      {"size-larger", "accepted"},
      {"create-null", "create is NULL"},
      {"view-wild", "id points to memory that cannot be read"},
      {"view-endless", "id claims 18446744073709551615 bytes"},
      {"descriptor-wild", "lies in memory that cannot be read"},
      {"execstack", "executable stack"},
      {"textrel", "text relocations"},
      {"rpath", "RPATH or RUNPATH '/opt/elsewhere'"},
      {"needs-bundled", "needs libbundled.so, which is not on the list of allowed libraries"},
      {"undefined", "undefined symbol: nobody_has_this"},
      {"init-throws", "a static initialiser threw std::runtime_error"},
      {"init-exits", "a static initialiser ended the process with exit code 7"},
      {"init-crashes", "a static initialiser ended the process with"},
  };
  for (const auto& [plugin, text] : cases) {
    const auto message = refusal(plugin);
    EXPECT_THAT(message, HasSubstr(std::string(text))) << plugin;
    EXPECT_EQ(message.find('\n'), std::string::npos) << plugin;
    if (message == "accepted") continue;
    EXPECT_TRUE(message.starts_with(fmt::format("plugin '{}' refused: ", plugin))) << message;
    EXPECT_THAT(message, HasSubstr(zooLibrary(plugin).string()));
  }
}

TEST_F(LoaderTest, SaysBeforehandWhichPluginsWillBeRetired) {
  const std::vector<std::pair<std::string_view, std::string_view>> cases{
      {"unique", "GNU unique symbol"},
      {"nodelete", "NODELETE"},
      {"static-tls", "STATIC_TLS"},
      {"pthread-key", "pthread_key_create"},
      {"init-thread", "which the host did not start"},
      {"signal-handler", "it handles signal SIGUSR2"},
      {"unload-crashes", "in a trial, unloading it ended the process"},
  };
  for (const auto& [plugin, text] : cases) {
    const auto candidate = loader_->examine(zooPackage(plugin));
    ASSERT_TRUE(candidate) << candidate.error().message;
    EXPECT_EQ(candidate->verdict.grade, Grade::kRetired) << plugin;
    EXPECT_THAT(candidate->verdict.reasons, testing::Contains(HasSubstr(std::string(text)))) << plugin;
  }
}

TEST_F(LoaderTest, RefusesATruncatedLibraryAtEveryLength) {
  const auto folder = spoilt("good");
  const auto size = fs::file_size(folder / "good.so");
  for (std::uintmax_t i = 0; i < 17; ++i) {
    fs::remove(folder / "good.so");
    fs::copy_file(zooLibrary("good"), folder / "good.so");
    fs::resize_file(folder / "good.so", size * i / 17);
    EXPECT_THAT(refusal(folder), HasSubstr("plugin 'good' refused: good.so is ")) << i;
  }
}

TEST_F(LoaderTest, NamesTheArchitectureOfAForeignLibrary) {
  const auto folder = spoilt("good");
  auto bytes = readFile(folder / "good.so");
  bytes[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_AARCH64);
  bytes[offsetof(Elf64_Ehdr, e_machine) + 1] = static_cast<char>(EM_AARCH64 >> 8);
  writeFile(folder / "good.so", bytes);
  EXPECT_EQ(refusal(folder),
            fmt::format("plugin 'good' refused: good.so is for aarch64, this host is x86_64 ({})",
                        (folder / "good.so").string()));
}

TEST_F(LoaderTest, HoldsTheLibraryAgainstTheHashOfTheManifest) {
  const auto folder = spoilt("good");
  const auto hash = loader_->examine(folder)->sha256;
  const auto manifest = [&](std::string_view sha256) {
    writeFile(folder / "plugin.json",
              fmt::format(R"({{"id": "good", "version": "1.0.0", "abi": 1, "licence": "MIT",
      "description": "x", "sha256": "{}"}})",
                          sha256));
  };
  manifest(hash);
  EXPECT_EQ(refusal(folder), "accepted");
  manifest(std::string(64, '0'));
  EXPECT_THAT(refusal(folder), HasSubstr(fmt::format("good.so has {}", hash)));
}

TEST_F(LoaderTest, RequiresAHashWhenThePolicySaysSo) {
  const auto strict = make({.hashes = HashPolicy::kRequired});
  EXPECT_THAT(strict->examine(zooPackage("good")).error().message,
              HasSubstr("this host requires one; it would be "));
}

// With trusted keys. The package of the zoo, signed anew by each test that alters it.
class SignedLoaderTest : public LoaderTest {
 protected:
  SignedLoaderTest() : folder_(spoilt("good")) {
    minisign("-G -W -p own.pub -s own.key");
    minisign("-G -W -p other.pub -s other.key");
    loader_ = make({.trust = trusting("own")});
    name("sha256", fmt::format("\"{}\"", hashOf(folder_ / "good.so")));
  }

  void minisign(const std::string& words) {
    const auto command =
        fmt::format("cd '{}' && minisign {} >log 2>&1 </dev/null", root_.path().string(), words);
    ASSERT_EQ(std::system(command.c_str()), 0)  // NOLINT(cert-env33-c,concurrency-mt-unsafe): a test
        << readFile(root_ / "log");
  }
  Trust trusting(std::string_view key) {
    return {
        {parsePublicKey(readFile(root_ / fmt::format("{}.pub", key))).value()}, Trust::Requires::kAll, {}};
  }
  void sign(std::string_view key = "own") {
    minisign(fmt::format("-S -s {}.key -m '{}' -x '{}'", key, (folder_ / "plugin.json").string(),
                         (folder_ / kSignatureFile).string()));
  }
  // A key at the head of the manifest.
  void name(std::string_view key, const std::string& json) {
    auto text = readFile(folder_ / "plugin.json");
    text.insert(text.find('{') + 1, fmt::format("\"{}\": {},", key, json));
    writeFile(folder_ / "plugin.json", text);
  }
  static std::string hashOf(const fs::path& file) {
    Sha256 hash;
    const auto content = readFile(file);
    hash.update(std::as_bytes(std::span(content)));
    return Sha256::hex(hash.finish());
  }

  const fs::path folder_;
};

TEST_F(SignedLoaderTest, TakesWhatATrustedKeySigned) {
  sign();
  const auto candidate = loader_->examine(folder_);
  ASSERT_TRUE(candidate) << candidate.error().message;
  EXPECT_EQ(candidate->signature.state, Signed::kTrusted);
}

TEST_F(SignedLoaderTest, RefusesEachOtherStateInItsOwnWordsBeforeTheLibraryIsTried) {
  // Never probed: no code of it has run.
  const auto untried = [&] {
    return readFile(root_ / "state/probe-cache.json").find("good") == std::string::npos;
  };
  EXPECT_THAT(refusal(folder_), HasSubstr("it is not signed: it holds no plugin.json.minisig"));
  sign("other");
  EXPECT_THAT(refusal(folder_), HasSubstr("it is signed by the unknown key "));
  sign();
  const auto signature = readFile(folder_ / kSignatureFile);
  writeFile(folder_ / kSignatureFile, signature.substr(0, 100));
  EXPECT_THAT(refusal(folder_), HasSubstr("plugin.json.minisig is damaged: line 2"));
  writeFile(folder_ / kSignatureFile, std::string(kMaxSignatureBytes + 1, 'x'));
  EXPECT_THAT(refusal(folder_), HasSubstr("plugin.json.minisig is damaged"));
  writeFile(folder_ / kSignatureFile, signature);
  writeFile(folder_ / "plugin.json", readFile(folder_ / "plugin.json") + " ");
  EXPECT_THAT(refusal(folder_), HasSubstr("plugin.json was altered: it is not what key "));
  sign();
  writeFile(folder_ / "good.so", readFile(folder_ / "good.so") + " ");
  EXPECT_THAT(refusal(folder_), HasSubstr("good.so has "));
  EXPECT_TRUE(untried());
}

TEST_F(SignedLoaderTest, RefusesWhatTheSignatureDoesNotCover) {
  writeFile(folder_ / "data/x.txt", "rows");
  sign();
  EXPECT_THAT(refusal(folder_), HasSubstr("plugin.json names no sha256 of data/x.txt (files)"));
  name("files", fmt::format(R"({{"data/x.txt": "{}"}})", hashOf(folder_ / "data/x.txt")));
  sign();
  EXPECT_EQ(refusal(folder_), "accepted");
  writeFile(folder_ / "data/x.txt", "other rows");
  EXPECT_THAT(refusal(folder_), HasSubstr("of data/x.txt, which has"));
  fs::remove(folder_ / "data/x.txt");
  EXPECT_THAT(refusal(folder_), HasSubstr("the package holds no file data/x.txt, which plugin.json names"));
}

TEST_F(SignedLoaderTest, RefusesASignedManifestThatNamesNoHash) {
  fs::copy(zooPackage("good") / "plugin.json", folder_ / "plugin.json", fs::copy_options::overwrite_existing);
  sign();
  EXPECT_THAT(refusal(folder_), HasSubstr("this host requires one"));
}

TEST_F(SignedLoaderTest, WithoutKeysASignatureIsToldAndNeverBelieved) {
  loader_ = make({});
  EXPECT_EQ(loader_->examine(folder_)->signature.text(), "unsigned");
  sign();
  EXPECT_EQ(loader_->examine(folder_)->signature.state, Signed::kUnknownKey);
  writeFile(folder_ / kSignatureFile, "nonsense");
  EXPECT_EQ(loader_->examine(folder_)->signature.state, Signed::kDamaged);
}

TEST_F(LoaderTest, RefusesAPackageWithoutManifestOrLibraryByName) {
  const auto folder = spoilt("good");
  fs::remove(folder / "good.so");
  EXPECT_THAT(refusal(folder), HasSubstr("the package holds no file good.so"));
  fs::remove(folder / "plugin.json");
  EXPECT_THAT(refusal(folder), HasSubstr((folder / "plugin.json").string()));
  EXPECT_THAT(refusal(root_ / "absent"), HasSubstr((root_ / "absent").string()));
}

TEST_F(LoaderTest, RefusesAManifestThatIsTooLargeBeforeItIsCopied) {
  const auto folder = spoilt("good");
  fs::resize_file(folder / "plugin.json", std::uintmax_t{600} << 20);
  EXPECT_THAT(refusal(folder), HasSubstr("has 629145600 bytes and is larger than 262144 bytes"));
}

TEST_F(LoaderTest, ExpectsTheNameOfTheFolderOrTheIdItIsGiven) {
  const auto elsewhere = root_ / "good-2.0.0";
  fs::copy(zooPackage("good"), elsewhere);
  EXPECT_THAT(refusal(elsewhere),
              HasSubstr("expected \"good-2.0.0\", the name of the plugin's folder, got \"good\""));
  EXPECT_TRUE(loader_->examine(elsewhere, "good"));
  EXPECT_TRUE(loader_->examine(zooPackage("good") / ""));
}

TEST_F(LoaderTest, GivesNothingBackOfACandidateThatIsNotLoaded) {
  const auto folder = loader_->examine(zooPackage("good"))->copy.folder();
  EXPECT_FALSE(fs::exists(folder));
}

}  // namespace
}  // namespace revenge::module
