#include "modules/hazard/store/case_list.h"

#include <algorithm>
#include <utility>

#include "modules/hazard/domain/moves.h"
#include "modules/hazard/store/case_store.h"

namespace anlan::hazard {
namespace {

using identity::SqlCondition;
using mch::db::Value;

void And(SqlCondition& where, std::string_view sql) {
    where.sql += " AND ";
    where.sql += sql;
}

void And(SqlCondition& where, std::string_view sql, Value value) {
    And(where, sql);
    where.params.push_back(std::move(value));
}

void And(SqlCondition& where, SqlCondition condition) {
    And(where, condition.sql);
    for (Value& value : condition.params) where.params.push_back(std::move(value));
}

// "%text%" with the wildcards of the text taken literally (ESCAPE '!').
std::string Containing(std::string_view text) {
    std::string pattern = "%";
    for (char c : text) {
        if (c == '%' || c == '_' || c == '!') pattern += '!';
        pattern += c;
    }
    return pattern + "%";
}

bool Contains(const std::vector<std::string>& list, std::string_view code) {
    return std::find(list.begin(), list.end(), code) != list.end();
}

// A guard about persons as a condition on the stored facts; it must say what BrokenGuard says (a
// test compares them). A column that is NULL belongs to nobody.
SqlCondition GuardSql(Guard guard, const mch::http::Principal& principal) {
    const Value user = principal.user_id;
    switch (guard) {
        case Guard::kIsReporter:
            return {"h.reporter_id = ?", {user}};
        case Guard::kNotReporter:
            return {"h.reporter_id <> ?", {user}};
        case Guard::kOfPrincipal:
            if (principal.org_id == 0) return {"1 = 0", {}};
            return {"h.principal_org_id = ?", {principal.org_id}};
        case Guard::kNotPlanAuthor:
            return {"(h.plan_author_id IS NULL OR h.plan_author_id <> ?)", {user}};
        case Guard::kNotRectifier:
            return {"(h.rectifier_id IS NULL OR h.rectifier_id <> ?)", {user}};
        case Guard::kNotVerifier:
            return {"(h.verifier_id IS NULL OR h.verifier_id <> ?)", {user}};
        case Guard::kRegulatorForOrdinary:
            if (Contains(principal.roles, "supervisor")) return {"1 = 1", {}};
            if (Contains(principal.roles, "regulator")) return {"h.hazard_grade = 'ordinary'", {}};
            return {"1 = 0", {}};
    }
    return {"1 = 0", {}};
}

SqlCondition Overdue(mch::TimeMs now) { return {"h.due_at < ?", {now}}; }

// Everything but state, todo and overdue, which the counts leave out for their groups.
SqlCondition BaseFilter(const mch::http::Principal& principal, const ListFilter& filter) {
    SqlCondition where = VisibleCases(principal);
    if (!filter.sector.empty()) And(where, "h.sector = ?", filter.sector);
    if (!filter.hazard_grade.empty()) And(where, "h.hazard_grade = ?", filter.hazard_grade);
    if (!filter.risk_grade.empty()) And(where, "h.risk_grade = ?", filter.risk_grade);
    if (filter.asset_id != 0) And(where, "h.asset_id = ?", filter.asset_id);
    if (filter.mine) And(where, "h.reporter_id = ?", principal.user_id);
    if (filter.region_id != 0) {
        // A subtree of regions is what a grant of it would give: the scope function says which
        // rows.
        mch::http::Principal subtree;
        subtree.scopes.push_back({mch::http::ScopeKind::kRegionTree, filter.region_id, 0, ""});
        And(where, identity::ScopePredicate(subtree, "h"));
    }
    if (!filter.text.empty()) {
        const std::string pattern = Containing(filter.text);
        And(where, {"(h.name LIKE ? ESCAPE '!' OR h.address LIKE ? ESCAPE '!'"
                    " OR h.hazard_no LIKE ? ESCAPE '!')",
                    {pattern, pattern, pattern}});
    }
    return where;
}

bool HasGroupFilter(const ListFilter& filter) {
    return !filter.state.empty() || filter.todo || filter.overdue;
}

void AddGroupFilter(SqlCondition& where, const mch::http::Principal& principal,
                    const ListFilter& filter, mch::TimeMs now) {
    if (!filter.state.empty()) And(where, "h.state = ?", filter.state);
    if (filter.todo) And(where, TodoCases(principal));
    if (filter.overdue) And(where, Overdue(now));
}

}  // namespace

SqlCondition TodoCases(const mch::http::Principal& principal) {
    SqlCondition any;
    for (const MoveRule& rule : MoveRules()) {
        if (MainMove(rule.from) != rule.move) continue;
        if (!Contains(principal.permissions, rule.permission)) continue;
        any.sql += any.sql.empty() ? "(h.state = ?" : " OR (h.state = ?";
        any.params.emplace_back(Code(rule.from));
        for (Guard guard : rule.guards) And(any, GuardSql(guard, principal));
        any.sql += ")";
    }
    if (any.sql.empty()) return {"(1 = 0)", {}};
    any.sql = "(" + any.sql + ")";
    return any;
}

SqlCondition ListQuery(const mch::http::Principal& principal, const ListFilter& filter,
                       const ListOrder& order, mch::TimeMs now) {
    SqlCondition query = BaseFilter(principal, filter);
    AddGroupFilter(query, principal, filter, now);
    // The only texts that depend on the request's sort: two columns and two directions.
    const std::string column = order.key == SortKey::kDueAt ? "h.due_at" : "h.reported_at";
    const std::string direction = order.descending ? " DESC" : " ASC";
    const std::string beyond = order.descending ? " < ?" : " > ?";
    if (order.after) {
        And(query, {column + (order.descending ? " <= ?" : " >= ?") + " AND (" + column + beyond +
                        " OR h.id" + beyond + ")",
                    {order.after->value, order.after->value, order.after->id}});
    }
    query.sql = "SELECT " + std::string(CaseColumns()) + " FROM hazard_case h WHERE " + query.sql +
                " ORDER BY " + column + direction + ", h.id" + direction + " LIMIT ?";
    query.params.emplace_back(order.limit + 1);
    return query;
}

mch::Result<std::vector<CaseRow>> ListCases(mch::db::Reader& reader,
                                            const mch::http::Principal& principal,
                                            const ListFilter& filter, const ListOrder& order,
                                            mch::TimeMs now) {
    const SqlCondition query = ListQuery(principal, filter, order, now);
    MCH_TRY(mch::db::Rows rows, reader.Query(query.sql, query.params));
    std::vector<CaseRow> cases;
    cases.reserve(rows.size());
    for (const mch::db::Row& row : rows) {
        MCH_TRY(CaseRow c, CaseFromRow(row));
        cases.push_back(std::move(c));
    }
    return cases;
}

mch::Result<CaseCounts> CountCases(mch::db::Reader& reader, const mch::http::Principal& principal,
                                   const ListFilter& filter, mch::TimeMs now) {
    const SqlCondition base = BaseFilter(principal, filter);
    const SqlCondition todo = TodoCases(principal);
    const SqlCondition overdue = Overdue(now);
    mch::db::Params params = todo.params;
    params.insert(params.end(), overdue.params.begin(), overdue.params.end());
    params.insert(params.end(), base.params.begin(), base.params.end());
    MCH_TRY(mch::db::Rows rows,
            reader.Query("SELECT h.state, COUNT(*), SUM(CASE WHEN " + todo.sql +
                             " THEN 1 ELSE 0 END), SUM(CASE WHEN " + overdue.sql +
                             " THEN 1 ELSE 0 END) FROM hazard_case h WHERE " + base.sql +
                             " GROUP BY h.state",
                         params));
    CaseCounts counts;
    for (std::string_view state : StateCodes()) counts.by_state[std::string(state)] = 0;
    for (const mch::db::Row& row : rows) {
        counts.by_state[row.Text(0)] = row.Int(1);
        counts.total += row.Int(1);
        counts.todo += row.Int(2);
        counts.overdue += row.Int(3);
    }
    if (HasGroupFilter(filter)) {
        SqlCondition all = base;
        AddGroupFilter(all, principal, filter, now);
        MCH_TRY(mch::db::Rows total,
                reader.Query("SELECT COUNT(*) FROM hazard_case h WHERE " + all.sql, all.params));
        counts.total = total.front().Int(0);
    }
    return counts;
}

}  // namespace anlan::hazard
