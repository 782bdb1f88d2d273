#include "mch/base/ids.h"

#include "mch/base/crypto.h"
#include "mch/base/text.h"

namespace mch {
namespace {

constexpr TimeMs kEpoch = 1'577'836'800'000;  // 2020-01-01T00:00:00Z: 41 bits last until 2089
constexpr int kSlotBits = 10;
constexpr int kCounterBits = 12;

}  // namespace

IdGenerator::IdGenerator(const Clock& clock, int slot) : clock_(clock), slot_(slot) {
    MCH_ASSERT(slot >= 0 && slot < (1 << kSlotBits));
}

Id IdGenerator::Next() {
    const std::lock_guard lock(mutex_);
    const TimeMs now = clock_.Now() - kEpoch;
    if (now > last_ms_) {
        last_ms_ = now;
        counter_ = 0;
    } else if (++counter_ >= (1 << kCounterBits)) {
        // More than 4,096 ids in a millisecond, or a clock that stands or stepped back: borrow
        // from the future rather than wait; the slot belongs to this process alone.
        ++last_ms_;
        counter_ = 0;
    }
    return (last_ms_ << (kSlotBits + kCounterBits)) | (slot_ << kCounterBits) | counter_;
}

TimeMs TimeOfId(Id id) { return (id >> (kSlotBits + kCounterBits)) + kEpoch; }

std::string FormatId(Id id) { return std::to_string(id); }

Result<Id> ParseId(std::string_view text) {
    const auto value = text::ParseInt(text);
    if (!value || *value <= 0 || text.front() == '0') return Invalid("id.invalid");
    return *value;
}

std::string RandomUuid() {
    std::string bytes = crypto::RandomBytes(16);
    bytes[6] = static_cast<char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<char>((bytes[8] & 0x3f) | 0x80);
    std::string out = text::ToHex(bytes);
    for (const std::size_t at : {8u, 13u, 18u, 23u}) out.insert(at, 1, '-');
    return out;
}

bool IsUuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (i == 8 || i == 13 || i == 18 || i == 23) {
            if (c != '-') return false;
        } else if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) {
            return false;
        }
    }
    return true;
}

}  // namespace mch
