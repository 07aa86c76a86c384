#include "wiring/list_answer.hpp"

#include <algorithm>

#include "api/etag.hpp"

namespace library {

namespace {

api::Page pageOf(api::QueryReader& reader, const ListShape& shape) {
  std::vector<std::string_view> names;
  names.reserve(shape.keys.size());
  for (const ListShape::Key& key : shape.keys) names.push_back(key.name);
  return api::readPage(reader, names);
}

}  // namespace

ListAnswer::ListAnswer(const revenge::Request& request, const ListShape& shape)
    : request_(request),
      parameters_(parametersOf(request)),
      reader_(parameters_),
      page_(pageOf(reader_, shape)),
      query_(shape) {}

std::expected<ListPage, api::Problem> ListAnswer::read(const revenge::Sql& sql, const api::CursorSeal& seal) {
  api::FieldErrors errors = std::move(reader_).finish();
  if (!errors.empty()) return refuse(api::invalid(std::move(errors)));
  const revenge::Call call = request_.call();
  return query_.read(sql, call, page_, seal, api::listOf(request_.path(), parameters_, call.userKey()));
}

revenge::Response ListAnswer::answer(
    const ListPage& rows, const std::function<void(api::JsonWriter&, std::uint64_t row)>& write) const {
  api::JsonWriter out;
  out.beginObject();
  out.beginArray("data");
  for (std::uint64_t i = 0; i < rows.size; ++i) write(out, i);
  out.endArray();
  out.number("total", static_cast<std::int64_t>(std::min(rows.end.total, api::kCountedTotal)));
  if (rows.end.isEstimate()) out.boolean("total_is_estimate", true);
  out.number("limit", page_.limit);
  if (!page_.cursor) out.number("offset", page_.offset);
  out.text("next_cursor", rows.end.next_cursor);
  out.endObject();
  std::string body = out.take();
  std::string etag = api::weakEtag(body);
  return revenge::json(std::move(body))
      .withEtag(std::move(etag))
      .withHeader("link", api::linkField(request_.path(), parameters_, page_, rows.end))
      .withHeader("cache-control", "private, no-cache");
}

}  // namespace library
