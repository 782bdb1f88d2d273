// Result<T>: a value or an Error. Ignoring one does not compile.
//
//   Result<Row> Find(Id id);
//   MCH_TRY(auto row, Find(id));   // declares row, or returns the error from this function
//   MCH_CHECK(Validate(row));      // for Result<void>
#pragma once

#include <cstdio>
#include <cstdlib>
#include <tl/expected.hpp>
#include <type_traits>
#include <utility>

#include "mch/base/error.h"

namespace mch {

// tl::expected with [[nodiscard]]; std::expected can replace it when the compiler has one.
template <typename T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
    using Base = tl::expected<T, Error>;

  public:
    using Base::Base;
    Result(Error error) : Base(tl::unexpect, std::move(error)) {}  // NOLINT: implicit by design
};

namespace internal {
template <typename T>
Error TakeError(Result<T>& result) {
    return std::move(result.error());
}
}  // namespace internal

}  // namespace mch

#define MCH_CONCAT_INNER(a, b) a##b
#define MCH_CONCAT(a, b) MCH_CONCAT_INNER(a, b)

#define MCH_TRY_INNER(result, declaration, ...)             \
    auto result = (__VA_ARGS__);                            \
    if (!result) return ::mch::internal::TakeError(result); \
    declaration = std::move(*result)

// MCH_TRY(declaration, expression returning Result<T>)
#define MCH_TRY(declaration, ...) \
    MCH_TRY_INNER(MCH_CONCAT(mch_try_, __COUNTER__), declaration, __VA_ARGS__)

// MCH_CHECK(expression returning Result<void>); a value is discarded.
#define MCH_CHECK(...) MCH_CHECK_INNER(MCH_CONCAT(mch_check_, __COUNTER__), __VA_ARGS__)
#define MCH_CHECK_INNER(result, ...)                            \
    do {                                                        \
        auto result = (__VA_ARGS__);                            \
        if (!result) return ::mch::internal::TakeError(result); \
    } while (false)

// For our own bugs only, never for input: prints the place and aborts, in release builds too.
#define MCH_ASSERT(condition)                                                                      \
    do {                                                                                           \
        if (!(condition)) [[unlikely]] {                                                           \
            std::fprintf(stderr, "%s:%d: assertion failed: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                          \
        }                                                                                          \
    } while (false)
