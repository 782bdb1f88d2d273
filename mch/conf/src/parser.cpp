#include <fmt/format.h>
#include <glob.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "lexer.h"
#include "mch/base/text.h"
#include "mch/conf/configuration.h"

namespace mch::conf {

std::string ContextNames(unsigned contexts);

namespace {

constexpr int kMaxDepth = 32;         // of nested blocks
constexpr int kMaxIncludeDepth = 16;  // ends a file that includes itself
constexpr std::size_t kMaxFile = 16 * 1024 * 1024;

// What is wrong with one argument of the spec's kind, or "".
std::string CheckArgument(const DirectiveSpec& spec, const std::string& arg) {
    std::optional<std::int64_t> number;
    switch (spec.kind) {
        case ArgKind::kText:
            return {};
        case ArgKind::kFlag:
            return arg == "on" || arg == "off" ? ""
                                               : fmt::format(
                                                     "invalid value \"{}\" in \"{}\" directive, it "
                                                     "must be \"on\" or \"off\"",
                                                     arg, spec.name);
        case ArgKind::kEnum:
            if (std::find(spec.allowed.begin(), spec.allowed.end(), arg) != spec.allowed.end())
                return {};
            return fmt::format("invalid value \"{}\" in \"{}\" directive, it must be one of: {}",
                               arg, spec.name, fmt::join(spec.allowed, ", "));
        case ArgKind::kInteger:
            number = text::ParseInt(arg);
            if (!number)
                return fmt::format("invalid number \"{}\" in \"{}\" directive", arg, spec.name);
            break;
        case ArgKind::kSize:
            number = ParseSize(arg);
            if (!number) {
                return fmt::format(
                    "invalid size \"{}\" in \"{}\" directive, write for example 16k or 2m", arg,
                    spec.name);
            }
            break;
        case ArgKind::kDuration:
            number = ParseDuration(arg);
            if (!number) {
                return fmt::format(
                    "invalid time \"{}\" in \"{}\" directive, write for example 500ms, 30s or 5m",
                    arg, spec.name);
            }
            break;
    }
    if (*number < spec.min || *number > spec.max) {
        return spec.max == INT64_MAX
                   ? fmt::format("\"{}\" in \"{}\" directive is below {}", arg, spec.name, spec.min)
                   : fmt::format("\"{}\" in \"{}\" directive is not between {} and {}", arg,
                                 spec.name, spec.min, spec.max);
    }
    return {};
}

std::string CheckDirective(const DirectiveSpec& spec, const std::vector<std::string>& args) {
    const int count = static_cast<int>(args.size());
    if (count < spec.min_args || (spec.max_args >= 0 && count > spec.max_args)) {
        const std::string wanted = spec.max_args < 0 ? fmt::format("at least {}", spec.min_args)
                                   : spec.min_args == spec.max_args
                                       ? fmt::format("{}", spec.min_args)
                                       : fmt::format("{} to {}", spec.min_args, spec.max_args);
        return fmt::format("invalid number of arguments in \"{}\" directive: it takes {}, not {}",
                           spec.name, wanted, count);
    }
    for (const auto& arg : args) {
        if (std::string wrong = CheckArgument(spec, arg); !wrong.empty()) return wrong;
    }
    return spec.check ? spec.check(args) : std::string{};
}

Result<std::string> ReadText(const std::string& path) {
    struct stat status{};
    errno = 0;
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return Invalid("conf.invalid",
                       fmt::format("\"{}\" cannot be read: {}", path,
                                   errno != 0 ? std::strerror(errno) : "not a file"));
    }
    if (static_cast<std::size_t>(status.st_size) > kMaxFile) {
        return Invalid("conf.invalid", fmt::format("\"{}\" is larger than 16m", path));
    }
    std::ifstream in(path, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if (!in.good() && !in.eof()) {
        return Invalid("conf.invalid",
                       fmt::format("\"{}\" cannot be read: {}", path, std::strerror(errno)));
    }
    return bytes;
}

class Parser {
  public:
    Parser(const Registry& registry, std::string base_folder, bool allow_include)
        : registry_(registry),
          base_folder_(std::move(base_folder)),
          allow_include_(allow_include) {}

