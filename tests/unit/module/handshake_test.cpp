#include "module/handshake.hpp"

#include <gmock/gmock.h>
#include <sys/mman.h>

namespace revenge::module {
namespace {

using testing::HasSubstr;

revenge_status create(const revenge_host_api*, const revenge_call*, const revenge_config*, revenge_instance*,
                      revenge_error*) {
  return REVENGE_OK;
}

revenge_plugin plugin() {
  return {sizeof(revenge_plugin), REVENGE_ABI_GENERATION, {"stream", 6}, {"1.2.3", 5}, {"0.1.0", 5}, &create};
}

std::string refusal(const revenge_plugin& descriptor) {
  const auto read = readDescriptor(&descriptor);
  return read ? "accepted" : read.error().message;
}

TEST(Handshake, CopiesTheDescriptorOnce) {
  auto original = plugin();
  const auto read = readDescriptor(&original);
  original.create = nullptr;
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "stream");
  EXPECT_EQ(read->version, "1.2.3");
  EXPECT_EQ(read->create, &create);
}

TEST(Handshake, RefusesAnotherGenerationWithARemedyForEachDirection) {
  auto descriptor = plugin();
  descriptor.abi_generation = REVENGE_ABI_GENERATION + 1;
  EXPECT_THAT(refusal(descriptor), HasSubstr("built for ABI generation 2, this host offers 1"));
  EXPECT_THAT(refusal(descriptor), HasSubstr("update the host"));
  descriptor.abi_generation = 0;
  EXPECT_THAT(refusal(descriptor), HasSubstr("build it with a newer SDK"));
}

TEST(Handshake, ReadsNoFieldBeyondTheSizeThePluginDeclares) {
  auto descriptor = plugin();
  descriptor.size = 0;
  EXPECT_THAT(refusal(descriptor), HasSubstr("claims a size of 0 bytes"));
  descriptor.size = offsetof(revenge_plugin, create);
  EXPECT_THAT(refusal(descriptor), HasSubstr("expected at least"));
  descriptor.size = 0xffffffff;
  EXPECT_THAT(refusal(descriptor), HasSubstr("claims a size of 4294967295 bytes"));
  descriptor.size = sizeof(revenge_plugin) + 64;
  EXPECT_EQ(refusal(descriptor), "accepted");
}

TEST(Handshake, RefusesViewsThatLeadNowhere) {
  auto descriptor = plugin();
  descriptor.id = {reinterpret_cast<const char*>(16), 4};
  EXPECT_THAT(refusal(descriptor), HasSubstr("id points to memory that cannot be read"));
  descriptor.id = {"stream", SIZE_MAX};
  EXPECT_THAT(refusal(descriptor), HasSubstr("id claims 18446744073709551615 bytes"));
  descriptor.id = {nullptr, 0};
  EXPECT_THAT(refusal(descriptor), HasSubstr("id is empty"));
  descriptor.id = {"a\nb", 3};
  EXPECT_THAT(refusal(descriptor), HasSubstr("id is no printable text"));
  descriptor = plugin();
  descriptor.create = nullptr;
  EXPECT_THAT(refusal(descriptor), HasSubstr("create is NULL"));
  EXPECT_FALSE(readDescriptor(reinterpret_cast<const revenge_plugin*>(4096)));
}

TEST(Handshake, SurvivesADescriptorAtTheEndOfItsMapping) {
  const auto page = static_cast<std::size_t>(::getpagesize());
  auto* pages = static_cast<char*>(
      ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ::mprotect(pages + page, page, PROT_NONE);
  auto descriptor = plugin();
  std::memcpy(pages + page - 16, &descriptor, 16);
  EXPECT_FALSE(readDescriptor(reinterpret_cast<const revenge_plugin*>(pages + page - 16)));
  ::munmap(pages, 2 * page);
}

TEST(Handshake, TellsWhyAnEntryRefusedOnOneLine) {
  const auto refuses = [](std::uint32_t, revenge_error* error) -> const revenge_plugin* {
    std::memcpy(error->message, "no\nlicence", 10);
    error->length = 10;
    return nullptr;
  };
  EXPECT_EQ(shakeHands(refuses).error().message, "revenge_plugin_entry refused: no licence");
  const auto lies = [](std::uint32_t, revenge_error* error) -> const revenge_plugin* {
    error->length = 0xffffffff;
    return nullptr;
  };
  EXPECT_LE(shakeHands(lies).error().message.size(), REVENGE_ERROR_TEXT + 40u);
}

}  // namespace
}  // namespace revenge::module
