// SPDX-License-Identifier: Apache-2.0
// How log lines look: readable on a terminal, one JSON object a line otherwise. Values are escaped and cut,
// so that no client can forge a line or fill the disk with one.
#pragma once

#include <string>

#include "base/log.h"
#include "base/time.h"

namespace ledge::app {

/// "2026-11-25T03:12:00.123Z INFO  ready  listeners=127.0.0.1:9092 held_back=3\n"
std::string log_text(const LogLine& line, WallMs now);
/// {"ts":"2026-11-25T03:12:00.123Z","level":"info","event":"ready","listeners":"127.0.0.1:9092","held_back":3}\n
std::string log_json(const LogLine& line, WallMs now);

/// RFC 3339 in UTC, with milliseconds.
std::string utc_text(WallMs at);

}  // namespace ledge::app
