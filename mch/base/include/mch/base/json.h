// JSON: a small immutable value tree for requests and configuration, and an appending writer.
//
// Parse() is strict (RFC 8259, UTF-8, depth 32, duplicate names refused); shape and limits of a
// request are checked by mch/base/schema.h, not by hand.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "mch/base/result.h"

namespace mch::json {

class Value;
using Array = std::vector<Value>;
// In order of appearance; objects of requests are small, so look-up is linear.
using Object = std::vector<std::pair<std::string, Value>>;

class Value {
  public:
    Value() = default;
    Value(std::nullptr_t) {}                               // NOLINT
    Value(bool v) : data_(v) {}                            // NOLINT
    Value(std::int64_t v) : data_(v) {}                    // NOLINT
    Value(int v) : data_(static_cast<std::int64_t>(v)) {}  // NOLINT
    Value(double v) : data_(v) {}                          // NOLINT
    Value(std::string v) : data_(std::move(v)) {}          // NOLINT
    Value(const char* v) : data_(std::string(v)) {}        // NOLINT
    Value(Array v) : data_(std::move(v)) {}                // NOLINT
    Value(Object v) : data_(std::move(v)) {}               // NOLINT

    bool IsNull() const { return std::holds_alternative<std::monostate>(data_); }
    bool IsBool() const { return std::holds_alternative<bool>(data_); }
    bool IsInt() const { return std::holds_alternative<std::int64_t>(data_); }
    bool IsNumber() const { return IsInt() || std::holds_alternative<double>(data_); }
    bool IsString() const { return std::holds_alternative<std::string>(data_); }
    bool IsArray() const { return std::holds_alternative<Array>(data_); }
    bool IsObject() const { return std::holds_alternative<Object>(data_); }

    // The kind must be right (assert): the schema has checked it.
    bool AsBool() const { return std::get<bool>(data_); }
    std::int64_t AsInt() const { return std::get<std::int64_t>(data_); }
    double AsDouble() const {
        return IsInt() ? static_cast<double>(AsInt()) : std::get<double>(data_);
    }
    const std::string& AsString() const { return std::get<std::string>(data_); }
    const Array& AsArray() const { return std::get<Array>(data_); }
    const Object& AsObject() const { return std::get<Object>(data_); }
    Array& AsArray() { return std::get<Array>(data_); }
    Object& AsObject() { return std::get<Object>(data_); }

    // Member of an object, or null when absent or not an object.
    const Value* Find(std::string_view name) const;
    bool Has(std::string_view name) const {
        const Value* v = Find(name);
        return v != nullptr && !v->IsNull();
    }
    // Member with a default for absent or null.
    std::string String(std::string_view name, std::string_view fallback = {}) const;
    std::int64_t Int(std::string_view name, std::int64_t fallback = 0) const;
    double Double(std::string_view name, double fallback = 0) const;
    bool Bool(std::string_view name, bool fallback = false) const;
    // An id member (text in JSON); 0 when absent.
    std::int64_t Id(std::string_view name) const;

    std::string ToString() const;

  private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> data_;
};

// Errors: json.syntax, json.too_deep, json.duplicate {name}, json.not_utf8.
Result<Value> Parse(std::string_view text);

// Appends JSON to a string. Names and values must come in a legal order (asserted in debug builds).
class Writer {
  public:
    Writer() = default;
    explicit Writer(std::size_t reserve) { out_.reserve(reserve); }

    Writer& BeginObject();
    Writer& EndObject();
    Writer& BeginArray();
    Writer& EndArray();
    Writer& Key(std::string_view name);
    Writer& String(std::string_view value);
    Writer& Int(std::int64_t value);
    Writer& Double(double value);
    Writer& Bool(bool value);
    Writer& Null();
    // An id as text; 0 becomes null.
    Writer& Id(std::int64_t value);
    // Text that is already JSON.
    Writer& Raw(std::string_view json);
    Writer& Write(const Value& value);

    // Key and value in one call.
    Writer& Field(std::string_view name, std::string_view value) { return Key(name).String(value); }
    Writer& Field(std::string_view name, const char* value) { return Key(name).String(value); }
    Writer& Field(std::string_view name, std::int64_t value) { return Key(name).Int(value); }
    Writer& Field(std::string_view name, int value) { return Key(name).Int(value); }
    Writer& Field(std::string_view name, double value) { return Key(name).Double(value); }
    Writer& Field(std::string_view name, bool value) { return Key(name).Bool(value); }
    Writer& IdField(std::string_view name, std::int64_t value) { return Key(name).Id(value); }
    // A *_at column: integer milliseconds, null when 0.
    Writer& TimeField(std::string_view name, std::int64_t at) {
        return at == 0 ? Key(name).Null() : Key(name).Int(at);
    }

    const std::string& str() const { return out_; }
    std::string Take() { return std::move(out_); }

  private:
    void Comma();
    std::string out_;
    bool need_comma_ = false;
};

// Appends text as a JSON string with quotes.
void AppendQuoted(std::string& out, std::string_view text);

}  // namespace mch::json
