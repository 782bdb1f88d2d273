#include "binding.h"

#include "mch/base/text.h"

namespace mch::storage {
namespace {

constexpr std::size_t kFirstBytes = 256;  // longer texts take a second step
constexpr unsigned kBinaryCharset = 63;

// libmariadb takes parameters by pointers that are not const and does not write through them.
void* Pointer(const void* data) { return const_cast<void*>(data); }

}  // namespace

std::vector<MYSQL_BIND> BindParameters(const db::Params& params) {
    std::vector<MYSQL_BIND> binds(params.size(), MYSQL_BIND{});
    for (std::size_t i = 0; i < params.size(); ++i) {
        const auto& data = params[i].data();
        MYSQL_BIND& bind = binds[i];
        if (const auto* number = std::get_if<std::int64_t>(&data)) {
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = Pointer(number);
        } else if (const auto* real = std::get_if<double>(&data)) {
            bind.buffer_type = MYSQL_TYPE_DOUBLE;
            bind.buffer = Pointer(real);
        } else if (const auto* text = std::get_if<std::string>(&data)) {
            bind.buffer_type = MYSQL_TYPE_STRING;
            bind.buffer = Pointer(text->data());
            bind.buffer_length = text->size();
        } else if (const auto* blob = std::get_if<db::Blob>(&data)) {
            bind.buffer_type = MYSQL_TYPE_BLOB;
            bind.buffer = Pointer(blob->bytes.data());
            bind.buffer_length = blob->bytes.size();
        } else {
            bind.buffer_type = MYSQL_TYPE_NULL;
        }
    }
    return binds;
}

ColumnBuffers::Kind ColumnBuffers::KindOf(const MYSQL_FIELD& field) {
    switch (field.type) {
        case MYSQL_TYPE_TINY:
        case MYSQL_TYPE_SHORT:
        case MYSQL_TYPE_INT24:
        case MYSQL_TYPE_LONG:
        case MYSQL_TYPE_LONGLONG:
        case MYSQL_TYPE_YEAR:
            return Kind::kInteger;
        case MYSQL_TYPE_FLOAT:
        case MYSQL_TYPE_DOUBLE:
            return Kind::kReal;
        case MYSQL_TYPE_DECIMAL:
        case MYSQL_TYPE_NEWDECIMAL:
            return Kind::kDecimal;
        case MYSQL_TYPE_TINY_BLOB:
        case MYSQL_TYPE_MEDIUM_BLOB:
        case MYSQL_TYPE_LONG_BLOB:
        case MYSQL_TYPE_BLOB:
        case MYSQL_TYPE_STRING:
        case MYSQL_TYPE_VAR_STRING:
            return field.charsetnr == kBinaryCharset ? Kind::kBytes : Kind::kText;
        default:
            return Kind::kText;
    }
}

ColumnBuffers::ColumnBuffers(MYSQL_RES* metadata) {
    const unsigned count = mysql_num_fields(metadata);
    const MYSQL_FIELD* fields = mysql_fetch_fields(metadata);
    columns_.resize(count);
    binds_.assign(count, MYSQL_BIND{});
    for (unsigned i = 0; i < count; ++i) {
        Column& column = columns_[i];
        MYSQL_BIND& bind = binds_[i];
        column.kind = KindOf(fields[i]);
        bind.is_null = &column.is_null;
        bind.error = &column.error;
        bind.length = &column.length;
        if (column.kind == Kind::kInteger) {
            bind.buffer_type = MYSQL_TYPE_LONGLONG;
            bind.buffer = &column.integer;
        } else if (column.kind == Kind::kReal) {
            bind.buffer_type = MYSQL_TYPE_DOUBLE;
            bind.buffer = &column.real;
        } else {
            column.bytes.resize(kFirstBytes);
            bind.buffer_type = column.kind == Kind::kBytes ? MYSQL_TYPE_BLOB : MYSQL_TYPE_STRING;
            bind.buffer = column.bytes.data();
            bind.buffer_length = column.bytes.size();
        }
    }
}

bool ColumnBuffers::ReadBytes(MYSQL_STMT* statement, unsigned index, std::string& bytes) {
    const Column& column = columns_[index];
    if (column.length <= column.bytes.size()) {
        bytes = column.bytes.substr(0, column.length);
        return true;
    }
    bytes.resize(column.length);
    unsigned long length = 0;
    my_bool is_null = 0;
    my_bool error = 0;
    MYSQL_BIND bind = {};
    bind.buffer_type = binds_[index].buffer_type;
    bind.buffer = bytes.data();
    bind.buffer_length = bytes.size();
    bind.length = &length;
    bind.is_null = &is_null;
    bind.error = &error;
    return mysql_stmt_fetch_column(statement, &bind, index, 0) == 0;
}

bool ColumnBuffers::Read(MYSQL_STMT* statement, std::vector<db::Value>& values) {
    values.clear();
    values.reserve(columns_.size());
    for (unsigned i = 0; i < columns_.size(); ++i) {
        const Column& column = columns_[i];
        if (column.is_null) {
            values.emplace_back();
        } else if (column.kind == Kind::kInteger) {
            values.emplace_back(column.integer);
        } else if (column.kind == Kind::kReal) {
            values.emplace_back(column.real);
        } else {
            std::string bytes;
            if (!ReadBytes(statement, i, bytes)) return false;
            if (column.kind == Kind::kBytes) {
                values.emplace_back(db::Blob{std::move(bytes)});
            } else if (column.kind == Kind::kText) {
                values.emplace_back(std::move(bytes));
            } else if (const auto whole = text::ParseInt(bytes)) {
                // SUM() of integers is a DECIMAL; SQLite gives an integer.
                values.emplace_back(*whole);
            } else {
                values.emplace_back(text::ParseDouble(bytes).value_or(0));
            }
        }
    }
    return true;
}

}  // namespace mch::storage
