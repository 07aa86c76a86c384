#include "module/image.hpp"

#include <csignal>
#include <latch>
#include <thread>

#include <gmock/gmock.h>

#include "module/loader.hpp"
#include "module/retired.hpp"
#include "unit/module/package_fixture.hpp"

namespace revenge::module {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class ImageTest : public testing::Test {
 protected:
  // Straight to the image, without the probe that would have warned.
  std::unique_ptr<Image> load(std::string_view plugin, Verdict verdict = {}) {
    auto image =
        Image::load(std::move(*store_.copy(zooPackage(plugin))), std::string(plugin) + ".so", verdict);
    EXPECT_TRUE(image) << image.error().message;
    return std::move(*image);
  }

  static revenge_status create(const Image& image) {
    revenge_instance instance{};
    instance.size = sizeof(instance);
    return image.descriptor().create(nullptr, nullptr, nullptr, &instance, nullptr);
  }

  TempDir root_;
  PrivateStore store_ = std::move(*PrivateStore::open(root_ / "private"));
};

TEST_F(ImageTest, UnmapsAndProvesIt) {
  const auto image = load("good");
  const auto* code = reinterpret_cast<const void*>(image->descriptor().create);
  EXPECT_TRUE(image->contains(code));
  EXPECT_FALSE(image->contains(&root_));
  EXPECT_GT(image->bytesMapped(), 0u);
  EXPECT_TRUE(image->unload({}).unmapped);
  EXPECT_TRUE(image->unload({}).unmapped);
  EXPECT_EQ(readFile("/proc/self/maps").find(image->path().string()), std::string::npos);
}

TEST_F(ImageTest, UnmapsACppPluginBuiltWithTheRightFlags) { EXPECT_TRUE(load("regex")->unload({}).unmapped); }

TEST_F(ImageTest, AThousandLoadsLeaveNothingMapped) {
  for (int i = 0; i < (kSanitized ? 100 : 1000); ++i) ASSERT_TRUE(load("good")->unload({}).unmapped);
  EXPECT_EQ(readFile("/proc/self/maps").find(root_.path().string()), std::string::npos);
  EXPECT_TRUE(fs::is_empty(fs::directory_iterator(root_ / "private")->path()));
}

TEST_F(ImageTest, StaysWhileAThreadItStartedRunsItsCode) {
  const auto image = load("init-thread");
  const auto unloaded = image->unload({});
  EXPECT_FALSE(unloaded.unmapped);
  EXPECT_THAT(unloaded.why, ElementsAre(HasSubstr("which the host did not start")));
  EXPECT_TRUE(image->leftovers([](pid_t) { return true; }).empty());
}

TEST_F(ImageTest, BlamesNobodyForAThreadOfTheHostOrOfAnotherPlugin) {
  const auto culprit = load("init-thread");
  const auto image = load("good");
  EXPECT_TRUE(image->leftovers({}).empty());
  EXPECT_TRUE(image->unload({}).unmapped);
}

TEST_F(ImageTest, StaysWhileItHandlesASignalAndGoesAfterwards) {
  const auto image = load("signal-handler");
  const auto unloaded = image->unload({});
  EXPECT_THAT(unloaded.why, ElementsAre("it handles signal SIGUSR2"));
  ::signal(SIGUSR2, SIG_DFL);
  EXPECT_TRUE(image->unload({}).unmapped);
}

TEST_F(ImageTest, GoesOnceTheThreadThatTouchedItsThreadLocalHasEnded) {
  Retired retired;
  auto image = load("thread-local");
  std::latch touched(1);
  std::latch end(1);
  std::thread worker([&] {
    create(*image);
    touched.count_down();
    end.wait();
  });
  touched.wait();
  const auto isWorker = [](pid_t) { return true; };
  auto first = image->unload(isWorker);
  EXPECT_FALSE(first.unmapped);
  EXPECT_THAT(first.why, ElementsAre(HasSubstr("thread_local")));
  retired.add(std::move(image), first.why);
  EXPECT_TRUE(retired.sweep(isWorker).empty());
  EXPECT_EQ(retired.count(), 1u);
  EXPECT_GT(retired.bytesMapped(), 0u);
  EXPECT_EQ(retired.list().at(0).id, "thread-local");
  end.count_down();
  worker.join();
  EXPECT_THAT(retired.sweep(isWorker), ElementsAre(testing::Field(&RetiredImage::version, "1.0.0")));
  EXPECT_EQ(retired.count(), 0u);
}

TEST_F(ImageTest, NeverClosesWhatWasJudgedToStay) {
  const auto image =
      load("nodelete", {.grade = Grade::kRetired, .reasons = {"it is marked NODELETE"}, .warnings = {}});
  const auto unloaded = image->unload({});
  EXPECT_FALSE(unloaded.unmapped);
  EXPECT_THAT(unloaded.why, ElementsAre("it is marked NODELETE"));
}

TEST_F(ImageTest, PinsWhatEndsWhileStillMapped) {
  revenge_instance instance{};
  const auto create = load("good")->descriptor().create;
  EXPECT_EQ(create(nullptr, nullptr, nullptr, &instance, nullptr), REVENGE_OK);
  EXPECT_NE(instance.start, nullptr);
}

TEST_F(ImageTest, UnloadsAgainWhatFailsTheHandshake) {
  const auto image = Image::load(std::move(*store_.copy(zooPackage("size-zero"))), "size-zero.so", {});
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().message, HasSubstr("claims a size of 0 bytes"));
  EXPECT_EQ(readFile("/proc/self/maps").find(root_.path().string()), std::string::npos);
}

}  // namespace
}  // namespace revenge::module
