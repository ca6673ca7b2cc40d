#include <algorithm>
#include <string_view>

#include "runtime/http/characters.hpp"
#include "runtime/http/server_response.hpp"

namespace ravel::http_text {

namespace {

using namespace std::string_view_literals;

constexpr bool is_space(char c) { return c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' '; }

struct signature {
  std::string_view bytes, type;
};
constexpr signature exact[] = {
    {"%PDF-"sv, "application/pdf"sv},      {"%!PS-Adobe-"sv, "application/postscript"sv}, {"\xFE\xFF"sv, "text/plain; charset=utf-16be"sv},
    {"\xFF\xFE"sv, "text/plain; charset=utf-16le"sv}, {"\xEF\xBB\xBF"sv, "text/plain; charset=utf-8"sv}, {"\0\0\1\0"sv, "image/x-icon"sv},
    {"BM"sv, "image/bmp"sv},               {"GIF87a"sv, "image/gif"sv},                  {"GIF89a"sv, "image/gif"sv},
    {"\x89PNG\r\n\x1A\n"sv, "image/png"sv}, {"\xFF\xD8\xFF"sv, "image/jpeg"sv},           {"OggS\0"sv, "application/ogg"sv},
    {"ID3"sv, "audio/mpeg"sv},             {"\x1F\x8B\x08"sv, "application/x-gzip"sv},   {"PK\x03\x04"sv, "application/zip"sv},
    {"wOFF"sv, "font/woff"sv},             {"wOF2"sv, "font/woff2"sv},                   {"\0asm"sv, "application/wasm"sv},
};
constexpr std::string_view html[] = {"<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a",
                                     "<style", "<title", "<b", "<body", "<br", "<p", "<!--"};

}  // namespace

std::string_view content_type_of(std::string_view data) noexcept {
  data = data.substr(0, 512);
  const auto first = std::find_if_not(data.begin(), data.end(), is_space);
  const std::string_view text = data.substr(static_cast<std::size_t>(first - data.begin()));
  for (std::string_view tag : html) {
    if (text.size() <= tag.size() && tag != "<!--") continue;
    if (!http::equal_fold(text.substr(0, tag.size()), tag)) continue;
    if (tag == "<!--" || text[tag.size()] == ' ' || text[tag.size()] == '>') return "text/html; charset=utf-8";
  }
  if (text.starts_with("<?xml")) return "text/xml; charset=utf-8";
  for (const signature& s : exact) {
    if (data.starts_with(s.bytes)) return s.type;
  }
  const bool binary = std::any_of(data.begin(), data.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u <= 0x08 || u == 0x0B || (u >= 0x0E && u <= 0x1A) || (u >= 0x1C && u <= 0x1F);
  });
  return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
}

}  // namespace ravel::http_text