    Result<void> ParseFile(const std::string& path, Directive& into, Context context, int depth) {
        MCH_TRY(std::string text, ReadText(path));
        const bool seen = std::any_of(files_.begin(), files_.end(),
                                      [&](const auto& file) { return file.first == path; });
        if (!seen) files_.emplace_back(path, text);
        return ParseText(text, path, into, context, depth);
    }

    Result<void> ParseText(std::string_view text, const std::string& file, Directive& into,
                           Context context, int depth) {
        Lexer lexer(text, file);
        return ParseBlock(lexer, file, into, context, depth, /*nested=*/false);
    }

    const std::vector<std::pair<std::string, std::string>>& files() const { return files_; }

  private:
    // Directives up to the "}" of a nested block, or to the end of the file.
    Result<void> ParseBlock(Lexer& lexer, const std::string& file, Directive& into, Context context,
                            int depth, bool nested) {
        while (true) {
            MCH_TRY(Token token, lexer.Next());
            switch (token.kind) {
                case Token::Kind::kEnd:
                    if (!nested) return {};
                    return InvalidAt(
                        file, token.line,
                        fmt::format("unexpected end of file, expecting \"}}\" of the block "
                                    "\"{}\" that line {} opens",
                                    into.name, into.line));
                case Token::Kind::kClose:
                    if (nested) return {};
                    return InvalidAt(file, token.line, "unexpected \"}\"");
                case Token::Kind::kSemicolon:
                    return InvalidAt(file, token.line, "unexpected \";\"");
                case Token::Kind::kOpen:
                    return InvalidAt(file, token.line, "unexpected \"{\"");
                case Token::Kind::kWord:
                    MCH_CHECK(ParseDirective(lexer, std::move(token), file, into, context, depth));
            }
        }
    }

    Result<void> ParseDirective(Lexer& lexer, Token name, const std::string& file, Directive& into,
                                Context context, int depth) {
        Directive directive;
        directive.name = std::move(name.text);
        directive.file = file;
        directive.line = name.line;
        bool opens = false;
        while (true) {
            MCH_TRY(Token token, lexer.Next());
            if (token.kind == Token::Kind::kWord) {
                directive.args.push_back(std::move(token.text));
                continue;
            }
            if (token.kind == Token::Kind::kSemicolon) break;
            if (token.kind == Token::Kind::kOpen) {
                opens = true;
                break;
            }
            return InvalidAt(file, token.line,
                             fmt::format("{}, \"{}\" of line {} is not terminated by \";\"",
                                         token.kind == Token::Kind::kEnd ? "unexpected end of file"
                                                                         : "unexpected \"}\"",
                                         directive.name, directive.line));
        }
        if (directive.name == "include") {
            return Include(directive, opens, into, context, depth);
        }
        const DirectiveSpec* spec = nullptr;
        if (context == kTypes) {
            if (opens || directive.args.empty()) {
                return InvalidAt(
                    file, directive.line,
                    fmt::format("\"{}\" must be followed by file name extensions and \";\"",
                                directive.name));
            }
        } else {
            MCH_CHECK(Judge(directive, opens, into, context, &spec));
        }
        if (opens) {
            if (depth + 1 > kMaxDepth)
                return InvalidAt(file, directive.line, "blocks are nested too deeply");
            MCH_CHECK(ParseBlock(lexer, file, directive, spec->block, depth + 1, /*nested=*/true));
        }
        into.children.push_back(std::move(directive));
        return {};
    }

    // The registry's verdict on a directive without its children.
    Result<void> Judge(const Directive& directive, bool opens, const Directive& into,
                       Context context, const DirectiveSpec** spec) {
        const auto bad = [&](std::string_view message) {
            return InvalidAt(directive.file, directive.line, message);
        };
        *spec = registry_.Find(directive.name, context);
        if (*spec == nullptr) return bad(Unknown(directive.name, context));
        const bool is_block = (*spec)->block != Context{};
        if (is_block && !opens)
            return bad(fmt::format("directive \"{}\" has no opening \"{{\"", directive.name));
        if (!is_block && opens) {
            return bad(fmt::format("directive \"{}\" is not terminated by \";\": it opens no block",
                                   directive.name));
        }
        if (std::string wrong = CheckDirective(**spec, directive.args); !wrong.empty())
            return bad(wrong);
        if ((*spec)->repeat == Repeat::kOnce) {
            if (const Directive* first = into.Find(directive.name); first != nullptr) {
                return bad(fmt::format("\"{}\" directive is duplicate, the first is at {}",
                                       directive.name, first->Where()));
            }
        }
        return {};
    }

