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
        "body_min_bytes_per_s": {"type": "integer", "minimum": 0, "maximum": 1073741824, "default": 256,
          "description": "A client that sends its body slower than this, once body_timeout_s is used up, is answered 408; 0: as slow as it likes."},
        "request_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 30,
          "description": "Seconds a plugin has to answer before 504."},
        "proxy_protocol": {
          "description": "The PROXY protocol's header (versions 1 and 2) in front of connections, by which a proxy says whose they are.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "from": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true, "default": [],
              "description": "Addresses of proxies that send it, such as 10.0.0.0/8. They have to; of others none is read."}
          }
        },
        "access_log": {"type": "boolean", "default": true,
          "description": "One line for each request."},
        "inline_routes": {"enum": ["allow", "refuse"], "default": "allow",
          "description": "Whether routes may run on the connection's thread; refuse sends all to the workers."},
        "identity": {
          "description": "How flags tell users apart. It proves nothing: a flag is no permission.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "header": {"type": "string", "pattern": "^[A-Za-z0-9-]{0,64}$", "default": "",
              "description": "The header in which a trusted proxy names the user, such as X-Forwarded-User; empty: none."},
            "trusted_proxies": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true, "default": [],
              "description": "Addresses whose header is believed, such as 10.0.0.0/8."},
            "session_s": {"type": "integer", "minimum": 0, "maximum": 604800, "default": 1800,
              "description": "Seconds after a user's last request for which a flag goes on saying what it said; 0: it may change within a session."}
          }
        }
      }
    },
    "process": {
      "description": "Child processes that plugins start.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "max_running": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 64,
          "description": "Children of all plugins at once; a further one waits for its turn."},
        "max_running_per_plugin": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 16,
          "description": "Children of one plugin at once; a further one waits for its turn."},
        "max_collected_bytes": {"type": "integer", "minimum": 1, "maximum": 1073741824, "default": 1048576,
          "description": "Longest output kept in memory where the plugin names no limit of its own."},
        "grace_s": {"type": "integer", "minimum": 1, "maximum": 600, "default": 2,
          "description": "Seconds between SIGTERM and SIGKILL for a child that is to end, where the plugin says nothing."},
        "path": {"type": "string", "minLength": 1, "default": "/usr/local/bin:/usr/bin:/bin",
          "description": "PATH of every child, where its program is looked up, too."}
      }
    },
    "http_client": {
      "description": "Requests that plugins make to other servers. Limits are for each plugin.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "max_connections": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 64,
          "description": "Connections to all servers together, idle ones too."},
        "max_connections_per_origin": {"type": "integer", "minimum": 1, "maximum": 10000, "default": 16,
          "description": "Connections to one server; further requests to it wait in line."},
        "max_requests": {"type": "integer", "minimum": 1, "maximum": 100000, "default": 256,
          "description": "Requests under way, or whose responses the plugin still holds; a further one is refused."},
        "max_waiting": {"type": "integer", "minimum": 0, "maximum": 100000, "default": 128,
          "description": "Of those, requests that wait for a connection; a further one is refused."},
        "max_buffered_bytes": {"type": "integer", "minimum": 65536, "maximum": 1099511627776, "default": 67108864,
          "description": "Bytes of responses held in memory that the plugin has not taken."},
        "max_response_bytes": {"type": "integer", "minimum": 1, "maximum": 1099511627776, "default": 8388608,
          "description": "Longest whole response where the plugin names no limit of its own."},
        "max_header_bytes": {"type": "integer", "minimum": 1024, "maximum": 1048576, "default": 65536,
          "description": "A response with a longer head is refused."},
        "request_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 30,
          "description": "Seconds for a whole response, or to the head of a streamed one, where the plugin names none."},
        "connect_timeout_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 5,
          "description": "Seconds to look up a name and connect."},
        "tls_timeout_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 5,
          "description": "Seconds for the TLS handshake."},
        "first_byte_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 30,
          "description": "Seconds from the end of a request to the first byte of its response."},
        "idle_timeout_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 30,
          "description": "Seconds a request or a response may stand still."},
        "max_idle": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 8,
          "description": "Connections to one server kept for later."},
        "keep_idle_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 30,
          "description": "Seconds a connection is kept for later."},
        "unverified_hosts": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true,
          "default": [],
          "description": "Hosts, as host or host:port, whose certificates are not verified: whoever is between can read and change everything."}
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
          "description": "Old plugin versions that may stay mapped before further swaps are refused."},
        "keep_versions": {"type": "integer", "minimum": 0, "maximum": 1000, "default": 3,
          "description": "Installed versions of a plugin that are kept beside the one that runs and the one rollback returns to."}
      }
    },
    "trust": {
      "description": "Whose packages are loaded.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "keys": {"type": "array", "items": {"type": "string", "minLength": 1}, "uniqueItems": true, "default": [],
          "description": "Public keys of minisign, each as its line RWQ... or as its .pub file. Empty: no signature is asked for."},
        "require": {"enum": ["all", "installed", "none"], "default": "all",
          "description": "With keys: what has to be signed by one of them. all: every package; installed: those outside host.plugin_folders; none: a signature is only told."}
      }
    },
    "crashes": {
      "type": "object",
      "additionalProperties": false,
      "description": "What follows when the host ends without having been asked to; see the operator's guide.",
      "properties": {
        "limit": {"type": "integer", "minimum": 0, "maximum": 100, "default": 3,
          "description": "Crashes within the window after which a plugin is quarantined or, when none is known to have caused them, the last good plugins are started, then none. 0: never."},
        "window_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 600,
          "description": "Seconds in which crashes count together."},
        "good_after_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 60,
          "description": "Seconds that plugins serve until they count as good."}
      }
    },
    "watchdog": {
      "type": "object",
      "additionalProperties": false,
      "$comment": "live",
      "description": "Callbacks of plugins that do not return in time, called stalls; see the operator's guide.",
      "properties": {
        "io_after_ms": {"type": "integer", "minimum": 50, "maximum": 3600000, "default": 1000, "$comment": "live",
          "description": "Milliseconds that a callback may hold a connection's thread until it is reported, and the thread replaced."},
        "worker_after_ms": {"type": "integer", "minimum": 50, "maximum": 86400000, "default": 30000, "$comment": "live",
          "description": "The same for a worker."},
        "window_s": {"type": "integer", "minimum": 1, "maximum": 86400, "default": 600, "$comment": "live",
          "description": "Seconds in which stalls of a plugin count together."},
        "warn_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 1, "$comment": "live",
          "description": "Stalls within the window after which a plugin is called degraded. 0: never."},
        "throttle_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 3, "$comment": "live",
          "description": "Stalls within the window after which it is held to one worker. 0: never."},
        "quarantine_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 10, "$comment": "live",
          "description": "Stalls within the window after which it is stopped until revengectl release. 0: never."}
      }
    },
    "budgets": {
      "type": "object",
      "additionalProperties": false,
      "$comment": "live",
      "description": "What a plugin may use, and what follows when it uses more; see the operator's guide.",
      "properties": {
        "window_s": {"type": "integer", "minimum": 1, "maximum": 3600, "default": 10, "$comment": "live",
          "description": "Seconds over which usage is measured."},
        "warn_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 1, "$comment": "live",
          "description": "Windows in succession beyond a budget after which a plugin is called degraded. 0: never."},
        "throttle_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 3, "$comment": "live",
          "description": "Those after which it is held to one worker and few log lines. 0: never."},
        "quarantine_after": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 6, "$comment": "live",
          "description": "Those after which it is stopped until revengectl release, where budgets.highest lets it. 0: never."},
        "highest": {"enum": ["warn", "throttle", "quarantine"], "default": "throttle", "$comment": "live",
          "description": "How far a budget may lead. Stalls have the steps of watchdog instead."},
        "throttled_log_lines": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10, "$comment": "live",
          "description": "Log lines a second of a plugin that is throttled; the others are counted."},
        "default": {"type": "object", "additionalProperties": false, "$comment": "live",
          "description": "The budget of every plugin that budgets.plugins says nothing of. 0: no limit.",
          "properties": {
            "cpu": {"type": "number", "minimum": 0, "maximum": 1024, "default": 0, "$comment": "live",
              "description": "Cores, on average."},
            "callbacks": {"type": "number", "minimum": 0, "maximum": 10000, "default": 0, "$comment": "live",
              "description": "Callbacks on workers at once, on average: the time in them."},
            "requests": {"type": "number", "minimum": 0, "maximum": 100000000, "default": 0, "$comment": "live",
              "description": "Requests a second."},
            "errors": {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "$comment": "live",
              "description": "Share of its answers that are 5xx, of at least 20 in the window."},
            "bytes": {"type": "number", "minimum": 0, "maximum": 1000000000000, "default": 0, "$comment": "live",
              "description": "Bytes of answers a second, each counted when it has ended."},
            "threads": {"type": "number", "minimum": 0, "maximum": 10000, "default": 0, "$comment": "live",
              "description": "Threads that it asked the host for; beyond 64 none is given anyway."},
            "descriptors": {"type": "number", "minimum": 0, "maximum": 1000000, "default": 2048, "$comment": "live",
              "description": "Descriptors that the host holds for it: sockets of requests that go out, pipes of children."},
            "log_lines": {"type": "number", "minimum": 0, "maximum": 1000000, "default": 500, "$comment": "live",
              "description": "Log lines a second that its level lets through."},
            "registrations": {"type": "number", "minimum": 0, "maximum": 1000000, "default": 20000, "$comment": "live",
              "description": "Routes, timers, services, subscriptions, series and so on."},
            "queue": {"type": "number", "minimum": 0, "maximum": 1, "default": 0, "$comment": "live",
              "description": "Share of workers.queue that its jobs take while they wait."}
          }
        },
        "plugins": {"type": "object", "default": {}, "$comment": "live",
          "description": "Budgets of single plugins, such as {thumbs: {cpu: 1.5}}; what is not said is as in budgets.default.",
          "additionalProperties": {"type": "object", "additionalProperties": false,
            "properties": {
              "cpu": {"type": "number", "minimum": 0, "maximum": 1024, "description": "As in budgets.default."},
              "callbacks": {"type": "number", "minimum": 0, "maximum": 10000, "description": "As in budgets.default."},
              "requests": {"type": "number", "minimum": 0, "maximum": 100000000, "description": "As in budgets.default."},
              "errors": {"type": "number", "minimum": 0, "maximum": 1, "description": "As in budgets.default."},
              "bytes": {"type": "number", "minimum": 0, "maximum": 1000000000000, "description": "As in budgets.default."},
              "threads": {"type": "number", "minimum": 0, "maximum": 10000, "description": "As in budgets.default."},
              "descriptors": {"type": "number", "minimum": 0, "maximum": 1000000, "description": "As in budgets.default."},
              "log_lines": {"type": "number", "minimum": 0, "maximum": 1000000, "description": "As in budgets.default."},
              "registrations": {"type": "number", "minimum": 0, "maximum": 1000000, "description": "As in budgets.default."},
              "queue": {"type": "number", "minimum": 0, "maximum": 1, "description": "As in budgets.default."}}}}
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
    "control": {
      "description": "The control plane beside its Unix socket.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "listen": {"type": "string", "default": "",
          "description": "Address and port of a TCP listener for revengectl, such as 127.0.0.1:8097; without TLS of the loopback alone. Empty: none."},
        "tls": {
          "description": "TLS of that listener. The files are read again when they change.",
          "type": "object",
          "additionalProperties": false,
          "properties": {
            "certificate": {"type": "string", "default": "",
              "description": "PEM file of the certificate and those that lead to its root. Empty: no TLS."},
            "key": {"type": "string", "default": "",
              "description": "PEM file of its key, without a passphrase."},
            "client_ca": {"type": "string", "default": "",
              "description": "PEM file of whoever signs the certificates that clients must show. Empty: they show none, and need a token."}
          }
        },
        "certificates": {"type": "object", "default": {}, "additionalProperties": {"enum": ["look", "steer"]},
          "description": "Whose certificate is let in, and to do what, such as {'CN=alice,O=Films': look}. Empty: whoever control.tls.client_ca vouches for may steer."},
        "tokens": {"type": "object", "default": {},
          "description": "Who is let in there: name: {file: FILE, role: look or steer}. FILE holds the token; look changes nothing.",
          "additionalProperties": {"type": "object", "additionalProperties": false, "required": ["file"],
            "properties": {
              "file": {"type": "string", "minLength": 1, "description": "The file that holds the token."},
              "role": {"enum": ["look", "steer"], "default": "look", "description": "What its owner may do: look, or change things too."}}}}
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
        "levels": {"type": "object", "additionalProperties": {"enum": ["trace", "debug", "info", "warning", "error", "off"]},
          "default": {}, "$comment": "live",
          "description": "Levels of single components, such as {http: warning, plugin/stream: debug}; revengectl log level lists them."},
        "format": {"enum": ["text", "json"], "default": "text",
          "description": "text for people, json for log collectors."},
        "source": {"type": "boolean", "default": true, "$comment": "live",
          "description": "Whether each line names the place in the code it comes from."},
        "stderr": {"type": "boolean", "default": true,
          "description": "Whether lines go to standard error."},
        "file": {"type": "string", "default": "",
          "description": "A file that lines are appended to as well, opened again at SIGHUP; empty: none."},
        "thread_queue_kib": {"type": "integer", "minimum": 128, "maximum": 65536, "default": 512,
          "description": "Room for lines of one thread until they are formatted; raise when bursts lose lines."},
        "output_queue_kib": {"type": "integer", "minimum": 64, "maximum": 1048576, "default": 4096,
          "description": "Room for formatted lines of one output; raise when an output that pauses loses lines."},
        "redact": {"type": "array", "items": {"type": "string", "minLength": 2}, "uniqueItems": true, "$comment": "live",
          "default": ["password", "passwd", "passphrase", "secret", "token", "authorization", "cookie", "api_key", "access_key",
            "private_key", "credentials", "session_id", "signature"],
          "description": "Keys whose values are not written; case, - and _ make no difference, and longer keys that end so are meant too."},
        "sample": {
          "description": "Thins lines that repeat: same level, component and message.",
          "type": "object",
          "additionalProperties": false,
          "$comment": "live",
          "properties": {
            "first": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 0,
              "description": "Lines of one message that pass in each tick; 0: all, nothing is thinned, the access log neither."},
            "then_every": {"type": "integer", "minimum": 0, "maximum": 1000000, "default": 100,
              "description": "Of those beyond, every so many pass; 0: none."},
            "tick_ms": {"type": "integer", "minimum": 10, "maximum": 3600000, "default": 1000,
              "description": "Length of a tick in milliseconds; at its end a line says how many were left out."}
          }
        }
      }
    },
    "tracing": {
      "description": "Which requests are traced; telemetry-otlp sends the traces on, and without it none begins here.",
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "sample_ratio": {"type": "number", "minimum": 0, "maximum": 1, "default": 1, "$comment": "live",
          "description": "Part of the requests that begin a trace; a request that is part of one follows it."}
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
