#include "mch/base/schema.h"

#include <fmt/format.h>

#include <optional>

#include "mch/base/clock.h"
#include "mch/base/ids.h"
#include "mch/base/text.h"

namespace mch {
namespace {

enum class Kind {
    kNone,
    kString,
    kSecret,
    kInteger,
    kNumber,
    kBoolean,
    kEnum,
    kId,
    kUuid,
    kDate,
    kTime,
    kArray,
    kObject,
    kOneOf,
    kAny,
};

std::string ExpectedType(Kind kind) {
    switch (kind) {
        case Kind::kInteger:
        case Kind::kTime:
            return "@type.integer";
        case Kind::kNumber:
            return "@type.number";
        case Kind::kBoolean:
            return "@type.boolean";
        case Kind::kArray:
            return "@type.array";
        case Kind::kObject:
        case Kind::kOneOf:
            return "@type.object";
        default:
            return "@type.text";
    }
}

std::string Join(const std::vector<std::string>& items) {
    std::string out;
    for (const std::string& item : items) {
        if (!out.empty()) out += ", ";
        out += item;
    }
    return out;
}

}  // namespace

struct Schema::Node {
    Kind kind = Kind::kNone;
    std::string name;
    std::string description;
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::optional<double> low;
    std::optional<double> high;
    bool nullable = false;
    std::vector<std::string> allowed;
    std::vector<Property> properties;
    std::vector<Schema> items;  // one for an array
    std::string discriminator;
    std::vector<std::pair<std::string, Schema>> shapes;

    static std::shared_ptr<Node> Of(Kind kind) {
        auto node = std::make_shared<Node>();
        node->kind = kind;
        return node;
    }

