// SPDX-License-Identifier: Apache-2.0
#include "config/load.h"

#include <algorithm>
#include <span>

#include "config/yaml.h"
#include "declare/nearest.h"

namespace ledge::config {
namespace {

using declare::FoundOption;
using declare::OptionKind;
using declare::OptionRow;

/// A value as it was written, in any of the sources.
struct Written {
  std::string key;
  std::vector<std::string> values;
  bool is_list = false;
  std::string where;  // for `config show`
  std::string place;  // in front of a problem, ends with ": "
};

class Loader {
 public:
  explicit Loader(const Sources& sources) : sources_(sources) {}

  Loaded load() {
    apply(from_file());
    apply(from_environment());
    apply(from_sets());
    if (loaded_.problems.empty()) check_listeners();
    if (loaded_.problems.empty()) check_relations();
    return std::move(loaded_);
  }

 private:
  void problem(std::string text) { loaded_.problems.push_back(std::move(text)); }
  void note(std::string text) { loaded_.notes.push_back(std::move(text)); }

  std::vector<Written> from_file() {
    std::vector<Written> out;
    if (!sources_.file_text) return out;
    auto entries = flatten_yaml(*sources_.file_text, sources_.file_name);
    if (!entries) {
      problem(entries.error().detail);
      return out;
    }
    for (YamlEntry& e : *entries) {
      std::string place = sources_.file_name + ":" + std::to_string(e.line);
      out.push_back({std::move(e.key), std::move(e.values), e.is_list, place, place + ": "});
    }
    return out;
  }

  std::vector<Written> from_environment() {
    std::vector<Written> out;
    const auto names = known_names();
    for (const std::string& variable : sources_.environment) {
      if (!variable.starts_with("LEDGE_")) continue;
      const std::size_t equals = variable.find('=');
      if (equals == variable.npos) continue;
      const std::string name = variable.substr(0, equals);
      const auto key = std::ranges::find_if(
          names, [&](std::string_view n) { return declare::option_environment(n) == name; });
      if (key != names.end()) {
        out.push_back({std::string{*key}, {variable.substr(equals + 1)}, false, name, name + ": "});
      } else if (name != "LEDGE_CONFIG" && !name.contains("_SERVICE_") && !name.contains("_PORT")) {
        // Kubernetes sets LEDGE_SERVICE_HOST, LEDGE_PORT and the like for a service of that name.
        note(name + ": no option has this variable" + nearest_variable(name, names));
      }
    }
    return out;
  }

  static std::string nearest_variable(std::string_view name, std::span<const std::string_view> names) {
    std::vector<std::string> variables;
    for (std::string_view n : names) variables.push_back(declare::option_environment(n));
    const std::vector<std::string_view> views(variables.begin(), variables.end());
    return declare::did_you_mean(name, views);
  }

  std::vector<Written> from_sets() {
    std::vector<Written> out;
    if (sources_.data_dir) out.push_back({"log.dirs", {*sources_.data_dir}, false, "--data", "--data: "});
    for (const std::string& set : sources_.sets) {
      const std::size_t equals = set.find('=');
      if (equals == set.npos || equals == 0) {
        problem("--set " + set + ": write --set KEY=VALUE");
        continue;
      }
      out.push_back({set.substr(0, equals), {set.substr(equals + 1)}, false, "--set", "--set: "});
    }
    return out;
  }

  /// Names that can be written; patterns are not.
  std::vector<std::string_view> known_names() const {
    auto names = declare::option_names(rows_);
    std::erase_if(names, [](std::string_view n) { return n.ends_with('*'); });
    return names;
  }

  void apply(std::vector<Written> source) {
    // Of several spellings in one source the finest wins, as in Kafka (log.retention.ms before .minutes
    // before .hours).
    std::ranges::stable_sort(source, std::greater{},
                             [&](const Written& w) { return declare::find_option(rows_, w.key).spelling; });
    for (Written& written : source) apply(written);
  }

  void apply(Written& written) {
    const FoundOption found = declare::find_option(rows_, written.key);
    if (!found.row) {
      problem(written.place + "there is no option " + written.key +
              declare::did_you_mean(written.key, known_names()));
      return;
    }
    const OptionRow& row = *found.row;
    if (row.kind == OptionKind::Refused) {
      problem(written.place + written.key + " is refused: " + std::string{row.doc});
      return;
    }
    if (row.kind == OptionKind::NoEffect) {
      note(written.place + written.key + " has no effect: " + std::string{row.doc});
      return;
    }
    const auto done = written.is_list
                          ? declare::set_option_list(row, &loaded_.options, std::move(written.values))
                          : declare::set_option(found, written.key, &loaded_.options, written.values.at(0));
    if (!done) {
      problem(written.place + done.error().detail);
      return;
    }
    loaded_.origins[std::string{row.name}] = written.where;
    places_[row.name] = written.place;
  }

