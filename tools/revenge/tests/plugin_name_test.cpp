#include "revenge/plugin_name.hpp"

#include <gmock/gmock.h>

namespace revenge::author {
namespace {

using testing::HasSubstr;

std::string refusal(std::string_view name) {
  const auto good = checkPluginName(name);
  return good ? "" : good.error().message;
}

TEST(PluginName, BecomesANamespaceAndAClass) {
  EXPECT_EQ(refusal("my-store2"), "");
  EXPECT_EQ(namespaceOf("my-store2"), "my_store2");
  EXPECT_EQ(classOf("my-store2"), "MyStore2Plugin");
}

TEST(PluginName, IsRefusedWithItsReason) {
  for (const std::string& name : {std::string(), std::string("Hello"), std::string("2hello"),
                                  std::string("hel_lo"), std::string("../x"), std::string(65, 'a')})
    EXPECT_THAT(refusal(name), HasSubstr("'" + name + "': a plugin's name has lower-case letters"));
  EXPECT_EQ(refusal("hello-"), "'hello-': a '-' stands between two words");
  EXPECT_EQ(refusal("a--b"), "'a--b': a '-' stands between two words");
  for (const char* name : {"class", "namespace", "test", "install"})
    EXPECT_THAT(refusal(name), HasSubstr("means something to C++ or CMake"));
}

TEST(PluginName, StandsWhereTheTemplateHasItsOwn) {
  EXPECT_EQ(renamed("namespace hello {\nclass HelloPlugin\nREVENGE_PLUGIN(hello::HelloPlugin)\n", "my-store"),
            "namespace my_store {\nclass MyStorePlugin\nREVENGE_PLUGIN(my_store::MyStorePlugin)\n");
  EXPECT_EQ(renamed("\"id\": \"hello\", \"/hello/{name}\" \"Hello\" hello_total sayhello", "my-store"),
            "\"id\": \"my-store\", \"/my-store/{name}\" \"Hello\" hello_total sayhello");
}

}  // namespace
}  // namespace revenge::author
