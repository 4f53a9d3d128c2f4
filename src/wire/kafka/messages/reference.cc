// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"
#include "wire/kafka/messages/all.h"

namespace ledge::kafka {
namespace {

declare::Versions valid_versions(const Api& api) { return {api.min_version, api.max_version}; }

std::string flexible_text(const Api& api) {
  if (api.first_flexible == Api::kNeverFlexible) return "none";
  return std::to_string(api.first_flexible) + "+";
}

std::string_view type_name(MessageKind kind) {
  switch (kind) {
    case MessageKind::Request: return "request";
    case MessageKind::Response: return "response";
    case MessageKind::Header: return "header";
  }
  return {};
}

std::string heading(const MessageInfo& message) {
  const std::string name{message.declaration().name};
  const std::string versions = valid_versions(message.api).text();
  if (message.kind == MessageKind::Header) return "\n## " + name + " (versions " + versions + ")\n\n";
  std::string out;
  if (message.kind == MessageKind::Request) {
    out = "\n## " + std::string{message.api.name} + " (key " + std::to_string(message.api.key) +
          ", versions " + versions + ", flexible " + flexible_text(message.api) + ")\n";
  }
  return out + "\n### " + name + "\n\n";
}

}  // namespace

std::string wire_reference() {
  std::string out =
      "# Kafka messages\n\n"
      "Generated from the declarations in `src/wire/kafka/messages/`; `make docs` writes this page.\n\n"
      "Every message that Ledge can read and write, with the versions that Apache Kafka 4.2 serves. Fields "
      "stand in\n"
      "the order of the wire. A field is there in the versions named (*all* are those of the message). From "
      "the first\n"
      "flexible version on, lengths are compact and every struct ends in tagged fields; a field with a tag "
      "is written\n"
      "only if it differs from its default. What is declared here is not served by that alone: what a server "
      "serves is\n"
      "what it answers to ApiVersions.\n";
  for (const MessageInfo& message : all_messages()) {
    out += heading(message);
    if (message.declaration().fields.empty()) {
      out += "No fields.\n";
      continue;
    }
    declare::append_reference(out, message.declaration(), valid_versions(message.api));
  }
  return out;
}

std::string wire_definitions() {
  std::string out = "{";
  const char* between = "\n";
  for (const MessageInfo& message : all_messages()) {
    const std::string_view name = message.declaration().name;
    out += between;
    between = ",\n\n";
    append_json(out, name);
    out += ": {\"name\": " + json_string(name) + ", \"type\": " + json_string(type_name(message.kind));
    if (message.kind != MessageKind::Header) out += ", \"apiKey\": " + std::to_string(message.api.key);
    out += ", \"validVersions\": " + json_string(valid_versions(message.api).text());
    out += ", \"flexibleVersions\": " + json_string(flexible_text(message.api)) + ",\n\"fields\": ";
    declare::append_definition(out, message.declaration());
    out += "}";
  }
  return out + "\n}\n";
}

}  // namespace ledge::kafka
