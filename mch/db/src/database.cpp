#include "mch/db/database.h"

#include <fmt/format.h>

#include "mch/base/text.h"

namespace mch::db {
namespace {

template <typename... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <typename... F>
Overloaded(F...) -> Overloaded<F...>;

std::string Join(std::initializer_list<std::string_view> names) {
    std::string joined;
    for (const std::string_view name : names) {
        if (!joined.empty()) joined += ", ";
        joined += name;
    }
    return joined;
}

std::string Insert(std::string_view table, std::initializer_list<std::string_view> columns) {
    std::string sql = fmt::format("INSERT INTO {} ({}) VALUES (", table, Join(columns));
    for (std::size_t i = 0; i < columns.size(); ++i) sql += i == 0 ? "?" : ", ?";
    return sql + ")";
}

}  // namespace

std::int64_t Row::Int(std::size_t column) const {
    return std::visit(Overloaded{[](std::monostate) -> std::int64_t { return 0; },
                                 [](std::int64_t v) { return v; },
                                 [](double v) { return static_cast<std::int64_t>(v); },
                                 [](const std::string& v) { return text::ParseInt(v).value_or(0); },
                                 [](const Blob& v) { return text::ParseInt(v.bytes).value_or(0); }},
                      values_[column].data());
}

double Row::Double(std::size_t column) const {
    return std::visit(
        Overloaded{[](std::monostate) { return 0.0; },
                   [](std::int64_t v) { return static_cast<double>(v); },
                   [](double v) { return v; },
                   [](const std::string& v) { return text::ParseDouble(v).value_or(0.0); },
                   [](const Blob& v) { return text::ParseDouble(v.bytes).value_or(0.0); }},
        values_[column].data());
}

std::string Row::Text(std::size_t column) const {
    return std::visit(
        Overloaded{[](std::monostate) { return std::string(); },
                   [](std::int64_t v) { return std::to_string(v); },
                   [](double v) { return fmt::format("{}", v); },
                   [](const std::string& v) { return v; }, [](const Blob& v) { return v.bytes; }},
        values_[column].data());
}

std::string Row::Bytes(std::size_t column) const { return Text(column); }

std::string Dialect::InsertIgnore(std::string_view table,
                                  std::initializer_list<std::string_view> columns) const {
    std::string sql = Insert(table, columns);
    if (engine_ == Engine::kSqlite) return sql + " ON CONFLICT DO NOTHING";
    // With CLIENT_FOUND_ROWS the count is 1 whether or not the row existed, so the existing case
    // leaves a mark in the "last insert id", which the adapter turns into 0.
    const std::string_view first = *columns.begin();
    return sql +
           fmt::format(" ON DUPLICATE KEY UPDATE {0} = IF(LAST_INSERT_ID(1) = 1, {0}, {0})", first);
}

std::string Dialect::Upsert(std::string_view table, std::initializer_list<std::string_view> columns,
                            std::initializer_list<std::string_view> keys,
                            std::initializer_list<std::string_view> update) const {
    std::string sql = Insert(table, columns);
    sql += engine_ == Engine::kSqlite ? fmt::format(" ON CONFLICT ({}) DO UPDATE SET ", Join(keys))
                                      : " ON DUPLICATE KEY UPDATE ";
    bool first = true;
    for (const std::string_view column : update) {
        if (!first) sql += ", ";
        first = false;
        sql += engine_ == Engine::kSqlite ? fmt::format("{0} = excluded.{0}", column)
                                          : fmt::format("{0} = VALUES({0})", column);
    }
    return sql;
}

std::string Dialect::ForUpdate() const { return engine_ == Engine::kSqlite ? "" : " FOR UPDATE"; }

Result<Row> Reader::QueryOne(std::string_view sql, const Params& params,
                             std::string_view not_found) {
    MCH_TRY(Rows rows, Query(sql, params));
    if (rows.empty()) return NotFound(std::string(not_found));
    return std::move(rows.front());
}

}  // namespace mch::db
