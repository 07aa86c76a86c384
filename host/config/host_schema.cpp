#include "config/host_schema.hpp"

#include <span>
#include <stdexcept>

#include "document/json.hpp"

namespace revenge::config {
namespace {

constexpr std::string_view kHostSchema = R"json({
  "$schema": "http://json-schema.org/draft-07/schema#",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "http": {
      "description": "The listener that clients reach.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "address": {"type": "string", "minLength": 1, "default": "127.0.0.1",
          "description": "Address to listen on; 0.0.0.0 or :: for every interface."},
        "port": {"type": "integer", "minimum": 0, "maximum": 65535, "default": 8096,
          "description": "Port to listen on; 0 takes any free one and prints it."},
        "io_threads": {"type": "integer", "minimum": 0, "maximum": 256, "default": 0,
          "description": "Threads that serve connections; 0 is one per core."},
        "max_header_bytes": {"type": "integer", "minimum": 1024, "maximum": 1048576, "default": 16384,
          "description": "A request with a longer head is answered 431."},
        "max_body_bytes": {"type": "integer", "minimum": 0, "maximum": 1099511627776, "default": 1048576,
          "description": "Longest body for routes that name no limit of their own; a longer one is answered 413."},
        "max_connections": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 10000,
          "description": "Connections open at once; a further one is answered 503 and closed."},
        "idle_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 60,
          "description": "Seconds a connection may rest between two requests."},
        "header_timeout_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 10,
          "description": "Seconds for the head of a request to arrive."},
        "body_timeout_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
          "description": "Seconds a body, or a client reading an answer, may stand still."},
        "request_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 30,
          "description": "Seconds a plugin has to answer before 504."},
        "access_log": {"type": "boolean", "default": true,
          "description": "One line for each request."},
        "inline_routes": {"enum": ["allow", "refuse"], "default": "allow",
          "description": "Whether routes may run on the connection's thread; refuse sends all to the workers."}
      }
    },
    "workers": {
      "description": "The threads that run plugin code.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "threads": {"type": "integer", "minimum": 0, "maximum": 1024, "default": 0,
          "description": "Worker threads; 0 is one per core and at least 2."},
        "queue": {"type": "integer", "minimum": 1, "maximum": 1000000, "default": 1024,
          "description": "Jobs that may wait for a worker; further requests are answered 503."},
        "plugin_share": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.5,
          "description": "Part of the workers and of the queue that one plugin may take."},
        "max_substitutes": {"type": "integer", "minimum": 0, "maximum": 1024, "default": 8,
          "description": "Workers started in place of stuck ones before their plugin is only refused."}
      }
    },
    "host": {
      "description": "Folders and limits of the host itself. Relative paths start at the working directory.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "plugin_folders": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true,
          "default": ["plugins"], "description": "Folders that hold one folder per plugin."},
        "state_dir": {"type": "string", "minLength": 1, "default": "state",
          "description": "What must survive a restart: desired state, crash journal, data of plugins."},
        "cache_dir": {"type": "string", "minLength": 1, "default": "cache",
          "description": "What may be deleted at any time: private copies of plugins, their caches."},
        "run_dir": {"type": "string", "minLength": 1, "default": "run",
          "description": "Holds the control socket revenge.sock."},
        "shutdown_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
          "description": "Seconds for an orderly stop; what is left then is cut off and reported."},
        "max_retired": {"type": "integer", "minimum": 0, "maximum": 200, "default": 16,
          "description": "Old plugin versions that may stay mapped before further swaps are refused."}
      }
    },
    "config": {
      "description": "These files themselves.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "watch": {"type": "boolean", "default": true,
          "description": "Whether a change of the files takes effect by itself; false: when revengectl asks for it."}
      }
    },
    "flags": {
      "description": "Feature flags.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "file": {"type": "string", "minLength": 1, "default": "flags.yaml",
          "description": "The file that defines them, relative to the folder of the configuration file; no such file, no flags."}
      }
    },
    "log": {
      "description": "What the host and its plugins report.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "level": {"enum": ["trace", "debug", "info", "warning", "error"], "default": "info", "$comment": "live",
          "description": "The least important level that is written."},
        "format": {"enum": ["text", "json"], "default": "text",
          "description": "text for people, json for log collectors."}
      }
    },
    "plugins": {
      "description": "One section per plugin id, such as stream: {folders: [/films]}; its manifest says which keys there are.",
      "$comment": "live",
      "type": "object",
      "additionalProperties": {"type": "object"},
      "default": {}
    }
  }
})json";

bool isLiveBelow(const document::Value& schema, std::span<const std::string> steps) {
  const document::Value* comment = schema.find("$comment");
  if (comment != nullptr && *comment == document::Value("live")) return true;
  const document::Value* properties = steps.empty() ? nullptr : schema.find("properties");
  const document::Value* next = properties != nullptr ? properties->find(steps.front()) : nullptr;
  return next != nullptr && isLiveBelow(*next, steps.subspan(1));
}

}  // namespace

bool isLive(std::string_view pointer) {
  static const document::Schema kSchema = hostSchema();
  const auto steps = document::pointerSteps(pointer);
  return steps && isLiveBelow(kSchema.document(), *steps);
}

document::Schema hostSchema() {
  auto text = document::parseJson(kHostSchema, "host schema");
  if (!text) throw std::logic_error(text.error().message);
  auto schema = document::Schema::load(std::move(*text), "host schema");
  if (!schema) throw std::logic_error(schema.error().message);
  return std::move(*schema);
}

}  // namespace revenge::config
