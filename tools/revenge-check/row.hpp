// A row is one check: what it is called, what it finds, what to do then. Each runs in a process of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "revenge-check/journal.hpp"
#include "revenge-check/package.hpp"

namespace revenge::check {

// Until when a row cannot be run: what it needs was found wrong, or is not there.
enum class Needs : std::uint8_t {
  kNothing,
  kManifest,  // manifest.valid
  kLibrary,   // package.files
  kLoads,     // load.probe
  kCreates,   // life.create-destroy
  kStarts,    // life.start-stop
  kServes,    // host.serves
};

struct Work {
  const Package& package;
  Journal& journal;
  std::uint64_t seed;
};

struct Row {
  std::string_view id;
  std::string_view description;
  std::string_view remedy;
  Needs needs;
  void (*run)(Work& work);
};

// In the order in which they are told.
std::span<const Row> rows();

// The row that has to be clean before one that needs this; empty: none.
std::string_view rowBehind(Needs needs);

// Memory of sanitizers is not the plugin's: what measures or limits it adapts.
consteval bool sanitized() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return true;
#elif defined(__has_feature)
  return __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
  return false;
#endif
}

// By file: package_rows.cpp, load_rows.cpp, ...
void manifestValid(Work& work);
void manifestDefaults(Work& work);
void manifestDescribed(Work& work);
void packageFiles(Work& work);
void symbolsEntry(Work& work);
void symbolsOnlyEntry(Work& work);
void symbolsUnique(Work& work);
void symbolsImports(Work& work);
void elfSystem(Work& work);
void elfLibraries(Work& work);
void elfSearchPaths(Work& work);
void elfMapping(Work& work);
void loadProbe(Work& work);
void loadIdentity(Work& work);
void loadSettings(Work& work);
void loadUnload(Work& work);

void lifeCreateDestroy(Work& work);
void lifeStartStop(Work& work);
void lifeStartStop100(Work& work);
void lifeFailNthCall(Work& work);
void lifeFailAllocation(Work& work);
void lifeSlowHost(Work& work);
void lifeLateCalls(Work& work);
void lifeUnload(Work& work);
void lifeSettings(Work& work);

void configPrepareCommitAbort(Work& work);
void configReject(Work& work);
void stateRoundTrip(Work& work);
void stateOlderBlob(Work& work);
void stateGarbage(Work& work);

void callsHost(Work& work);
void callsAnswers(Work& work);
void callsTimers(Work& work);
void callsThreads(Work& work);
void swapWithItself(Work& work);
void ioBlocks(Work& work);
void timeCallbacks(Work& work);

void hostServes(Work& work);
void hostSwaps(Work& work);
void hostBudgets(Work& work);

void costLife(Work& work);
void costIdle(Work& work);

void leaksThreads(Work& work);
void leaksFds(Work& work);
void leaksMemory(Work& work);
void leaksRegistrations(Work& work);

}  // namespace revenge::check
