#include "observe/stack_walk.hpp"

#include <ucontext.h>
#include <unwind.h>

namespace revenge::observe {

namespace {

struct Walk {
  FrameVisitor visit;
  void* argument;
  std::uintptr_t from;  // 0: it was met, or all are wanted
};

_Unwind_Reason_Code visitFrame(_Unwind_Context* context, void* argument) {
  Walk& walk = *static_cast<Walk*>(argument);
  int before = 0;
  std::uintptr_t address = ::_Unwind_GetIPInfo(context, &before);
  if (address == 0) return _URC_END_OF_STACK;
  if (before == 0) --address;  // a return address: of the call before it
  if (walk.from != 0) {
    if (address != walk.from) return _URC_NO_REASON;
    walk.from = 0;
  }
  return walk.visit(address, walk.argument) ? _URC_NO_REASON : _URC_END_OF_STACK;
}

}  // namespace

void walkStack(FrameVisitor visit, void* argument, std::uintptr_t from) {
  Walk walk{visit, argument, from};
  ::_Unwind_Backtrace(&visitFrame, &walk);
}

std::uintptr_t programCounter(const void* context) {
  const auto* machine = &static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  return static_cast<std::uintptr_t>(machine->gregs[REG_RIP]);
#elif defined(__aarch64__)
  return machine->pc;
#else
#error "which register holds the program counter here?"
#endif
}

void prepareWalks() {
  walkStack([](std::uintptr_t, void*) { return true; }, nullptr);
}

}  // namespace revenge::observe
