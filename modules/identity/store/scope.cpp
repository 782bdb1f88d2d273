#include "modules/identity/api/scope.h"

#include <utility>
#include <vector>

namespace anlan::identity {

namespace {

using mch::http::ScopeGrant;
using mch::http::ScopeKind;

// Every path holds the ids of all ancestors and its own, so the id between slashes finds the
// subtree without knowing the path of its root.
std::string Subtree(mch::Id id) { return "%/" + mch::FormatId(id) + "/%"; }

class Builder {
  public:
    Builder(std::string_view alias, const ScopeColumns& columns)
        : prefix_(alias.empty() ? std::string() : std::string(alias) + "."), columns_(columns) {}

    void Add(const ScopeGrant& grant, mch::Id user_id) {
        switch (grant.kind) {
            case ScopeKind::kAll:
                everything_ = true;
                break;
            case ScopeKind::kRegionTree:
                if (grant.region_id != 0) Or(Region(grant.region_id));
                break;
            case ScopeKind::kSector: {
                if (grant.sector.empty()) break;
                SqlCondition both = Equal(columns_.sector, grant.sector);
                if (grant.region_id != 0) both = And(std::move(both), Region(grant.region_id));
                Or(std::move(both));
                break;
            }
            case ScopeKind::kOrganisationTree:
                if (grant.org_id != 0) Or(Organisation(grant.org_id));
                break;
            case ScopeKind::kOrganisation:
                if (grant.org_id != 0) Or(Equal(columns_.org_id, grant.org_id));
                break;
            case ScopeKind::kSelf:
                if (user_id != 0) Or(Equal(columns_.created_by, user_id));
                break;
        }
    }

    SqlCondition Take() {
        if (everything_) return {"(1 = 1)", {}};
        if (condition_.sql.empty()) return {"(1 = 0)", {}};
        return {"(" + condition_.sql + ")", std::move(condition_.params)};
    }

  private:
    // "" when the table has no such column.
    SqlCondition Equal(std::string_view column, mch::db::Value value) const {
        if (column.empty()) return {};
        return {prefix_ + std::string(column) + " = ?", {std::move(value)}};
    }
    SqlCondition Region(mch::Id id) const {
        if (columns_.region_id.empty()) return {};
        return {prefix_ + std::string(columns_.region_id) +
                    " IN (SELECT id FROM region_region WHERE path LIKE ?)",
                {Subtree(id)}};
    }
    SqlCondition Organisation(mch::Id id) const {
        if (columns_.org_id.empty()) return {};
        return {prefix_ + std::string(columns_.org_id) +
                    " IN (SELECT id FROM identity_org WHERE path LIKE ?)",
                {Subtree(id)}};
    }
    static SqlCondition And(SqlCondition a, SqlCondition b) {
        if (a.sql.empty() || b.sql.empty()) return {};
        a.params.insert(a.params.end(), b.params.begin(), b.params.end());
        return {"(" + a.sql + " AND " + b.sql + ")", std::move(a.params)};
    }
    void Or(SqlCondition more) {
        if (more.sql.empty()) return;
        if (!condition_.sql.empty()) condition_.sql += " OR ";
        condition_.sql += more.sql;
        condition_.params.insert(condition_.params.end(), more.params.begin(), more.params.end());
    }

    std::string prefix_;
    const ScopeColumns& columns_;
    SqlCondition condition_;
    bool everything_ = false;
};

}  // namespace

SqlCondition ScopePredicate(const mch::http::Principal& principal, std::string_view alias,
                            const ScopeColumns& columns) {
    Builder builder(alias, columns);
    for (const ScopeGrant& grant : principal.scopes) builder.Add(grant, principal.user_id);
    return builder.Take();
}

mch::Result<bool> InScope(mch::db::Reader& reader, const mch::http::Principal& principal,
                          const RowScope& row) {
    const SqlCondition scope = ScopePredicate(principal, "r");
    mch::db::Params params = {row.region_id, row.org_id, row.sector, row.created_by};
    params.insert(params.end(), scope.params.begin(), scope.params.end());
    const std::string sql =
        "SELECT 1\n"
        "FROM (SELECT ? AS region_id, ? AS org_id, ? AS sector, ? AS created_by) r\n"
        "WHERE " +
        scope.sql;
    MCH_TRY(const auto rows, reader.Query(sql, params));
    return !rows.empty();
}

}  // namespace anlan::identity
