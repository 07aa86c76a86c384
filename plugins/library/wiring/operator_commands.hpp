// What an operator asks of the library: `revengectl run library ...`.
#pragma once

#include <functional>
#include <string_view>

#include <revenge/plugin.hpp>
#include <revenge/sql.hpp>

#include "catalogue/id.hpp"
#include "wiring/scans.hpp"

namespace library {

class OperatorCommands {
 public:
  // Registers them. Borrows the scans.
  OperatorCommands(revenge::Host& host, revenge::Sql sql, Scans& scans, std::int64_t keep_missing_us);

 private:
  using Answer = revenge::Result<std::string>;

  // By its name or its id.
  revenge::Result<Id> find(const revenge::Call& call, std::string_view library) const;
  Answer libraries(const revenge::Call& call) const;
  Answer scan(const revenge::Call& call, std::string_view library) const;
  Answer purge(const revenge::Call& call, std::string_view library, bool dry) const;

  revenge::Sql sql_;
  Scans& scans_;
  const std::int64_t keep_missing_us_;
  std::function<std::int64_t()> now_us_;
};

}  // namespace library
