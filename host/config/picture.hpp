// A configuration as people ask about it: with the defaults of every plugin whose schema is known, where each value comes
// from, what may be shown of it and when a change of it takes effect. Thread safety: immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.hpp"

namespace revenge::config {

// When a change of a key takes effect.
enum class Effect : std::uint8_t {
  kLive,         // at once
  kPluginAnew,   // at once, by a new instance of its plugin
  kHostRestart,  // at the next start of the host
  kNotServing,   // its plugin does not run: when it starts
};
std::string_view name(Effect effect);  // "live", "plugin anew", "host restart", "not serving"

// What its manifest says, and what a plan laid over its section.
struct PluginPart {
  std::string id;
  std::string version;
  std::optional<document::Schema> schema;  // none: it has no configuration
  std::string over;                        // a JSON object; empty: nothing
  Effect effect = Effect::kNotServing;
  std::vector<document::Schema> others = {};  // of other versions at hand
};

// One leaf (a list is one); of a secret no value is told.
struct Entry {
  std::string key;
  document::Value value;  // without what is secret
  bool secret = false;    // it, or something in it
  std::string origin;
};

// A leaf that two pictures differ in.
struct Difference {
  std::string key;
  std::optional<document::Value> before;  // none: not there
  std::optional<document::Value> after;
  bool secret = false;  // neither value is told
  std::string origin;   // of what comes
  Effect effect = Effect::kLive;
};

struct LayerValue {
  std::string layer;  // "default", "file", "local", "drop-in", "environment", "secret", "option", "plan"
  std::string origin;
  document::Value value;
};

struct Explained {
  std::string key;
  std::string type;
  std::string description;
  bool secret = false;
  bool section = false;  // layers add to each other instead of the last one winning
  Effect effect = Effect::kLive;
  std::vector<LayerValue> layers;  // lowest first; the last one wins
  document::Value value;
  std::string waits;  // what the host runs with until its next start; empty: it runs with the value
};

class Picture {
 public:
  Picture(std::shared_ptr<const Snapshot> snapshot, std::vector<PluginPart> parts);

  // Of sections of known plugins, what is wrong under their schema.
  const Problems& problems() const { return problems_; }
  const Problems& warnings() const { return warnings_; }  // keys that only another version knows
  const Snapshot& snapshot() const { return *snapshot_; }
  const document::Value& values() const { return values_; }

  // Below a key, or all of them ("").
  std::vector<Entry> entries(std::string_view pointer) const;
  Explained explain(std::span<const std::string> steps) const;
  // Whether any schema or layer knows it.
  bool knows(std::span<const std::string> steps) const;
  // "http.prot: unknown key; did you mean port?"
  std::string unknown(std::span<const std::string> steps) const;

  bool isSecret(std::span<const std::string> steps) const;
  Effect effectOf(std::span<const std::string> steps) const;
  std::string originOf(std::string_view pointer) const;

 private:
  friend std::vector<Difference> differences(const Picture& before, const Picture& after);

  const PluginPart* partOf(std::span<const std::string> steps) const;
  std::optional<document::KeyDoc> docOf(std::span<const std::string> steps) const;
  // Secrets become null, and `secret` true.
  document::Value shown(const document::Value& value, std::vector<std::string>& steps, bool& secret) const;
  document::Value shownAt(std::string_view pointer, const document::Value& value, bool& secret) const;
  void gather(const document::Value& value, std::vector<std::string>& steps,
              std::vector<Entry>& entries) const;

  std::shared_ptr<const Snapshot> snapshot_;  // shared with whoever else keeps it
  std::vector<PluginPart> parts_;
  document::Schema host_;
  std::vector<Layer> layers_;  // of the snapshot, and of the plans above them
  document::Value values_;
  Problems problems_;
  Problems warnings_;
};

// In the order of `after`, then what has gone.
std::vector<Difference> differences(const Picture& before, const Picture& after);

}  // namespace revenge::config
