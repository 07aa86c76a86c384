// CatalogueService: revenge.catalogue/1 by the tables of the library. Safe from any thread.
#pragma once

#include <optional>
#include <string>

#include <revenge/catalogue.hpp>
#include <revenge/sql.hpp>
#include <revenge/task.hpp>

#include "catalogue/id.hpp"

namespace library {

class CatalogueService {
 public:
  // `follows_links`: files may lie where links lead out of their library.
  CatalogueService(revenge::Host& host, revenge::Sql sql, bool follows_links)
      : host_(host), sql_(sql), follows_links_(follows_links) {}
  static const revenge_catalogue& table();

 private:
  struct Asked {
    Id item;
    Id which;  // none: the first
  };
  static std::optional<Asked> read(std::string_view item, std::string_view which);
  auto ask(const revenge::Call& call, const Asked& asked) const;
  revenge::Result<std::string> answerOf(const revenge::Result<revenge::SqlRows>& found) const;
  revenge::Task<void> locateLater(revenge::Call call, Asked asked, revenge::Completion completion) const;
  revenge::Result<std::string> locate(const revenge_call* call, std::string_view item, std::string_view which,
                                      revenge_handle done) const;

  revenge::Host& host_;
  revenge::Sql sql_;
  const bool follows_links_;
};

}  // namespace library
