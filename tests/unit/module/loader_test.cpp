#include "module/loader.hpp"

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

TEST_F(LoaderTest, RefusesAPackageWithoutManifestOrLibraryByName) {
  const auto folder = spoilt("good");
  fs::remove(folder / "good.so");
  EXPECT_THAT(refusal(folder), HasSubstr("the package holds no file good.so"));
  fs::remove(folder / "plugin.json");
  EXPECT_THAT(refusal(folder), HasSubstr((folder / "plugin.json").string()));
  EXPECT_THAT(refusal(root_ / "absent"), HasSubstr((root_ / "absent").string()));
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
