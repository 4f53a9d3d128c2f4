// SPDX-License-Identifier: Apache-2.0
// The only user of yaml-cpp: its event parser, which keeps line numbers and builds no tree that an input
// could blow up.
#include "config/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <istream>
#include <map>
#include <streambuf>

#include "base/limits.h"

namespace ledge::config {
namespace {

/// Thrown inside the parser's callbacks and caught in flatten_yaml.
struct Refused {
  int line;
  std::string why;
};

class Flattener : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& at) override {
    if (documents_++ > 0) refuse(at, "only one YAML document is read");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
    refuse_anchor(at, anchor);
    if (levels_.empty()) return;  // an empty file
    value(at, "", true);
  }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t) override { refuse(at, "aliases are not read"); }
  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    refuse_anchor(at, anchor);
    refuse_tag(at, tag);
    if (levels_.empty()) refuse(at, "expected \"key: value\"");
    value(at, text, tag == "?" && (text.empty() || text == "~" || text == "null"));
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    refuse_anchor(at, anchor);
    refuse_tag(at, tag);
    if (levels_.empty()) refuse(at, "expected \"key: value\", not a list");
    Level& level = levels_.back();
    if (level.list) refuse(at, "a list may hold plain values only");
    if (level.key.empty()) refuse(at, "a key has to be plain text");
    begin_entry(at);
    entries_.back().is_list = true;
    levels_.push_back({.prefix = {}, .key = {}, .list = true, .key_line = 0});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    refuse_anchor(at, anchor);
    refuse_tag(at, tag);
    if (levels_.empty()) {
      levels_.push_back({});
      return;
    }
    if (levels_.back().list) refuse(at, "a list may hold plain values only");
    if (levels_.back().key.empty()) refuse(at, "a key has to be plain text");
    if (static_cast<std::int64_t>(levels_.size()) > limits::config_depth_max) refuse(at, "nested too deep");
    levels_.push_back({.prefix = full_key() + ".", .key = {}, .list = false, .key_line = 0});
  }
  void OnMapEnd() override { close(); }

  std::vector<YamlEntry> take() { return std::move(entries_); }

 private:
  /// An open map or list. In a map, `key` is the key whose value is awaited; empty: a key is awaited.
  struct Level {
    std::string prefix;
    std::string key;
    bool list = false;
    int key_line = 0;  // from 0
  };

  [[noreturn]] static void refuse(const YAML::Mark& at, std::string why) {
    throw Refused{at.line + 1, std::move(why)};
  }
  static void refuse_anchor(const YAML::Mark& at, YAML::anchor_t anchor) {
    if (anchor != 0) refuse(at, "anchors are not read");
  }
  static void refuse_tag(const YAML::Mark& at, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(at, "tags are not read");
  }

  std::string full_key() const { return levels_.back().prefix + levels_.back().key; }

  void begin_entry(const YAML::Mark& at) {
    std::string key = full_key();
    const int line = at.line + 1;
    if (const auto [first, is_new] = lines_.emplace(key, line); !is_new) {
      refuse(at, key + " is given twice; first in line " + std::to_string(first->second));
    }
    entries_.push_back({.key = std::move(key), .values = {}, .is_list = false, .line = line});
  }

  void value(const YAML::Mark& at, const std::string& text, bool missing) {
    Level& level = levels_.back();
    if (level.list) {
      if (missing) refuse(at, entries_.back().key + " has an empty element");
      entries_.back().values.push_back(text);
    } else if (level.key.empty()) {
      if (text.empty()) refuse(at, "a key is empty");
      level.key = text;
      level.key_line = at.line;
    } else {
      if (missing)
        throw Refused{level.key_line + 1, full_key() + " has no value; write \"\" for an empty one"};
      begin_entry(at);
      entries_.back().values.push_back(text);
      level.key.clear();
    }
  }

  void close() {
    levels_.pop_back();
    if (!levels_.empty()) levels_.back().key.clear();
  }

  std::vector<YamlEntry> entries_;
  std::map<std::string, int> lines_;
  std::vector<Level> levels_;
  int documents_ = 0;
};

/// Reads from memory that is not copied.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT: the get area is never written to
    setg(begin, begin, begin + text.size());
  }
};

std::unexpected<Error> at_line(std::string_view name, int line, const std::string& why) {
  return fail(ErrorCode::BadOption, std::string{name} + ":" + std::to_string(line) + ": " + why);
}

}  // namespace

Result<std::vector<YamlEntry>> flatten_yaml(std::string_view text, std::string_view name) {
  if (text.size() > limits::config_file_bytes_max) {
    return fail(ErrorCode::BadOption, std::string{name} + ": larger than " +
                                          std::to_string(limits::config_file_bytes_max) + " bytes");
  }
  Flattener flattener;
  try {
    ViewBuffer buffer{text};
    std::istream in{&buffer};
    YAML::Parser parser{in};
    while (parser.HandleNextDocument(flattener)) {
    }
  } catch (const Refused& refused) {
    return at_line(name, refused.line, refused.why);
  } catch (const YAML::Exception& e) {
    return at_line(name, e.mark.line + 1, e.msg);
  } catch (const std::exception& e) {
    return at_line(name, 1, e.what());
  }
  return flattener.take();
}

}  // namespace ledge::config
