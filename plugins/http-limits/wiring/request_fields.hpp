// The fields of a request as the decisions take them: borrowed, on the stack unless there are unusually many. Thread safety:
// belongs to one request.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include <revenge/abi/base.h>
#include <revenge/boundary.hpp>

#include "limits/request_view.hpp"

namespace revenge::http_limits {

class RequestFields {
 public:
  RequestFields(const revenge_field* fields, std::size_t count) : count_(count) {
    if (count <= kOnStack) {
      for (std::size_t i = 0; i < count; ++i) place_.few[i] = converted(fields[i]);
      return;
    }
    many_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) many_.push_back(converted(fields[i]));
  }
  RequestFields(const RequestFields&) = delete;
  RequestFields& operator=(const RequestFields&) = delete;

  std::span<const Field> span() const {
    return count_ <= kOnStack ? std::span(place_.few).first(count_) : std::span<const Field>(many_);
  }

 private:
  static constexpr std::size_t kOnStack = 48;

  static Field converted(const revenge_field& field) {
    return {boundary::text(field.name), boundary::text(field.value)};
  }

  // Nothing of it is set before it is used: a request has a dozen fields.
  union Place {
    Place() {}  // NOLINT(modernize-use-equals-default)
    std::array<Field, kOnStack> few;
  };
  static_assert(std::is_trivially_destructible_v<Field>);

  std::size_t count_;
  Place place_;
  std::vector<Field> many_;
};

}  // namespace revenge::http_limits
