// ListAnswer: a request for a list, from its query to {data, total, limit, offset, next_cursor}. Borrows request and shape.
// One thread; reading blocks.
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "api/json_writer.hpp"
#include "wiring/api.hpp"
#include "wiring/list.hpp"

namespace library {

class ListAnswer {
 public:
  ListAnswer(const revenge::Request& request, const ListShape& shape);

  // For what else the query may say, before read().
  api::QueryReader& reader() { return reader_; }
  ListQuery& query() { return query_; }

  std::expected<ListPage, api::Problem> read(const revenge::Sql& sql, const api::CursorSeal& seal);
  // `write` writes one row of the page.
  revenge::Response answer(const ListPage& rows,
                           const std::function<void(api::JsonWriter&, std::uint64_t row)>& write) const;

 private:
  const revenge::Request& request_;
  std::vector<api::Parameter> parameters_;
  api::QueryReader reader_;
  api::Page page_;
  ListQuery query_;
};

}  // namespace library
