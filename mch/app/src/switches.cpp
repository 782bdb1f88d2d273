#include "switches.h"

#include <fmt/format.h>

#include <filesystem>

namespace mch::app {
namespace {

Error BadSwitch(std::string sentence) { return Invalid("command.switch", std::move(sentence)); }

}  // namespace

Result<Switches> ParseSwitches(int argc, const char* const* argv,
                               std::string_view default_configuration) {
    Switches out;
    out.configuration = default_configuration;
    int at = 1;
    for (; at < argc && argv[at][0] == '-'; ++at) {
        std::string_view letters(argv[at] + 1);
        if (letters == "-") {
            ++at;
            break;
        }
        if (letters == "-help" || letters == "-version") letters = letters.substr(1, 1);
        if (letters.empty()) return BadSwitch("invalid option: \"-\"");
        while (!letters.empty()) {
            const char letter = letters.front();
            letters.remove_prefix(1);
            std::string* value = nullptr;
            switch (letter) {
                case 'p':
                    value = &out.prefix;
                    break;
                case 'c':
                    value = &out.configuration;
                    break;
                case 'e':
                    value = &out.error_log;
                    break;
                case 'g':
                    value = &out.directives;
                    break;
                case 's':
                    value = &out.signal;
                    break;
                case 't':
                    out.test = true;
                    break;
                case 'T':
                    out.test = out.dump = true;
                    break;
                case 'q':
                    out.quiet = true;
                    break;
                case 'v':
                    out.version = true;
                    break;
                case 'V':
                    out.version = out.build = true;
                    break;
                case 'h':
                case '?':
                    out.help = true;
                    break;
                default:
                    return BadSwitch(fmt::format("invalid option: \"{}\"", letter));
            }
            if (value == nullptr) continue;
            // "-c FILE" and "-cFILE", as nginx reads them.
            if (letters.empty() && ++at >= argc)
                return BadSwitch(fmt::format("option \"-{}\" requires a value", letter));
            *value = letters.empty() ? argv[at] : std::string(letters);
            letters = {};
        }
    }
    for (; at < argc; ++at) out.command.emplace_back(argv[at]);
    if (!out.signal.empty() && out.signal != "stop" && out.signal != "quit" &&
        out.signal != "reload" && out.signal != "reopen")
        return BadSwitch(fmt::format("invalid option: \"-s {}\"", out.signal));

    const std::string here = std::filesystem::current_path().string() + "/";
    const auto under = [](const std::string& folder, const std::string& path) {
        return path.starts_with('/') ? path : folder + path;
    };
    if (out.prefix.empty()) out.prefix = here;
    out.prefix = under(here, out.prefix);
    if (!out.prefix.ends_with('/')) out.prefix += '/';
    out.configuration = under(out.prefix, out.configuration);
    if (!out.error_log.empty() && out.error_log != "stderr")
        out.error_log = under(out.prefix, out.error_log);
    return out;
}

}  // namespace mch::app
