// The manifest reader against any text.
#include "document/json.hpp"
#include "module/manifest.hpp"
#include "require.hpp"

using revenge::fuzz::require;

namespace {

void checkVersion(const revenge::module::Semver& version) {
  const auto again = revenge::module::Semver::parse(version.text());
  require(again && again->text() == version.text(), "a version is read back as it is written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace revenge;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto manifest = module::parseManifest(text, "plugin.json", "thumbs");
  if (!manifest) {
    require(manifest.error().message.starts_with("plugin.json"), "a refusal names the file");
    return 0;
  }
  static const auto published = document::Schema::load(
      document::parseJson(module::manifestSchema(), "plugin.schema.json").value(), "plugin.schema.json");
  require(published->validate(document::parseJson(text, "plugin.json").value()).empty(),
          "what is accepted is valid under the published schema");
  require(manifest->id == "thumbs", "the id is that of the folder");
  require(!manifest->library.empty() && !manifest->library.contains('/') &&
              !manifest->library.contains('\0') && manifest->library != "." && manifest->library != "..",
          "the library is a plain file name");
  require(!manifest->sha256 || (manifest->sha256->size() == 64 &&
                                manifest->sha256->find_first_not_of("0123456789abcdef") == std::string::npos),
          "sha256 is 64 lower-case hex digits");
  for (const auto limit : {manifest->timeouts.start, manifest->timeouts.stop, manifest->timeouts.drain,
                           manifest->timeouts.health, manifest->timeouts.call}) {
    require(limit > base::Duration::zero(), "a timeout is some time");
  }
  for (const auto* list : {&manifest->offers, &manifest->needs}) {
    for (const auto& one : *list)
      require(!one.name().empty() && one.revision() > 0, "an interface has name and revision");
  }
  checkVersion(manifest->version);
  (void)module::coversVersion(manifest->swap.reads, manifest->version);
  if (manifest->config) (void)manifest->config->withDefaults(document::Value(document::Object()));
  return 0;
}