    void Check(const std::string& path, json::Value& value, std::vector<FieldError>& errors) const;
    void CheckText(const std::string& path, json::Value& value,
                   std::vector<FieldError>& errors) const;
    void CheckNumber(const std::string& path, const json::Value& value,
                     std::vector<FieldError>& errors) const;
    void CheckObject(const std::string& path, json::Value& value,
                     std::vector<FieldError>& errors) const;
    std::string Body(std::vector<std::pair<std::string, std::string>>* components) const;
};

Schema::Schema() : node_(Node::Of(Kind::kNone)) {}
Schema::Schema(std::shared_ptr<Node> node) : node_(std::move(node)) {}
Schema::~Schema() = default;
Schema::Schema(const Schema&) = default;
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(const Schema&) = default;
Schema& Schema::operator=(Schema&&) noexcept = default;

bool Schema::Empty() const { return node_ == nullptr || node_->kind == Kind::kNone; }

Schema Schema::String() { return Schema(Node::Of(Kind::kString)); }
Schema Schema::Secret() { return Schema(Node::Of(Kind::kSecret)); }
Schema Schema::Integer() { return Schema(Node::Of(Kind::kInteger)); }
Schema Schema::Number() { return Schema(Node::Of(Kind::kNumber)); }
Schema Schema::Boolean() { return Schema(Node::Of(Kind::kBoolean)); }
Schema Schema::Id() { return Schema(Node::Of(Kind::kId)); }
Schema Schema::Uuid() { return Schema(Node::Of(Kind::kUuid)); }
Schema Schema::Date() { return Schema(Node::Of(Kind::kDate)); }
Schema Schema::Time() { return Schema(Node::Of(Kind::kTime)); }
Schema Schema::Any() { return Schema(Node::Of(Kind::kAny)); }

Schema Schema::Enum(std::vector<std::string> allowed) {
    auto node = Node::Of(Kind::kEnum);
    node->allowed = std::move(allowed);
    return Schema(std::move(node));
}

Schema Schema::Array(Schema item) {
    auto node = Node::Of(Kind::kArray);
    node->items.push_back(std::move(item));
    return Schema(std::move(node));
}

Schema Schema::Object(std::vector<Property> properties) {
    auto node = Node::Of(Kind::kObject);
    node->properties = std::move(properties);
    return Schema(std::move(node));
}

Schema Schema::OneOf(std::string discriminator,
                     std::vector<std::pair<std::string, Schema>> shapes) {
    auto node = Node::Of(Kind::kOneOf);
    node->discriminator = std::move(discriminator);
    node->shapes = std::move(shapes);
    return Schema(std::move(node));
}

Schema Schema::Named(std::string name) && {
    node_->name = std::move(name);
    return std::move(*this);
}

Schema Schema::Min(std::int64_t min) && {
    node_->min = min;
    return std::move(*this);
}

Schema Schema::Max(std::int64_t max) && {
    node_->max = max;
    return std::move(*this);
}

Schema Schema::Range(double min, double max) && {
    node_->low = min;
    node_->high = max;
    return std::move(*this);
}

Schema Schema::Nullable() && {
    // A copy: the constant that it was made from must not become nullable as well.
    node_ = std::make_shared<Node>(*node_);
    node_->nullable = true;
    return std::move(*this);
}

Schema Schema::Describe(std::string english) && {
    node_ = std::make_shared<Node>(*node_);
    node_->description = std::move(english);
    return std::move(*this);
}

void Schema::Node::CheckText(const std::string& path, json::Value& value,
                             std::vector<FieldError>& errors) const {
    if (kind == Kind::kString) value = json::Value(std::string(text::Trim(value.AsString())));
    const std::string& content = value.AsString();
    if (kind != Kind::kSecret && text::HasControl(content)) {
        errors.push_back({path, "field.control_characters", {}});
        return;
    }
    const auto length = static_cast<std::int64_t>(text::CodePoints(content));
    switch (kind) {
        case Kind::kString:
        case Kind::kSecret:
            if (min && length < *min)
                errors.push_back({path,
                                  length == 0 ? "field.required" : "field.too_short",
                                  {{"min", std::to_string(*min)}}});
            else if (max && length > *max)
                errors.push_back({path, "field.too_long", {{"max", std::to_string(*max)}}});
            return;
        case Kind::kEnum:
            for (const std::string& item : allowed)
                if (item == content) return;
            errors.push_back({path, "field.not_allowed", {{"allowed", Join(allowed)}}});
            return;
        case Kind::kId:
            if (!ParseId(content))
                errors.push_back({path, "field.format", {{"expected", "@type.id"}}});
            return;
        case Kind::kUuid:
            if (!IsUuid(content)) errors.push_back({path, "field.format", {{"expected", "UUID"}}});
            return;
        case Kind::kDate:
            if (!ParseDate(content))
                errors.push_back({path, "field.format", {{"expected", "YYYY-MM-DD"}}});
            return;
        default:
            return;
    }
}

void Schema::Node::CheckNumber(const std::string& path, const json::Value& value,
                               std::vector<FieldError>& errors) const {
    const double number = value.AsDouble();
    const std::optional<double> least =
        low ? low : (min ? std::optional<double>(static_cast<double>(*min)) : std::nullopt);
    const std::optional<double> most =
        high ? high : (max ? std::optional<double>(static_cast<double>(*max)) : std::nullopt);
    if (least && number < *least)
        errors.push_back({path, "field.too_small", {{"min", fmt::format("{}", *least)}}});
    else if (most && number > *most)
        errors.push_back({path, "field.too_large", {{"max", fmt::format("{}", *most)}}});
}

void Schema::Node::CheckObject(const std::string& path, json::Value& value,
                               std::vector<FieldError>& errors) const {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (auto& [member, content] : value.AsObject()) {
        const Property* property = nullptr;
        for (const Property& candidate : properties)
            if (candidate.name == member) property = &candidate;
        if (property == nullptr) {
            errors.push_back({prefix + member, "field.unknown", {}});
            continue;
        }
        // null means absent; whether that is allowed is decided below.
        if (content.IsNull()) continue;
        const std::size_t before = errors.size();
        property->schema.node_->Check(prefix + member, content, errors);
        if (property->presence == kRequired && errors.size() == before && content.IsString() &&
            content.AsString().empty())
            errors.push_back({prefix + member, "field.required", {}});
    }
    for (const Property& property : properties)
        if (property.presence == kRequired && !value.Has(property.name) &&
            !(property.schema.node_->nullable && value.Find(property.name) != nullptr))
            errors.push_back({prefix + property.name, "field.required", {}});
}

void Schema::Node::Check(const std::string& path, json::Value& value,
                         std::vector<FieldError>& errors) const {
    const auto wrong_type = [&] {
        errors.push_back({path, "field.type", {{"expected", ExpectedType(kind)}}});
    };
    switch (kind) {
        case Kind::kNone:
        case Kind::kAny:
            return;
        case Kind::kString:
        case Kind::kSecret:
        case Kind::kEnum:
        case Kind::kId:
        case Kind::kUuid:
        case Kind::kDate:
            return value.IsString() ? CheckText(path, value, errors) : wrong_type();
        case Kind::kInteger:
        case Kind::kTime:
            return value.IsInt() ? CheckNumber(path, value, errors) : wrong_type();
        case Kind::kNumber:
            return value.IsNumber() ? CheckNumber(path, value, errors) : wrong_type();
        case Kind::kBoolean:
            return value.IsBool() ? void() : wrong_type();
        case Kind::kArray: {
            if (!value.IsArray()) return wrong_type();
            const auto size = static_cast<std::int64_t>(value.AsArray().size());
            if (min && size < *min)
                errors.push_back({path, "field.too_few", {{"min", std::to_string(*min)}}});
            if (max && size > *max) {
                errors.push_back({path, "field.too_many", {{"max", std::to_string(*max)}}});
                return;
            }
            for (std::size_t i = 0; i < value.AsArray().size(); ++i)
                items.front().node_->Check(fmt::format("{}[{}]", path, i), value.AsArray()[i],
                                           errors);
            return;
        }
        case Kind::kObject:
            return value.IsObject() ? CheckObject(path, value, errors) : wrong_type();
        case Kind::kOneOf: {
            if (!value.IsObject()) return wrong_type();
            const std::string choice = value.String(discriminator);
            std::vector<std::string> names;
            for (const auto& [shape_name, shape] : shapes) {
                if (shape_name == choice) return shape.node_->Check(path, value, errors);
                names.push_back(shape_name);
            }
            const std::string field = path.empty() ? discriminator : path + "." + discriminator;
            if (choice.empty() && !value.Has(discriminator))
                errors.push_back({field, "field.required", {}});
            else
                errors.push_back({field, "field.not_allowed", {{"allowed", Join(names)}}});
            return;
        }
    }
}

Result<json::Value> Schema::Validate(json::Value value) const {
    std::vector<FieldError> errors;
    node_->Check("", value, errors);
    if (errors.empty()) return value;
    Error error = Invalid("request.invalid", fmt::format("{} bad field(s)", errors.size()));
    for (FieldError& field : errors) error.AddField(std::move(field));
    return error;
}

std::string Schema::Node::Body(std::vector<std::pair<std::string, std::string>>* components) const {
    json::Writer out;
    out.BeginObject();
    const auto type = [&](std::string_view text) {
        if (nullable)
            out.Key("type").BeginArray().String(text).String("null").EndArray();
        else
            out.Field("type", text);
    };
    const auto bounds = [&](std::string_view least, std::string_view most) {
        if (min) out.Field(least, *min);
        if (max) out.Field(most, *max);
    };
    switch (kind) {
        case Kind::kNone:
        case Kind::kAny:
            break;
        case Kind::kString:
        case Kind::kSecret:
            type("string");
            bounds("minLength", "maxLength");
            if (kind == Kind::kSecret) out.Field("format", "password");
            break;
        case Kind::kEnum:
            type("string");
            out.Key("enum").BeginArray();
            for (const std::string& item : allowed) out.String(item);
            if (nullable) out.Null();
            out.EndArray();
            break;
        case Kind::kId:
            type("string");
            out.Field("pattern", "^[1-9][0-9]{0,18}$");
            break;
        case Kind::kUuid:
            type("string");
            out.Field("format", "uuid");
            break;
        case Kind::kDate:
            type("string");
            out.Field("format", "date");
            break;
        case Kind::kInteger:
        case Kind::kTime:
            type("integer");
            out.Field("format", "int64");
            bounds("minimum", "maximum");
            break;
        case Kind::kNumber:
            type("number");
            if (low) out.Field("minimum", *low);
            if (high) out.Field("maximum", *high);
            bounds("minimum", "maximum");
            break;
        case Kind::kBoolean:
            type("boolean");
            break;
        case Kind::kArray:
            type("array");
            out.Key("items").Raw(items.front().ToJsonSchema(components));
            bounds("minItems", "maxItems");
            break;
        case Kind::kObject: {
            type("object");
            out.Key("properties").BeginObject();
            for (const Property& property : properties)
                out.Key(property.name).Raw(property.schema.ToJsonSchema(components));
            out.EndObject();
            bool any = false;
            for (const Property& property : properties) any |= property.presence == kRequired;
            if (any) {
                out.Key("required").BeginArray();
                for (const Property& property : properties)
                    if (property.presence == kRequired) out.String(property.name);
                out.EndArray();
            }
            out.Field("additionalProperties", false);
            break;
        }
        case Kind::kOneOf:
            out.Key("oneOf").BeginArray();
            for (const auto& [shape_name, shape] : shapes) out.Raw(shape.ToJsonSchema(components));
            out.EndArray();
            out.Key("discriminator").BeginObject().Field("propertyName", discriminator).EndObject();
            break;
    }
    if (!description.empty()) out.Field("description", description);
    out.EndObject();
    return out.Take();
}

std::string Schema::ToJsonSchema(
    std::vector<std::pair<std::string, std::string>>* components) const {
    if (components == nullptr || node_->name.empty()) return node_->Body(components);
    bool known = false;
    for (const auto& [component, unused] : *components) known |= component == node_->name;
    if (!known) {
        // Reserve the name first, so that a shape which contains itself ends.
        components->emplace_back(node_->name, "");
        Node plain = *node_;
        plain.nullable = false;
        const std::string body = plain.Body(components);
        for (auto& [component, content] : *components)
            if (component == node_->name) content = body;
    }
    json::Writer out;
    if (node_->nullable) {
        out.BeginObject().Key("anyOf").BeginArray();
        out.BeginObject().Field("$ref", "#/components/schemas/" + node_->name).EndObject();
        out.BeginObject().Field("type", "null").EndObject().EndArray().EndObject();
    } else {
        out.BeginObject().Field("$ref", "#/components/schemas/" + node_->name).EndObject();
    }
    return out.Take();
}

}  // namespace mch
