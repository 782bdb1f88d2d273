#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "mch/conf/configuration.h"

namespace mch::conf {
namespace {

struct ContextName {
    Context context;
    std::string_view name;
};

constexpr std::array<ContextName, 10> kContexts = {{{kMain, "main"},
                                                    {kEvents, "events"},
                                                    {kHttp, "http"},
                                                    {kServer, "server"},
                                                    {kLocation, "location"},
                                                    {kDatabase, "database"},
                                                    {kAnlan, "anlan"},
                                                    {kTypes, "types"},
                                                    {kStream, "stream"},
                                                    {kUpstream, "upstream"}}};

// Edits between two names, with a swap of neighbours as one edit; stops counting above 2.
std::size_t Distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
            }
        }
    }
    return d[a.size()][b.size()];
}

std::string Arguments(const DirectiveSpec& spec) {
    std::string text;
    switch (spec.kind) {
        case ArgKind::kText:
            text = "text";
            break;
        case ArgKind::kFlag:
            return "on \\| off";
        case ArgKind::kInteger:
            text = spec.max == INT64_MAX ? fmt::format("integer ≥ {}", spec.min)
                                         : fmt::format("integer {}–{}", spec.min, spec.max);
            break;
        case ArgKind::kSize:
            text = "size";
            break;
        case ArgKind::kDuration:
            text = "duration";
            break;
        case ArgKind::kEnum:
            text = fmt::format("{}", fmt::join(spec.allowed, " \\| "));
            break;
    }
    if (spec.max_args == 0) return "none";
    if (spec.max_args == -1) return fmt::format("{} × {} or more", text, spec.min_args);
    if (spec.min_args == spec.max_args) {
        return spec.min_args == 1 ? text : fmt::format("{} × {}", text, spec.min_args);
    }
    return fmt::format("{} × {}–{}", text, spec.min_args, spec.max_args);
}

}  // namespace

std::string ContextNames(unsigned contexts) {
    std::string out;
    for (const auto& known : kContexts) {
        if ((contexts & known.context) == 0) continue;
        if (!out.empty()) out += ", ";
        out += known.name;
    }
    return out;
}

void Registry::Add(DirectiveSpec spec) {
    for (const auto& other : specs_) {
        MCH_ASSERT(other.name != spec.name || (other.contexts & spec.contexts) == 0);
    }
    specs_.push_back(std::move(spec));
}

const DirectiveSpec* Registry::Find(std::string_view name, Context context) const {
    for (const auto& spec : specs_) {
        if (spec.name == name && (spec.contexts & context) != 0) return &spec;
    }
    return nullptr;
}

std::string Registry::Suggest(std::string_view name, Context context) const {
    // Short names need a closer match, or every three-letter word is a near miss.
    std::size_t best = name.size() <= 4 ? 2 : 3;
    std::string nearest;
    if (name.size() > 64) return nearest;
    for (const auto& spec : specs_) {
        if ((spec.contexts & context) == 0) continue;
        const std::size_t distance = Distance(name, spec.name);
        if (distance < best) {
            best = distance;
            nearest = spec.name;
        }
    }
    return nearest;
}

std::string Registry::ToMarkdown() const {
    std::string out =
        "# Configuration directives\n\n"
        "Made from the declarations in code by `conf reference`; do not edit.\n\n"
        "The language is nginx's: `name arguments;` and `name arguments { ... }`, `#` comments, "
        "quotes, `include` with globs relative to the folder of the configuration file.\n"
        "Sizes are bytes with `k`, `m`, `g`; durations are `500ms 30s 5m 4h 7d 2w` or a number of "
        "seconds, joined as in `1h30m`.\n";
    for (const auto& context : kContexts) {
        std::vector<const DirectiveSpec*> rows;
        for (const auto& spec : specs_) {
            if ((spec.contexts & context.context) != 0) rows.push_back(&spec);
        }
        if (rows.empty()) continue;
        std::sort(rows.begin(), rows.end(),
                  [](const DirectiveSpec* a, const DirectiveSpec* b) { return a->name < b->name; });
        out += fmt::format(
            "\n## {}\n\n| directive | arguments | default | repeats | meaning "
            "|\n|---|---|---|---|---|\n",
            context.name);
        for (const auto* spec : rows) {
            const std::string opens = spec->block == Context{} ? "" : " { … }";
            out +=
                fmt::format("| `{}`{} | {} | {} | {} | {} |\n", spec->name, opens, Arguments(*spec),
                            spec->default_value.empty() ? "" : "`" + spec->default_value + "`",
                            spec->repeat == Repeat::kMany ? "yes" : "", spec->description);
        }
    }
    return out;
}

}  // namespace mch::conf
