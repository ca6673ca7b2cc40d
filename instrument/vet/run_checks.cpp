#include <clang/AST/DeclLookups.h>
#include <clang/Basic/SourceManager.h>
#include <clang/Lex/Lexer.h>

#include <algorithm>
#include <tuple>

#include "instrument/vet/ignore_comment.hpp"
#include "instrument/vet/user_functions.hpp"
#include "instrument/vet/vet.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

bool knows_ravel(ASTContext& context) {
  const DeclarationName name(&context.Idents.get("ravel"));
  return !context.getTranslationUnitDecl()->lookup(name).empty();
}

ignored asked(const SourceManager& sources, SourceLocation where, const char* check) {
  const auto [file, offset] = sources.getDecomposedLoc(where);
  bool invalid = false;
  const llvm::StringRef text = sources.getBufferData(file, &invalid);
  return invalid ? ignored::no : asked_to_ignore(text, offset, check);
}

}  // namespace

std::vector<located> run_checks(ASTContext& context, const selection& chosen) {
  std::vector<located> found;
  if (!knows_ravel(context)) return found;
  const SourceManager& sources = context.getSourceManager();
  for (const FunctionDecl* function : user_functions(context)) {
    const facts f(context, function);
    for (const check& c : all_checks()) {
      if (!chosen.includes(c.name)) continue;
      c.run(f, [&](draft d) {
        d.where = sources.getExpansionLoc(d.where);
        if (sources.isInSystemHeader(d.where)) return;
        const ignored is = asked(sources, d.where, c.name);
        if (is == ignored::yes) return;
        if (is == ignored::without_reason) d.notes.emplace_back(d.where, "vet-ignore counts only with a reason behind it");
        found.push_back({&c, std::move(d)});
      });
    }
  }
  const auto before = [&](const located& a, const located& b) {
    if (a.what.where != b.what.where) return sources.isBeforeInTranslationUnit(a.what.where, b.what.where);
    return std::string_view(a.found_by->name) < b.found_by->name;
  };
  std::sort(found.begin(), found.end(), before);
  const auto same = [](const located& a, const located& b) { return a.what.where == b.what.where && a.found_by == b.found_by; };
  found.erase(std::unique(found.begin(), found.end(), same), found.end());
  return found;
}

namespace {

place to_place(const SourceManager& sources, SourceLocation where) {
  where = sources.getExpansionLoc(where);
  place p;
  const PresumedLoc l = sources.getPresumedLoc(where, false);
  if (l.isInvalid()) return p;
  p.file = l.getFilename();
  p.line = l.getLine();
  p.column = l.getColumn();
  const auto [file, offset] = sources.getDecomposedLoc(where);
  const llvm::StringRef text = sources.getBufferData(file);
  const unsigned begin = offset - (p.column - 1);
  p.source = text.slice(begin, text.find('\n', offset)).rtrim('\r').str();
  return p;
}

}  // namespace

finding to_finding(const located& l, const ASTContext& context) {
  const SourceManager& sources = context.getSourceManager();
  finding out{l.found_by->name, to_place(sources, l.what.where), l.what.text, {}, {}};
  for (const auto& [where, text] : l.what.notes) out.notes.push_back({to_place(sources, where), text});
  for (const FixItHint& h : l.what.fixes) {
    const SourceLocation begin = sources.getSpellingLoc(h.RemoveRange.getBegin());
    const auto [file, offset] = sources.getDecomposedLoc(begin);
    unsigned length = sources.getFileOffset(sources.getSpellingLoc(h.RemoveRange.getEnd())) - offset;
    if (h.RemoveRange.isTokenRange()) length += Lexer::MeasureTokenLength(sources.getSpellingLoc(h.RemoveRange.getEnd()), sources, context.getLangOpts());
    out.fixes.push_back({sources.getFilename(begin).str(), offset, length, h.CodeToInsert});
  }
  return out;
}

}  // namespace ravel::vet
