#include "mch/base/json.h"

#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <unordered_set>

#include "mch/base/text.h"

namespace mch::json {
namespace {

constexpr int kMaxDepth = 32;
// Objects below this size are checked for duplicate names pair by pair.
constexpr std::size_t kLinearNames = 16;

Result<Value> Convert(simdjson::dom::element element, int depth) {
    if (depth > kMaxDepth) return Invalid("json.too_deep", "more than 32 levels");
    switch (element.type()) {
        case simdjson::dom::element_type::NULL_VALUE:
            return Value();
        case simdjson::dom::element_type::BOOL:
            return Value(bool(element));
        case simdjson::dom::element_type::INT64:
            return Value(std::int64_t(element));
        case simdjson::dom::element_type::UINT64:
            // Above 2^63: only a double can hold it; no integer of ours is that large.
            return Value(static_cast<double>(std::uint64_t(element)));
        case simdjson::dom::element_type::DOUBLE:
            return Value(double(element));
        case simdjson::dom::element_type::STRING:
            return Value(std::string(std::string_view(element)));
        case simdjson::dom::element_type::ARRAY: {
            Array array;
            for (simdjson::dom::element item : simdjson::dom::array(element)) {
                MCH_TRY(Value value, Convert(item, depth + 1));
                array.push_back(std::move(value));
            }
            return Value(std::move(array));
        }
        case simdjson::dom::element_type::OBJECT: {
            Object object;
            std::unordered_set<std::string_view> seen;
            const simdjson::dom::object members(element);
            for (const auto member : members) {
                bool duplicate = false;
                if (members.size() <= kLinearNames) {
                    for (const auto& [name, unused] : object) duplicate |= name == member.key;
                } else {
                    duplicate = !seen.insert(member.key).second;
                }
                if (duplicate)
                    return Invalid("json.duplicate", std::string(member.key))
                        .With("name", std::string(member.key));
                MCH_TRY(Value value, Convert(member.value, depth + 1));
                object.emplace_back(std::string(member.key), std::move(value));
            }
            return Value(std::move(object));
        }
    }
    return Invalid("json.syntax");
}

}  // namespace

const Value* Value::Find(std::string_view name) const {
    if (!IsObject()) return nullptr;
    for (const auto& [key, value] : AsObject())
        if (key == name) return &value;
    return nullptr;
}

std::string Value::String(std::string_view name, std::string_view fallback) const {
    const Value* v = Find(name);
    return v != nullptr && v->IsString() ? v->AsString() : std::string(fallback);
}

std::int64_t Value::Int(std::string_view name, std::int64_t fallback) const {
    const Value* v = Find(name);
    return v != nullptr && v->IsInt() ? v->AsInt() : fallback;
}

double Value::Double(std::string_view name, double fallback) const {
    const Value* v = Find(name);
    return v != nullptr && v->IsNumber() ? v->AsDouble() : fallback;
}

bool Value::Bool(std::string_view name, bool fallback) const {
    const Value* v = Find(name);
    return v != nullptr && v->IsBool() ? v->AsBool() : fallback;
}

std::int64_t Value::Id(std::string_view name) const {
    const Value* v = Find(name);
    if (v == nullptr || !v->IsString()) return 0;
    return text::ParseInt(v->AsString()).value_or(0);
}

std::string Value::ToString() const {
    Writer writer;
    writer.Write(*this);
    return writer.Take();
}

Result<Value> Parse(std::string_view json_text) {
    if (!text::IsUtf8(json_text)) return Invalid("json.not_utf8");
    // simdjson stores bare scalars too; the parser keeps its buffers per thread.
    thread_local simdjson::dom::parser parser;
    simdjson::dom::element root;
    // The depth limit is ours: simdjson's default of 1024 only bounds its own stack.
    const auto error =
        parser.parse(simdjson::padded_string(json_text.data(), json_text.size())).get(root);
    if (error == simdjson::DEPTH_ERROR) return Invalid("json.too_deep", "more than 32 levels");
    if (error != simdjson::SUCCESS) return Invalid("json.syntax", simdjson::error_message(error));
    return Convert(root, 1);
}

void AppendQuoted(std::string& out, std::string_view value) {
    static constexpr char kHex[] = "0123456789abcdef";
    out.push_back('"');
    std::size_t start = 0;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const unsigned char c = static_cast<unsigned char>(value[i]);
        if (c >= 0x20 && c != '"' && c != '\\') [[likely]]
            continue;
        out.append(value, start, i - start);
        start = i + 1;
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                out += "\\u00";
                out.push_back(kHex[c >> 4]);
                out.push_back(kHex[c & 15]);
        }
    }
    out.append(value, start, value.size() - start);
    out.push_back('"');
}

void Writer::Comma() {
    if (need_comma_) out_.push_back(',');
    need_comma_ = true;
}

Writer& Writer::BeginObject() {
    Comma();
    out_.push_back('{');
    need_comma_ = false;
    return *this;
}

Writer& Writer::EndObject() {
    out_.push_back('}');
    need_comma_ = true;
    return *this;
}

Writer& Writer::BeginArray() {
    Comma();
    out_.push_back('[');
    need_comma_ = false;
    return *this;
}

Writer& Writer::EndArray() {
    out_.push_back(']');
    need_comma_ = true;
    return *this;
}

Writer& Writer::Key(std::string_view name) {
    Comma();
    AppendQuoted(out_, name);
    out_.push_back(':');
    need_comma_ = false;
    return *this;
}

Writer& Writer::String(std::string_view value) {
    Comma();
    AppendQuoted(out_, value);
    return *this;
}

Writer& Writer::Int(std::int64_t value) {
    Comma();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out_.append(buffer, end);
    return *this;
}

Writer& Writer::Double(double value) {
    // JSON has no NaN or infinity.
    if (!std::isfinite(value)) return Null();
    Comma();
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out_.append(buffer, end);
    return *this;
}

Writer& Writer::Bool(bool value) {
    Comma();
    out_ += value ? "true" : "false";
    return *this;
}

Writer& Writer::Null() {
    Comma();
    out_ += "null";
    return *this;
}

Writer& Writer::Id(std::int64_t value) {
    return value == 0 ? Null() : String(std::to_string(value));
}

Writer& Writer::Raw(std::string_view json) {
    Comma();
    out_ += json;
    return *this;
}

Writer& Writer::Write(const Value& value) {
    if (value.IsNull()) return Null();
    if (value.IsBool()) return Bool(value.AsBool());
    if (value.IsInt()) return Int(value.AsInt());
    if (value.IsNumber()) return Double(value.AsDouble());
    if (value.IsString()) return String(value.AsString());
    if (value.IsArray()) {
        BeginArray();
        for (const Value& item : value.AsArray()) Write(item);
        return EndArray();
    }
    BeginObject();
    for (const auto& [name, member] : value.AsObject()) Key(name).Write(member);
    return EndObject();
}

}  // namespace mch::json