    std::string Unknown(const std::string& name, Context context) const {
        unsigned allowed = 0;
        for (const auto& spec : registry_.specs()) {
            if (spec.name == name) allowed |= spec.contexts;
        }
        if (allowed != 0) {
            return fmt::format("\"{}\" directive is not allowed here, it may stand in: {}", name,
                               ContextNames(allowed));
        }
        const std::string near = registry_.Suggest(name, context);
        return near.empty()
                   ? fmt::format("unknown directive \"{}\"", name)
                   : fmt::format("unknown directive \"{}\", did you mean \"{}\"?", name, near);
    }

    Result<void> Include(const Directive& directive, bool opens, Directive& into, Context context,
                         int depth) {
        const auto bad = [&](std::string_view message) {
            return InvalidAt(directive.file, directive.line, message);
        };
        if (opens) return bad("directive \"include\" is not terminated by \";\"");
        if (directive.args.size() != 1) {
            return bad(fmt::format(
                "invalid number of arguments in \"include\" directive: it takes 1, not {}",
                directive.args.size()));
        }
        if (!allow_include_) return bad("\"include\" is not allowed here");
        if (include_depth_ == kMaxIncludeDepth) return bad("files include each other too deeply");
        std::string pattern = directive.args[0];
        if (!pattern.starts_with('/')) pattern = base_folder_ + "/" + pattern;
        std::vector<std::string> paths;
        if (pattern.find_first_of("*?[") == std::string::npos) {
            paths.push_back(pattern);
        } else {
            glob_t found{};
            // No match is no error: a folder of optional pieces may be empty.
            if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
                paths.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
            }
            ::globfree(&found);
        }
        ++include_depth_;
        for (const auto& path : paths) {
            const std::size_t known = files_.size();
            auto done = ParseFile(path, into, context, depth);
            if (!done) {
                // An unreadable file is the fault of the line that includes it.
                const bool unread =
                    files_.size() == known && !done.error().detail().starts_with(path + ":");
                return unread ? bad(done.error().detail()) : done.error();
            }
        }
        --include_depth_;
        return {};
    }

    const Registry& registry_;
    const std::string base_folder_;
    const bool allow_include_;
    int include_depth_ = 0;
    std::vector<std::pair<std::string, std::string>> files_;
};

std::string FolderOf(const std::string& file) {
    const auto folder = std::filesystem::path(file).parent_path();
    return folder.empty() ? "." : folder.string();
}

}  // namespace

Result<Directive> Load(const Registry& registry, const std::string& file,
                       const std::string& extra_directives) {
    Directive root;
    root.file = file;
    Parser parser(registry, FolderOf(file), /*allow_include=*/true);
    MCH_CHECK(parser.ParseText(extra_directives, "command line", root, kMain, 0));
    MCH_CHECK(parser.ParseFile(file, root, kMain, 0));
    return root;
}

Result<Directive> Parse(const Registry& registry, std::string_view text, const std::string& name,
                        bool allow_include) {
    Directive root;
    root.file = name;
    Parser parser(registry, FolderOf(name), allow_include);
    MCH_CHECK(parser.ParseText(text, name, root, kMain, 0));
    return root;
}

Result<std::string> Dump(const Registry& registry, const std::string& file) {
    Directive root;
    Parser parser(registry, FolderOf(file), /*allow_include=*/true);
    MCH_CHECK(parser.ParseFile(file, root, kMain, 0));
    std::string out;
    for (const auto& [path, text] : parser.files()) {
        out += fmt::format("# configuration file {}:\n{}", path, text);
        if (!text.ends_with('\n')) out += '\n';
        out += '\n';
    }
    return out;
}

}  // namespace mch::conf
