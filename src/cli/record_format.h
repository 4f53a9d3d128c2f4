// SPDX-License-Identifier: Apache-2.0
// How `ledge consume` writes a record: kcat's %-language, or its JSON envelope.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/kafka/record_batch.h"

namespace ledge::cli {

/// A format that was checked and whose escapes are resolved.
class RecordFormat {
 public:
  /// %t topic, %p partition, %o offset, %T timestamp (ms), %k key, %s value, %K and %S their sizes (-1:
  /// null), %h headers as key=value,..., %n a new line, %% a percent sign; \n \t \r \0 \\ \xHH.
  static Result<RecordFormat> parse(std::string_view text);

  void append(std::string& out, std::string_view topic, std::int32_t partition,
              const kafka::RecordView& record) const;

 private:
  struct Part {
    char verb = 0;  // 0: text
    std::string text;
  };
  std::vector<Part> parts_;
};

/// One JSON object and a new line; keys and names as kcat -J writes them.
void append_record_json(std::string& out, std::string_view topic, std::int32_t partition,
                        bool log_append_time, const kafka::RecordView& record);

}  // namespace ledge::cli
