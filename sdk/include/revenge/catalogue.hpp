// Catalogue: where the files of items are, by whoever provides revenge.catalogue/1, which plugin.json names under requires.
//
//   revenge::Catalogue catalogue_{host()};
//   const auto file = catalogue_.locate(request.call(), request.param("id"));
//
// A value, safe from any thread.
#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include <revenge/abi/catalogue.h>
#include <revenge/service.hpp>
#include <revenge/task.hpp>

namespace revenge {

template <>
inline constexpr const char* InterfaceId<revenge_catalogue> = REVENGE_CATALOGUE_ID;

struct CatalogueFile {
  std::string root;  // an absolute path
  std::string path;  // below it; bytes
  std::uint64_t bytes = 0;
  std::int64_t modified_ns = 0;
};

class Catalogue {
 public:
  explicit Catalogue(Host& host) : slot_(host.services().require<revenge_catalogue>()) {}

  // `which`: the id of one of its files; empty: the one a player begins with. Blocks: on workers and spawned threads.
  Result<CatalogueFile> locate(const Call& call, std::string_view item, std::string_view which = "") const {
    std::string answer;
    const Status asked = slot_.call(call, [&](const revenge_catalogue& table, void* self,
                                              const revenge_call* inner, revenge_error* error) {
      revenge_buffer buffer{};
      const revenge_status status =
          table.locate(self, inner, boundary::view(item), boundary::view(which), 0, &buffer, error);
      if (status == REVENGE_OK) answer = boundary::take(buffer);
      return status;
    });
    if (!asked) return std::unexpected(asked.error());
    return read(answer);
  }
  // The same for coroutines, also on I/O threads. Of strings: it keeps what it was given.
  Task<Result<CatalogueFile>> locateLater(Call call, std::string item, std::string which = "") const {
    const auto answer =
        co_await slot_.start(call, [&](const revenge_catalogue& table, void* self, const revenge_call* inner,
                                       revenge_handle done, revenge_error* error) {
          return table.locate(self, inner, boundary::view(item), boundary::view(which), done, nullptr, error);
        });
    if (!answer) co_return std::unexpected(answer.error());
    co_return read(*answer);
  }

 private:
  static Result<CatalogueFile> read(const std::string& answer) {
    revenge_catalogue_file head{};
    if (answer.size() < sizeof head) return fail(Errc::kFailed, "the catalogue's answer is too short");
    std::memcpy(&head, answer.data(), sizeof head);
    const auto text = [&answer](std::uint64_t at, std::uint64_t length) {
      return at <= answer.size() ? answer.substr(at, length) : std::string();
    };
    return CatalogueFile{text(head.root_at, head.root_length), text(head.path_at, head.path_length),
                         head.bytes, head.modified_ns};
  }

  Slot<revenge_catalogue> slot_;
};

}  // namespace revenge
