#include "modules/asset/app/import_command.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "modules/asset/domain/csv.h"

namespace anlan::asset {
namespace {

constexpr std::string_view kUsage =
    "anlan import assets FILE --map FIELD=COLUMN,... [--source NAME] [--crs wgs84|gcj02|bd09]\n"
    "        [--sector CODE] [--type CODE] [--organisation NAME] [--name-pattern TEXT] "
    "[--dry-run]\n"
    "        fields: asset_no, longitude, latitude, name, address, ext.NAME";

// Chinese first: only a shell that says English gets English.
std::string_view ShellLanguage() {
    for (const char* name : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        const char* value = std::getenv(name);
        if (value == nullptr || *value == '\0') continue;
        return std::string_view(value).starts_with("en") ? mch::Catalogue::kEnglish
                                                         : mch::Catalogue::kChinese;
    }
    return mch::Catalogue::kChinese;
}

// The file as it was, each bad row with its line and what is wrong: to be mended and given again.
mch::Result<std::string> WriteRejected(mch::app::Runtime& runtime, const mch::Catalogue& messages,
                                       const ImportOptions& options, const ImportReport& report) {
    const std::string folder = runtime.var_folder() + "/import";
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const std::string path = fmt::format("{}/{}.rejected.csv", folder,
                                         std::filesystem::path(options.file).stem().string());
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    std::vector<std::string> cells = report.header;
    cells.emplace_back("line");
    cells.emplace_back("reason");
    out << "\xef\xbb\xbf" << CsvLine(cells);
    for (const Rejection& rejection : report.rejected) {
        cells = rejection.cells;
        cells.resize(report.header.size());
        cells.push_back(std::to_string(rejection.line));
        cells.push_back(
            messages.Text(ShellLanguage(), rejection.reason.code(), rejection.reason.params()));
        out << CsvLine(cells);
    }
    out.close();
    if (!out) return mch::Invalid("asset.import.file", path).With("file", path);
    return path;
}

mch::Result<int> RunImport(mch::app::Runtime& runtime, const mch::Catalogue& messages,
                           AssetImport& import, const std::vector<std::string>& args) {
    MCH_TRY(const ImportOptions options, ParseImportOptions(args));
    const auto report = import.Run(options);
    if (!report) {
        fmt::print(stderr, "{}\n",
                   messages.Text(ShellLanguage(), report.error().code(), report.error().params()));
        return report.error();
    }
    const auto say = [&](std::string_view code, mch::ErrorParams params) {
        fmt::print("{}\n", messages.Text(ShellLanguage(), code, params));
    };
    say(options.dry_run ? "asset.import.tried" : "asset.import.done",
        {{"rows", std::to_string(report->rows)},
         {"added", std::to_string(report->added)},
         {"changed", std::to_string(report->changed)},
         {"unchanged", std::to_string(report->unchanged)},
         {"rejected", std::to_string(report->rejected.size())}});
    for (const auto& [region, count] : report->by_region) fmt::print("  {}  {}\n", region, count);
    say("asset.import.unconfirmed", {{"count", std::to_string(report->unconfirmed)}});
    if (report->rejected.empty()) return 0;
    MCH_TRY(const std::string path, WriteRejected(runtime, messages, options, *report));
    say("asset.import.rejected_file", {{"path", path}});
    return 0;
}

}  // namespace

mch::Result<ImportOptions> ParseImportOptions(const std::vector<std::string>& args) {
    ImportOptions options;
    const std::pair<std::string_view, std::string*> switches[] = {
        {"--map", &options.map},
        {"--source", &options.source},
        {"--crs", &options.crs},
        {"--sector", &options.sector},
        {"--type", &options.type},
        {"--organisation", &options.organisation},
        {"--name-pattern", &options.name_pattern},
    };
    const auto bad = [](const std::string& word) {
        return mch::Invalid("command.usage", fmt::format("{}\nusage: {}", word, kUsage));
    };
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--dry-run") {
            options.dry_run = true;
            continue;
        }
        std::string* value = nullptr;
        for (const auto& [name, target] : switches)
            if (args[i] == name) value = target;
        if (value == nullptr && (args[i].starts_with("--") || !options.file.empty()))
            return bad("unknown: " + args[i]);
        if (value == nullptr) {
            options.file = args[i];
            continue;
        }
        if (++i >= args.size()) return bad(args[i - 1] + " needs a value");
        *value = args[i];
    }
    if (options.file.empty()) return bad("FILE is missing");
    if (options.map.empty()) return bad("--map is missing");
    return options;
}

void AddImportCommand(mch::app::ModuleContext& context, std::shared_ptr<AssetImport> import) {
    mch::app::Runtime& runtime = context.runtime;
    const mch::Catalogue& messages = context.messages;
    context.commands.push_back(
        {.name = "import assets",
         .usage = std::string(kUsage),
         .summary = "Read assets from a CSV file; bad rows go to var/import with their reasons",
         .run = [&runtime, &messages, import](const std::vector<std::string>& args) {
             return RunImport(runtime, messages, *import, args);
         }});
}

}  // namespace anlan::asset
