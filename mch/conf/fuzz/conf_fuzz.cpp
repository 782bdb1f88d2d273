// The configuration parser on any bytes, with a registry that has every kind of directive.
#include <cstdint>

#include "mch/conf/configuration.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mch::conf;
    static const Registry registry = [] {
        Registry r;
        r.Add({.name = "t",
               .contexts = kMain | kHttp,
               .min_args = 0,
               .max_args = -1,
               .repeat = Repeat::kMany});
        r.Add({.name = "flag", .kind = ArgKind::kFlag});
        r.Add({.name = "int", .kind = ArgKind::kInteger, .min = 1, .max = 9});
        r.Add({.name = "size", .kind = ArgKind::kSize, .repeat = Repeat::kMany});
        r.Add({.name = "time", .kind = ArgKind::kDuration, .repeat = Repeat::kMany});
        r.Add({.name = "enum", .kind = ArgKind::kEnum, .allowed = {"a", "b"}});
        r.Add({.name = "http",
               .contexts = kMain | kHttp,
               .min_args = 0,
               .max_args = 0,
               .block = kHttp,
               .repeat = Repeat::kMany});
        r.Add({.name = "types", .contexts = kHttp, .min_args = 0, .max_args = 0, .block = kTypes});
        return r;
    }();
    const auto root = Parse(registry, {reinterpret_cast<const char*>(data), size}, "fuzz");
    // What was accepted can be read back by type; what was refused says where.
    if (root) {
        (void)root->Size("size", 0);
        (void)root->Duration("time", 0);
    } else if (!root.error().detail().starts_with("fuzz:")) {
        __builtin_trap();
    }
    return 0;
}
