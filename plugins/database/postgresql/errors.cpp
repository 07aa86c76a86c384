#include "postgresql/errors.hpp"

#include <array>

namespace database::postgresql {

using revenge::Errc;

namespace {

struct Meaning {
  std::string_view begins;  // the longer one stands first
  Errc errc;
};
constexpr std::array kMeanings{
    Meaning{"23505", Errc::kExists},
    Meaning{"23", Errc::kRefused},
    Meaning{"40001", Errc::kBusy},
    Meaning{"40P01", Errc::kBusy},
    Meaning{"55P03", Errc::kBusy},
    Meaning{"57014", Errc::kTimedOut},
    Meaning{"57P", Errc::kUnavailable},
    Meaning{"08", Errc::kUnavailable},
    Meaning{"25006", Errc::kUnavailable},
    Meaning{"25P02", Errc::kRefused},
    Meaning{"53100", Errc::kIo},
    Meaning{"53", Errc::kUnavailable},
    Meaning{"42501", Errc::kRefused},
    Meaning{"28", Errc::kUnavailable},
    Meaning{"3D", Errc::kUnavailable},
    Meaning{"42", Errc::kInvalid},
    Meaning{"22", Errc::kInvalid},
    Meaning{"0A", Errc::kInvalid},
    Meaning{"26", Errc::kInvalid},
    Meaning{"54", Errc::kLimit},
    Meaning{"58", Errc::kIo},
    Meaning{"XX", Errc::kIo},
};

}  // namespace

Errc meaning(std::string_view sqlstate) {
  for (const Meaning& one : kMeanings)
    if (sqlstate.starts_with(one.begins)) return one.errc;
  return Errc::kFailed;
}

bool endsConnection(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate == "57P01" || sqlstate == "57P02" || sqlstate == "57P03";
}

bool endsWrites(std::string_view sqlstate) { return sqlstate == "25006"; }

bool wantsPreparing(std::string_view sqlstate, std::string_view text) {
  // 26000: the server has forgotten it, as after a pooler in between gave another one.
  return sqlstate == "26000" || (sqlstate == "0A000" && text.contains("cached plan"));
}

}  // namespace database::postgresql
