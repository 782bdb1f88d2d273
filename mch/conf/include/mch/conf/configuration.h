// Configuration in nginx's language. Every directive is declared in code by its owner; what is not
// declared, stands in the wrong block, has the wrong arguments or is repeated by mistake is refused
// as "file:line: message".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mch/base/result.h"

namespace mch::conf {

// Where a directive may stand; a bit set. A module's block is kAnlan.
enum Context : unsigned {
    kMain = 1u << 0,
    kEvents = 1u << 1,
    kHttp = 1u << 2,
    kServer = 1u << 3,
    kLocation = 1u << 4,
    kDatabase = 1u << 5,
    kAnlan = 1u << 6,  // the block of the platform's modules
    kTypes = 1u << 7,  // MIME types: any name
    kStream = 1u << 8,
    kUpstream = 1u << 9,
};

enum class ArgKind {
    kText,
    kFlag,      // on | off
    kInteger,   // with min and max
    kSize,      // 16k 1m 2g -> bytes
    kDuration,  // 500ms 30s 5m 4h 7d -> milliseconds
    kEnum,      // one of `allowed`
};

enum class Repeat { kOnce, kMany };

struct DirectiveSpec {
    std::string name;
    unsigned contexts = kMain;
    ArgKind kind = ArgKind::kText;
    int min_args = 1;
    int max_args = 1;                // -1: any number
    std::string default_value = {};  // for the reference page; "" = none
    std::string description = {};    // one English sentence
    Context block = Context{};       // when set, the directive opens a block of that context
    Repeat repeat = Repeat::kOnce;
    std::vector<std::string> allowed = {};  // kEnum
    std::int64_t min = 0;
    std::int64_t max = INT64_MAX;
    // Further check of the arguments: an English sentence when wrong, else "".
    std::function<std::string(const std::vector<std::string>& args)> check = {};
};

// One directive as written. Blocks hold their children in order.
struct Directive {
    std::string name;
    std::vector<std::string> args;
    std::string file;
    int line = 0;
    std::vector<Directive> children;

    // First child of that name, or nullptr.
    const Directive* Find(std::string_view child) const;
    std::vector<const Directive*> FindAll(std::string_view child) const;

    // Typed reading of a child's first argument, or the fallback when it is absent. The text was
    // checked at parse time.
    std::string Text(std::string_view child, std::string_view fallback = {}) const;
    bool Flag(std::string_view child, bool fallback) const;
    std::int64_t Integer(std::string_view child, std::int64_t fallback) const;
    std::int64_t Size(std::string_view child, std::int64_t fallback) const;      // bytes
    std::int64_t Duration(std::string_view child, std::int64_t fallback) const;  // milliseconds
    // "file:line"
    std::string Where() const;
};

class Registry {
  public:
    // Two declarations of one name in one context are a bug of ours (assert).
    void Add(DirectiveSpec spec);
    const DirectiveSpec* Find(std::string_view name, Context context) const;
    // Near-miss for the error message: the declared name closest to `name` in `context`, or "".
    std::string Suggest(std::string_view name, Context context) const;
    const std::vector<DirectiveSpec>& specs() const { return specs_; }
    // The reference page (Markdown) made from the declarations.
    std::string ToMarkdown() const;

  private:
    std::vector<DirectiveSpec> specs_;
};

// Reads `file` with its includes (globs, relative to the file's folder) and checks it against the
// registry. `prefix_directives` is the text of -g, parsed in main context first.
// Error: conf.invalid, whose detail is "file:line: message".
Result<Directive> Load(const Registry& registry, const std::string& file,
                       const std::string& extra_directives = {});
// The same for text (tests, fuzzing); includes are refused when `allow_include` is false.
Result<Directive> Parse(const Registry& registry, std::string_view text, const std::string& name,
                        bool allow_include = false);
// The whole configuration as -T prints it: each file with its text.
Result<std::string> Dump(const Registry& registry, const std::string& file);

std::optional<std::int64_t> ParseSize(std::string_view text);
std::optional<std::int64_t> ParseDuration(std::string_view text);

}  // namespace mch::conf
