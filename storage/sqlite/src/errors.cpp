#include "errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "mch/base/text.h"

namespace mch::storage {
namespace {

struct Columns {
    std::string table;
    std::vector<std::string> names;
};

// "UNIQUE constraint failed: asset.code, asset.region_id"
Columns ParseColumns(std::string_view list) {
    Columns columns;
    for (const std::string_view item : text::Split(list, ',')) {
        const std::string_view name = text::Trim(item);
        const std::size_t dot = name.find('.');
        if (dot == std::string_view::npos) continue;
        columns.table = name.substr(0, dot);
        columns.names.emplace_back(name.substr(dot + 1));
    }
    return columns;
}

// First column of each row of a query with one text parameter. An error ends the list: the caller
// then names the columns instead of the index.
std::vector<std::string> Texts(sqlite3* handle, const char* sql, const std::string& parameter) {
    std::vector<std::string> texts;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr) != SQLITE_OK) return texts;
    sqlite3_bind_text(statement, 1, parameter.data(), static_cast<int>(parameter.size()),
                      SQLITE_STATIC);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
        texts.emplace_back(value == nullptr ? "" : value);
    }
    sqlite3_finalize(statement);
    return texts;
}

std::string UniqueIndexOf(sqlite3* handle, const Columns& columns) {
    std::vector<std::string> wanted = columns.names;
    std::sort(wanted.begin(), wanted.end());
    for (const std::string& index :
         Texts(handle, "SELECT name FROM pragma_index_list(?) WHERE \"unique\" AND origin = 'c'",
               columns.table)) {
        auto covered = Texts(handle, "SELECT name FROM pragma_index_info(?)", index);
        std::sort(covered.begin(), covered.end());
        if (covered == wanted) return index;
    }
    std::string joined;
    for (const std::string& name : columns.names) joined += (joined.empty() ? "" : "_") + name;
    return joined;
}

Error UniqueError(sqlite3* handle, int code, std::string message) {
    constexpr std::string_view kIndex = "index '";
    const std::size_t colon = message.find(": ");
    const std::string_view what =
        colon == std::string::npos ? message : std::string_view(message).substr(colon + 2);
    Columns columns;
    std::string constraint;
    if (what.starts_with(kIndex)) {  // an index over an expression
        constraint = what.substr(kIndex.size(), what.size() - kIndex.size() - 1);
    } else {
        columns = ParseColumns(what);
        constraint = code == SQLITE_CONSTRAINT_UNIQUE ? UniqueIndexOf(handle, columns) : "PRIMARY";
    }
    return Conflict("db.unique", std::move(message))
        .With("constraint", std::move(constraint))
        .With("table", std::move(columns.table));
}

}  // namespace

Error SqliteError(sqlite3* handle, int code, std::string_view sql) {
    const std::string message = sqlite3_errmsg(handle);
    switch (code) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
            return UniqueError(handle, code, message);
        case SQLITE_CONSTRAINT_FOREIGNKEY:
            return Conflict("db.reference", message);
        case SQLITE_CONSTRAINT_TRIGGER:
            return Conflict("db.refused", message);
        default:
            break;
    }
    const std::string detail = fmt::format("{} ({}): {}", message, code, sql.substr(0, 200));
    switch (code & 0xff) {
        case SQLITE_CONSTRAINT:
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH:
            return Internal("db.check", detail);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return Error(ErrorKind::kUnavailable, "db.busy", detail);
        case SQLITE_INTERRUPT:
            return Error(ErrorKind::kTimeout, "db.timeout", detail);
        case SQLITE_FULL:
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_NOMEM:
            return Error(ErrorKind::kUnavailable, "db.unavailable", detail);
        default:
            return Internal("db.failed", detail);
    }
}

}  // namespace mch::storage
