// The heart of the host: which instances live, what is visible, who is inside. app constructs one; tests
// construct several in a process. Thread safety: every function from any thread. Must outlive every lease,
// guard and slot call.
#pragma once

#include <memory>

#include "service/generations.hpp"
#include "service/instances.hpp"
#include "service/thread_cells.hpp"

namespace revenge::service {

class Domain {
 public:
  explicit Domain(Fence fence = Machine::probe())
      : machine_(fence),
        cells_(std::make_shared<ThreadCells>()),
        instances_(machine_, *cells_),
        generations_(machine_, *cells_, instances_) {}
  Domain(const Domain&) = delete;
  Domain& operator=(const Domain&) = delete;

  Fence fence() const { return machine_.fence(); }
  Instances& instances() { return instances_; }
  Generations& generations() { return generations_; }
  // Recycles a record whose door is shut, that is proved empty and that no slot leads to; otherwise says what
  // is left.
  base::Result<> release(InstanceRef ref);
  GenerationBuilder build() { return GenerationBuilder(generations_); }
  ThreadCells& cells() { return *cells_; }

 private:
  const Machine machine_;
  const std::shared_ptr<ThreadCells> cells_;
  Instances instances_;
  Generations generations_;
};

}  // namespace revenge::service
