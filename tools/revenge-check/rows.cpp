#include <array>

#include "revenge-check/row.hpp"

namespace revenge::check {
namespace {

using enum Needs;

constexpr auto kRows = std::to_array<Row>({
    {"manifest.valid", "`plugin.json` is there, is what its schema says, and names the folder's id",
     "write what the message expects; share/revenge/plugin.schema.json is the schema", kNothing,
     manifestValid},
    {"manifest.schema-defaults", "whoever configures nothing has a valid configuration",
     "give each required key a default that its own rules allow", kManifest, manifestDefaults},
    {"manifest.schema-described", "each key of the configuration is described",
     "write a `description` for people: what it does, in which unit", kManifest, manifestDescribed},
    {"package.files", "regular files alone, the library among them, with the hash that the manifest names",
     "build the package with revenge_add_plugin(); take links and pipes out of it", kManifest, packageFiles},
    {"symbols.entry", "the library exports `revenge_plugin_entry`, a function",
     "use REVENGE_PLUGIN or REVENGE_PLUGIN_IN_C, and revenge_add_plugin()", kLibrary, symbolsEntry},
    {"symbols.only-entry", "and nothing else", "revenge_add_plugin() hides the rest", kLibrary,
     symbolsOnlyEntry},
    {"symbols.unique", "no GNU unique symbols, which keep a library mapped",
     "compile all of it, static libraries too, with -fno-gnu-unique", kLibrary, symbolsUnique},
    {"symbols.imports",
     "nothing is called that ends the host, changes its process or starts threads it does not know",
     "use what the host offers for it: spawn, processes, paths", kLibrary, symbolsImports},
    {"elf.system", "machine, symbol versions and sanitizers are those of this host",
     "build it on the oldest system that is to load it", kLibrary, elfSystem},
    {"elf.libraries", "linked with allowed libraries alone", "link the others statically", kLibrary,
     elfLibraries},
    {"elf.search-paths", "no RPATH, RUNPATH, DT_AUDIT or DT_FILTER", "link without -rpath", kLibrary,
     elfSearchPaths},
    {"elf.mapping", "no executable stack, text relocations, static TLS, NODELETE or IFUNC",
     "compile with -fPIC and the default TLS model, link with -z noexecstack", kLibrary, elfMapping},
    {"load.probe", "loads and shakes hands: no static initialiser throws, hangs, crashes or ends the process",
     "do nothing before create()", kLibrary, loadProbe},
    {"load.identity", "the library says the id and version that `plugin.json` says", "build the package anew",
     kLoads, loadIdentity},
    {"load.settings", "loading changes nothing of the process: umask, locale, signals, threads, environment",
     "leave settings of the process to the host", kLoads, loadSettings},
    {"load.unload", "unmaps when it is closed", "leave no handler, key or thread behind", kLoads, loadUnload},
    {"life.create-destroy", "create() makes an instance or says why not; destroy() ends it",
     "fill start, stop and destroy; let no exception out", kLoads, lifeCreateDestroy},
    {"life.start-stop", "create, start, health, stop, destroy, each once and in time",
     "answer a status with a reason; keep to the timeouts of `plugin.json`", kCreates, lifeStartStop},
    {"life.start-stop-100", "the same a hundred times over", "keep nothing in static variables", kStarts,
     lifeStartStop100},
    {"life.unload", "unmaps after a whole life", "end threads, keys and handlers in stop() or destroy()",
     kStarts, lifeUnload},
    {"life.fail-nth-call", "each call of the host fails once: a refusal with a reason, or life goes on",
     "look at each status; undo what was begun", kCreates, lifeFailNthCall},
    {"life.fail-allocation", "memory runs out at each of its allocations: a failure, no crash",
     "allocate where a failure can be reported, never in noexcept functions", kCreates, lifeFailAllocation},
    {"life.slow-host", "each call of the host takes 2 ms, and the deadlines are kept",
     "do less in start(): what takes long belongs to a thread of spawn", kStarts, lifeSlowHost},
    {"life.late-calls", "nothing is registered in stop() or destroy(), nobody calls the host after destroy()",
     "register in create() or while serving; end threads before destroy() returns", kStarts, lifeLateCalls},
    {"life.settings",
     "umask, locale, signals, environment, limits, pthread keys, children and others' descriptors are after "
     "it what they were",
     "leave what belongs to the process to the host: folders of paths, children of processes", kStarts,
     lifeSettings},
    {"config.prepare-commit-abort", "configurations are prepared and taken, or given up, ten times each",
     "let prepare() have no effect, commit() none that can fail", kStarts, configPrepareCommitAbort},
    {"config.reject", "values at and beyond the edges of the schema are taken or refused with a reason",
     "check in prepare() what the schema cannot say", kStarts, configReject},
    {"state.round-trip", "what save() gave is restored, and saved again the same",
     "save what restore() reads, in a fixed order", kStarts, stateRoundTrip},
    {"state.older-blob", "a state of each version under `reads` is restored or refused with a reason",
     "look at the version that restore() is told", kStarts, stateOlderBlob},
    {"state.garbage", "no cut, altered or foreign state does more than be refused with a reason",
     "check each length before it is used", kStarts, stateGarbage},
    {"calls.host",
     "the host is called with arguments that hold, and handles of its own; no route or check is there twice",
     "fill `size` of each struct; give each handle back once; keep to the patterns of routes", kStarts,
     callsHost},
    {"calls.answers", "each route answers each request once, in time, whatever it holds",
     "answer, defer and answer later, or fail with a status", kStarts, callsAnswers},
    {"calls.timers", "timers, jobs, events and health checks return and throw nothing",
     "catch what you call; move long work to a thread of spawn", kStarts, callsTimers},
    {"calls.threads", "handlers, timers, checks and health() at once, on five threads",
     "guard what they share; hold no lock across a call of the host", kStarts, callsThreads},
    {"swap.with-itself-under-calls", "its own next version takes over, ten times, while four threads call it",
     "let handlers of an old instance end by themselves; share nothing outside of the instance", kStarts,
     swapWithItself},
    {"io.blocks", "what runs on an I/O thread never waits",
     "answer REVENGE_BUSY from an inline route, and be called again on a worker", kStarts, ioBlocks},
    {"time.callbacks", "how long each callback takes; none longer than half of its timeout",
     "do less, or raise the timeout in `plugin.json`", kStarts, timeCallbacks},
    {"host.serves", "a host loads it, starts it and asks each of its GET routes, and writes no warning",
     "do what the message says", kLoads, hostServes},
    {"host.swaps", "a host swaps it with itself, disables it and stops, and writes no warning",
     "do what the message says", kServes, hostSwaps},
    {"host.budgets",
     "asked 25 times a second, each GET route keeps to budgets: 0.15 processors, 32 threads, "
     "512 MiB",
     "do less for a request; bound what is kept", kServes, hostBudgets},
    {"cost.life",
     "one life, with one request to each route, floods nobody: calls, memory, folders, descriptors, threads",
     "register once, not for each thing; bound what is kept; log what somebody is to read", kStarts,
     costLife},
    {"cost.idle", "while nobody asks, no thread of it is busy",
     "wait: by spawn's sleep, a timer, a condition", kStarts, costIdle},
    {"leaks.threads", "no thread is left by twenty lives", "join threads in stop(); use spawn", kStarts,
     leaksThreads},
    {"leaks.fds", "no file descriptor is left by twenty lives",
     "own each descriptor, such as by revenge::File", kStarts, leaksFds},
    {"leaks.memory", "memory does not go on growing, life by life",
     "run its tests under the address sanitizer", kStarts, leaksMemory},
    {"leaks.registrations", "changes of configuration leave no routes, timers, loggers or requests behind",
     "keep what you register in Route, Timer, HealthCheck ... and replace it", kStarts, leaksRegistrations},
});

}  // namespace

std::span<const Row> rows() { return kRows; }

std::string_view rowBehind(Needs needs) {
  switch (needs) {
    case kNothing:
      return {};
    case kManifest:
      return "manifest.valid";
    case kLibrary:
      return "package.files";
    case kLoads:
      return "load.probe";
    case kCreates:
      return "life.create-destroy";
    case kStarts:
      return "life.start-stop";
    case kServes:
      return "host.serves";
  }
  return {};
}

}  // namespace revenge::check