  /// Where the value of an option was written, for problems that a check of several options finds.
  std::string place(std::string_view name) const {
    const auto it = places_.find(name);
    return (it == places_.end() ? "" : it->second) + std::string{name} + ": ";
  }

  void check_listeners() {
    const ServeOptions::Listeners& given = loaded_.options.listeners;
    auto listen = parse_named_endpoints(given.listen);
    if (!listen) return problem(place("listeners") + listen.error().detail);
    if (listen->empty()) return problem(place("listeners") + "at least one is needed");
    auto advertise = parse_named_endpoints(given.advertise);
    if (!advertise) return problem(place("advertised.listeners") + advertise.error().detail);
    check_protocols(*listen);
    for (const NamedEndpoint& a : *advertise) {
      if (std::ranges::find(*listen, a.name, &NamedEndpoint::name) == listen->end()) {
        problem(place("advertised.listeners") + a.name + " is not a name in listeners");
      } else if (is_wildcard(a.at.host)) {
        problem(place("advertised.listeners") + "clients cannot connect to '" + a.at.host +
                "'; name the host");
      }
    }
    for (const NamedEndpoint& l : *listen) {
      const auto a = std::ranges::find(*advertise, l.name, &NamedEndpoint::name);
      loaded_.advertised.push_back(a != advertise->end() ? *a : l);
      os::Endpoint& at = loaded_.advertised.back().at;
      if (is_wildcard(at.host)) at.host = sources_.host_name;
      if (!is_loopback(l.at.host)) {
        note(place("listeners") + "'" + l.at.host +
             "' is open to the network, without TLS and authentication");
      }
    }
    loaded_.listeners = *std::move(listen);
    if (loaded_.options.http.listener.empty()) return;
    auto http = parse_endpoint(loaded_.options.http.listener);
    if (!http) return problem(place("http.listener") + http.error().detail);
    loaded_.http = *std::move(http);
  }

  /// A name that promises TLS or SASL must not become a plain socket.
  void check_protocols(const std::vector<NamedEndpoint>& listen) {
    std::map<std::string, std::string, std::less<>> protocols{{"PLAINTEXT", "PLAINTEXT"}};
    for (const std::string& pair : loaded_.options.listeners.protocols) {
      const std::size_t colon = pair.find(':');
      if (colon == pair.npos) {
        problem(place("listener.security.protocol.map") + "'" + pair + "' is not NAME:PROTOCOL");
      } else {
        protocols[pair.substr(0, colon)] = pair.substr(colon + 1);
      }
    }
    for (const NamedEndpoint& l : listen) {
      const auto it = protocols.find(l.name);
      if (it == protocols.end()) {
        problem(place("listeners") + "the listener name " + l.name + " has no protocol; add " + l.name +
                ":PLAINTEXT to listener.security.protocol.map");
      } else if (it->second != "PLAINTEXT") {
        problem(place("listener.security.protocol.map") + it->second + " is not there yet; only PLAINTEXT");
      }
    }
  }

  void check_relations() {
    const ServeOptions& o = loaded_.options;
    if (o.data_dir.empty()) problem(place("log.dirs") + "a folder is needed");
    if (o.data_dir.contains(','))
      problem(place("log.dirs") + "one folder only; Ledge keeps one journal on one disk");
    if (o.topic.message_bytes_max > o.limit.request_bytes_max) {
      problem(place("message.max.bytes") +
              "larger than socket.request.max.bytes, so such a batch could never arrive");
    }
    if (o.limit.request_bytes_max > o.limit.request_memory_bytes &&
        loaded_.origins.contains("queued.max.request.bytes")) {
      note(place("queued.max.request.bytes") +
           "smaller than socket.request.max.bytes: a larger request is received alone");
    }
  }

  const Sources& sources_;
  const declare::OptionRows rows_ = serve_option_rows();
  Loaded loaded_;
  std::map<std::string_view, std::string> places_;
};

}  // namespace

Loaded load(const Sources& sources) { return Loader{sources}.load(); }

}  // namespace ledge::config
