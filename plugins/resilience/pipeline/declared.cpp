#include "pipeline/declared.hpp"

#include <array>
#include <utility>

namespace revenge::resilience {
namespace {

constexpr std::array<std::pair<std::string_view, LayerKind>, 11> kWords{{
    {"fallback", LayerKind::kFallback},
    {"timeout", LayerKind::kTimeout},
    {"attempt_timeout", LayerKind::kTimeout},
    {"retry", LayerKind::kRetry},
    {"breaker", LayerKind::kBreaker},
    {"rate", LayerKind::kRate},
    {"keyed_rate", LayerKind::kKeyedRate},
    {"bulkhead", LayerKind::kBulkhead},
    {"adaptive", LayerKind::kAdaptive},
    {"hedge", LayerKind::kHedge},
    {"coalesce", LayerKind::kCoalesce},
}};

template <std::size_t... kIndex>
LayerSettings settingsAt(LayerKind kind, std::index_sequence<kIndex...>) {
  LayerSettings settings;
  const auto index = static_cast<std::size_t>(kind);
  ((index == kIndex ? void(settings.emplace<kIndex>()) : void()), ...);
  return settings;
}

}  // namespace

std::optional<LayerKind> kindOf(std::string_view word) {
  for (const auto& [known, kind] : kWords)
    if (known == word) return kind;
  return {};
}

std::optional<LayerSettings> defaultsOf(std::string_view word) {
  const auto kind = kindOf(word);
  if (!kind) return {};
  return settingsAt(*kind, std::make_index_sequence<std::variant_size_v<LayerSettings>>());
}

}  // namespace revenge::resilience
