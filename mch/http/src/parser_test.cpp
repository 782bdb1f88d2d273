#include "parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "chunked.h"
#include "multipart.h"
#include "uri.h"

namespace mch::http {
namespace {

HeadResult ParseWhole(const std::string& text, Head& head) {
    HeadParser parser;
    return parser.Parse(text, HeadLimits{}, head);
}

int ErrorOf(const std::string& text) {
    Head head;
    const HeadResult result = ParseWhole(text, head);
    return result.status == HeadResult::Status::kError ? result.error_status : 0;
}

TEST(HeadParser, ReadsARequest) {
    Head head;
    const std::string text =
        "\r\nPOST /a?b HTTP/1.1\r\nHost: example.com:80\r\nX-Empty:\r\nCookie:\t a=b \t\r\n"
        "Content-Length: 007\r\nExpect: 100-Continue\r\nConnection: Foo, close\r\n\r\nrest";
    const HeadResult result = ParseWhole(text, head);
    ASSERT_EQ(result.status, HeadResult::Status::kDone) << result.reason;
    EXPECT_EQ(result.consumed, text.size() - 4);
    EXPECT_EQ(head.line, "POST /a?b HTTP/1.1");
    EXPECT_EQ(head.method, "POST");
    EXPECT_EQ(head.target, "/a?b");
    EXPECT_EQ(head.host, "example.com:80");
    EXPECT_EQ(head.Find("cookie"), "a=b");
    EXPECT_TRUE(head.Has("x-empty"));
    EXPECT_EQ(head.content_length, 7);
    EXPECT_TRUE(head.expect_continue);
    EXPECT_FALSE(head.keep_alive);
}

TEST(HeadParser, GivesTheSameAnswerForEveryCutOfTheInput) {
    const std::string text = "GET /x HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
        HeadParser parser;
        Head head;
        EXPECT_EQ(parser.Parse(text.substr(0, cut), HeadLimits{}, head).status,
                  HeadResult::Status::kIncomplete)
            << cut;
        EXPECT_EQ(parser.Parse(text, HeadLimits{}, head).status, HeadResult::Status::kDone) << cut;
        EXPECT_EQ(head.fields.size(), 2u);
    }
}

TEST(HeadParser, Refuses) {
    const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n";
    const std::vector<std::pair<std::string, int>> cases = {
        {"GET /\r\n\r\n", 400},
        {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /\xe4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /\tx HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a\n\n", 400},
        {"GET / HTTP/1.1\rHost: a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: a:http\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {get + "host: a\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400},
        {get + "A : b\r\n\r\n", 400},
        {get + "A\r\n\r\n", 400},
        {get + ": b\r\n\r\n", 400},
        {get + "A: b\r\n\tc\r\n\r\n", 400},
        {get + "A: b\r\n c: d\r\n\r\n", 400},
        {get + "A: b\rc\r\n\r\n", 400},
        {get + "A: \x01\r\n\r\n", 400},
        {get + "A: \x7f\r\n\r\n", 400},
        {get + std::string("A: b\0\r\n\r\n", 9), 400},
        {get + "\xc3\xa4: b\r\n\r\n", 400},
        {get + "Content-Length:\r\n\r\n", 400},
        {get + "Content-Length: -1\r\n\r\n", 400},
        {get + "Content-Length: +1\r\n\r\n", 400},
        {get + "Content-Length: 0x1\r\n\r\n", 400},
        {get + "Content-Length: 1 1\r\n\r\n", 400},
        {get + "Content-Length: 1, 1\r\n\r\n", 400},
        {get + "Content-Length: 1\r\ncontent-length: 1\r\n\r\n", 400},
        {get + "Content-Length: 1000000000000000000\r\n\r\n", 400},
        {get + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {get + "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n", 400},
        {get + "Transfer-Encoding: chunked, chunked\r\n\r\n", 400},
        {get + "Transfer-Encoding: gzip\r\n\r\n", 400},
        {get + "Transfer-Encoding:\r\n\r\n", 400},
        {get + "Transfer-Encoding: \x0b"
               "chunked\r\n\r\n",
         400},
        {get + "Transfer-Encoding: \"chunked\"\r\n\r\n", 400},
        {get + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {get + "Expect: 200-ok\r\n\r\n", 417},
        {"GET /" + std::string(9'000, 'a'), 414},
        {get + "A: " + std::string(9'000, 'a') + "\r\n\r\n", 431},
        {get + std::string(40'000, 'a'), 431},
        {std::string("\x16\x03\x01", 3), 400},
    };
    for (const auto& [text, status] : cases)
        EXPECT_EQ(ErrorOf(text), status) << text.substr(0, 120);
    std::string many = get;
    for (int i = 0; i < 130; ++i) many += "A: b\r\n";
    EXPECT_EQ(ErrorOf(many + "\r\n"), 431);
}

TEST(HeadParser, AcceptsUnusualButLegalForms) {
    for (const char* text : {
             "M-SEARCH * HTTP/1.1\r\nHost: a\r\n\r\n",
             "GET / HTTP/1.0\r\n\r\n",
             "GET / HTTP/1.7\r\nHost: [::1]:8080\r\n\r\n",
             "GET / HTTP/1.1\r\nhOST:a\r\nX:\xe4\xb8\xad\r\n\r\n",
             "GET http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n",
         }) {
        EXPECT_EQ(ErrorOf(text), 0) << text;
    }
}

// "data|reason": what a body decodes to, in every way of cutting the input.
std::string Decode(const std::string& text, std::size_t piece) {
    ChunkedDecoder decoder;
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        const std::string part = text.substr(at, piece);
        std::string_view input = part;
        while (!input.empty()) {
            std::string_view data;
            const auto status = decoder.Feed(input, data);
            out += data;
            if (status == ChunkedDecoder::Status::kDone) {
                return out + "|done+" +
                       std::to_string(input.size() + text.size() - at - part.size());
            }
            if (status == ChunkedDecoder::Status::kError) return out + "|" + decoder.reason();
        }
    }
    return out + "|more";
}

TEST(ChunkedDecoder, DecodesAndRefuses) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"0\r\n\r\n", "|done+0"},
        {"3\r\nabc\r\n0\r\n\r\nNEXT", "abc|done+4"},
        {"a\r\n0123456789\r\n00\r\nT: x\r\n\r\n", "0123456789|done+0"},
        {"1;a\r\nx\r\n1 ; b=c ;d=\"e;\\\"\"\r\ny\r\n0\r\n\r\n", "xy|done+0"},
        {"5\r\nab", "ab|more"},
        {"\r\n", "|bad chunk size"},
        {"g\r\n", "|bad chunk size"},
        {"-1\r\n", "|bad chunk size"},
        {"+1\r\n", "|bad chunk size"},
        {"0x1\r\n", "|bad chunk size"},
        {" 1\r\n", "|bad chunk size"},
        {"1 \r\n", "|bad chunk size"},
        {"1;\r\n", "|bad chunk size"},
        {"1;a=\r\n", "|bad chunk size"},
        {"1;a=\"b\r\n", "|bad chunk size"},
        {"1;a\rb\r\n", "|bad chunk size"},
        {"1111111111111111\r\n", "|bad chunk size"},
        {"1\nx\r\n", "|bare LF"},
        {"1;a\nx\r\n", "|bare LF"},
        {"1\r\nxy\r\n", "x|no CRLF after a chunk"},
        {"1\r\nx\n0\r\n\r\n", "x|no CRLF after a chunk"},
        {"0\r\nbad trailer\r\n\r\n", "|bad trailer"},
        {"0\r\n T: x\r\n\r\n", "|bad trailer"},
        {"0\r\nT: x\n\r\n", "|bare LF"},
        {"1;" + std::string(2'000, 'a') + "\r\n", "|chunk line too long"},
    };
    for (const auto& [text, wanted] : cases) {
        EXPECT_EQ(Decode(text, text.size()), wanted) << text;
        EXPECT_EQ(Decode(text, 1), wanted) << text;
        EXPECT_EQ(Decode(text, 3), wanted) << text;
    }
}

TEST(ChunkedDecoder, BoundsExtensionsAndTrailers) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "1;" + std::string(500, 'a') + "\r\nx\r\n";
    EXPECT_NE(Decode(text, text.size()).find("too many chunk extensions"), std::string::npos);
}

TEST(Target, DecodesAndNormalises) {
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"/", "/"},
        {"/a/b", "/a/b"},
        {"/a/", "/a/"},
        {"//a///b//", "/a/b/"},
        {"/./a/./b/.", "/a/b/"},
        {"/a/../b", "/b"},
        {"/a/b/..", "/a/"},
        {"/%2e%2E/a", "!"},
        {"/a/%2e%2e/b", "/b"},
        {"/..", "!"},
        {"/a/../..", "!"},
        {"/%41%e4%b8%ad", "/A\xe4\xb8\xad"},
        {"/a%2fb", "!"},
        {"/a%2Fb", "!"},
        {"/a%00", "!"},
        {"/a%0a", "!"},
        {"/a%", "!"},
        {"/a%4", "!"},
        {"/a%g1", "!"},
        {"/a?b=/../%zz", "/a"},
        {"/.hidden/...", "/.hidden/..."},
        {"http://host", "/"},
        {"http://host/a/../b?c", "/b"},
        {"HTTPS://host:1?x", "/"},
        {"http://", "!"},
        {"http://u@h/", "!"},
        {"ftp://host/", "!"},
        {"*", "!"},
        {"host:80", "!"},
    };
    for (const auto& [target, wanted] : cases) {
        Target out;
        const char* wrong = ParseTarget("GET", target, out);
        EXPECT_EQ(wrong != nullptr ? "!" : std::string(out.path), wanted) << target;
    }
    Target out;
    EXPECT_EQ(ParseTarget("OPTIONS", "*", out), nullptr);
    EXPECT_EQ(out.path, "*");
    EXPECT_NE(ParseTarget("CONNECT", "host:443", out), nullptr);
    ASSERT_EQ(ParseTarget("GET", "http://h:1/p?q=1", out), nullptr);
    EXPECT_EQ(out.authority, "h:1");
    EXPECT_EQ(out.query, "q=1");
}

std::string ReadForm(const std::string& body, std::size_t piece, MultipartLimits limits = {}) {
    MultipartParser parser("B", testing::TempDir(), limits);
    for (std::size_t at = 0; at < body.size(); at += piece) {
        if (auto fed = parser.Feed(std::string_view(body).substr(at, piece)); !fed) {
            return fed.error().code();
        }
    }
    if (auto finished = parser.Finish(); !finished) return finished.error().code();
    std::string out;
    for (const Part& part : parser.parts()) {
        out += part.name + "=" + (part.path.empty() ? part.value : "@" + part.file_name) + ":" +
               std::to_string(part.size) + ";";
    }
    return out;
}

TEST(Multipart, ReadsForms) {
    const std::string field = "Content-Disposition: form-data; name=";
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"--B\r\n" + field + "a\r\n\r\nx\r\n--B--\r\n", "a=x:1;"},
        {"--B\r\n" + field +
             "\"a\"\r\n\r\n\r\n--B\r\ncontent-disposition: Form-Data; NAME=\"b\"; "
             "filename=\"c\\\"d\"\r\nContent-Type: image/png\r\n\r\n\r\n--x\r\n--B--",
         "a=:0;b=@c\"d:5;"},
        {"--B--", ""},
        {"--B\r\n" + field + "a\r\n\r\nx\r\n--Bx\r\n--B--", "request.multipart"},
        {"preamble\r\n--B--", "request.multipart"},
        {"--B\r\n" + field + "a\r\n\r\nx", "request.multipart"},
        {"--B\r\n\r\nx\r\n--B--", "request.multipart"},
        {"--B\r\nContent-Type: a\r\n\r\nx\r\n--B--", "request.multipart"},
        {"--B\r\n" + field + "\"\"\r\n\r\nx\r\n--B--", "request.multipart"},
        {"--B\r\n" + field + "a; name=b\r\n\r\nx\r\n--B--", "request.multipart"},
        {"--B\r\n" + field + "a\r\n\r\n\xff\r\n--B--", "request.multipart"},
        {"--B\r\n" + field + "a\nX: y\r\n\r\nx\r\n--B--", "request.multipart"},
        {"--B\r\nX: " + std::string(5'000, 'a') + "\r\n\r\n", "request.multipart"},
    };
    for (const auto& [body, wanted] : cases) {
        EXPECT_EQ(ReadForm(body, body.size()), wanted) << body;
        EXPECT_EQ(ReadForm(body, 1), wanted) << body;
    }
}

TEST(Multipart, BoundsPartsAndSizes) {
    const std::string part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nxyz\r\n";
    EXPECT_EQ(ReadForm(part + part + part + "--B--", 1'000, {.parts = 2}),
              "request.too_many_parts");
    EXPECT_EQ(ReadForm(part + "--B--", 1'000, {.field_bytes = 2}), "request.field_too_large");
    const std::string file =
        "--B\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nxyz\r\n--B--";
    EXPECT_EQ(ReadForm(file, 1'000, {.file_bytes = 2}), "request.body_too_large");
}

TEST(Multipart, TakesLegalBoundariesOnly) {
    for (const auto& [type, wanted] : std::vector<std::pair<std::string, std::string>>{
             {"multipart/form-data; boundary=abc", "abc"},
             {"Multipart/Form-Data; charset=utf-8; boundary=\"a b:c\"", "a b:c"},
             {"multipart/form-data", ""},
             {"multipart/form-data; boundary=", ""},
             {"multipart/form-data; boundary=\"a\\\"\"", ""},
             {"multipart/form-data; boundary=" + std::string(71, 'a'), ""},
             {"multipart/form-data; boundary=a; boundary=b", ""},
             {"multipart/mixed; boundary=a", ""},
         }) {
        EXPECT_EQ(MultipartParser::BoundaryOf(type), wanted) << type;
    }
}

}  // namespace
}  // namespace mch::http
