// SPDX-License-Identifier: Apache-2.0
#include "broker/memory.h"

namespace ledge::broker {

Charge::~Charge() {
  if (budget_) budget_->give_back(bytes_);
}

std::shared_ptr<Budget> Budget::make(os::Loop& loop, std::uint64_t bytes_max) {
  return std::shared_ptr<Budget>(new Budget(loop, bytes_max));
}

bool Budget::fits(std::uint64_t bytes) const {
  const std::uint64_t used = used_.load();
  return used == 0 || (bytes <= bytes_max_ && used <= bytes_max_ - bytes);
}

std::optional<Charge> Budget::take(std::uint64_t bytes) {
  if (!fits(bytes)) {
    wanted_.store(true);
    if (!fits(bytes))
      return std::nullopt;  // looked at again: a worker may have given back before it could see the wish
  }
  return take_anyway(bytes);
}

Charge Budget::take_anyway(std::uint64_t bytes) {
  used_.fetch_add(bytes);
  return {shared_from_this(), bytes};
}

void Budget::give_back(std::uint64_t bytes) {
  used_.fetch_sub(bytes);
  if (!wanted_.exchange(false)) return;
  loop_.post([weak = weak_from_this()] {
    if (auto self = weak.lock(); self && self->freed_) self->freed_();
  });
}

SharedBytes charged_buffer(std::size_t size, Charge charge) {
  struct Buffer {
    std::unique_ptr<std::uint8_t[]> bytes;
    Charge charge;
  };
  auto owner =
      std::make_shared<Buffer>(std::make_unique_for_overwrite<std::uint8_t[]>(size), std::move(charge));
  return {owner, {owner->bytes.get(), size}};
}

SharedBytes charged(SharedBytes bytes, Charge charge) {
  struct Held {
    SharedBytes bytes;
    Charge charge;
  };
  const MutableBytes view = bytes.mutable_view();
  return {std::make_shared<Held>(std::move(bytes), std::move(charge)), view};
}

}  // namespace ledge::broker
