// Entry: a pipeline as it is found by its name, with what is looked up once for all its runs. Constant.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "pipeline/pipeline.hpp"

namespace revenge::resilience {

struct Entry {
  explicit Entry(std::shared_ptr<const Pipeline> its_pipeline);

  // shared: with who lists pipelines meanwhile.
  std::shared_ptr<const Pipeline> pipeline;
  std::optional<std::size_t> rate;  // the innermost rate limit
  bool has_keys = false;            // some layer looks at the call's key
};

}  // namespace revenge::resilience
