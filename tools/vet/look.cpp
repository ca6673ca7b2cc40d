#include "tools/vet/look.hpp"

#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendAction.h>
#include <clang/Tooling/ArgumentsAdjusters.h>
#include <clang/Tooling/CompilationDatabase.h>
#include <clang/Tooling/Tooling.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "build_facts.hpp"

namespace ravel::tools::vet {

using namespace clang;
namespace fs = std::filesystem;

namespace {

// Keeps the first error, for the one line that says why.
class first_error : public DiagnosticConsumer {
 public:
  void HandleDiagnostic(DiagnosticsEngine::Level level, const Diagnostic& d) override {
    DiagnosticConsumer::HandleDiagnostic(level, d);
    if (level < DiagnosticsEngine::Error || !text.empty()) return;
    llvm::SmallString<128> message;
    d.FormatDiagnostic(message);
    if (d.hasSourceManager() && d.getLocation().isValid()) {
      const PresumedLoc l = d.getSourceManager().getPresumedLoc(d.getSourceManager().getExpansionLoc(d.getLocation()));
      text = std::string(l.getFilename()) + ":" + std::to_string(l.getLine()) + ": ";
    }
    text += message.str();
  }
  std::string text;
};

struct looking {
  const ravel::vet::selection& chosen;
  std::vector<ravel::vet::finding> findings;
};

class consumer : public ASTConsumer {
 public:
  explicit consumer(looking& l) : looking_(l) {}
  void HandleTranslationUnit(ASTContext& context) override {
    if (context.getDiagnostics().hasErrorOccurred()) return;
    for (const auto& l : ravel::vet::run_checks(context, looking_.chosen)) looking_.findings.push_back(to_finding(l, context));
  }

 private:
  looking& looking_;
};

class action : public ASTFrontendAction {
 public:
  explicit action(looking& l) : looking_(l) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance&, llvm::StringRef) override { return std::make_unique<consumer>(looking_); }

 private:
  looking& looking_;
};

class factory : public tooling::FrontendActionFactory {
 public:
  explicit factory(looking& l) : looking_(l) {}
  std::unique_ptr<FrontendAction> create() override { return std::make_unique<action>(looking_); }

 private:
  looking& looking_;
};

fs::path headers_of_installation() {
  // As for ravel++: from bin/ravel-vet, in build tree and installation alike. PREFIX/include itself may be /usr/include, whose place in
  // the order of folders the standard library depends on.
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "lib/ravel/include";
}

bool is_own_warning(const std::string& word) {
  return word.starts_with("-Wravel") || word.starts_with("-Wno-ravel") || word == "-Werror=ravel" || word == "-Wno-error=ravel";
}

// A command of ravel++ as clang understands it: its headers, and the variant that it was asked for. Warnings are not our business here.
tooling::CommandLineArguments adjust(const tooling::CommandLineArguments& words, const std::string& headers) {
  tooling::CommandLineArguments out;
  bool race = false;
  for (const std::string& w : words) {
    if (w == "-race" || w == "--race") race = true;
    else if (!w.starts_with("-fpass-plugin") && !w.starts_with("-fplugin") && !is_own_warning(w)) out.push_back(w);
  }
  const auto at = out.empty() ? out.end() : out.begin() + 1;
  std::vector<std::string> ours{"-resource-dir", resource_dir};
  if (race) ours.emplace_back("-DRAVEL_RACE=1");
  bool standard = false;
  for (const std::string& w : out) standard = standard || w.starts_with("-std=") || w.starts_with("--std=");
  if (!standard) ours.emplace_back("-std=c++20");
  out.insert(at, ours.begin(), ours.end());
  // Without carets clang says nothing of its own. After the user's folders, so that a tree of Ravel's own sources is looked at with its own headers.
  const auto end = std::find(out.begin(), out.end(), "--");
  const std::vector<std::string> last{"-w", "-fno-caret-diagnostics", "-isystem", headers};
  out.insert(end, last.begin(), last.end());
  return out;
}

std::unique_ptr<tooling::CompilationDatabase> database_of(const command_line& c) {
  if (c.build.empty()) return std::make_unique<tooling::FixedCompilationDatabase>(".", c.flags);
  std::string why;
  auto database = tooling::CompilationDatabase::loadFromDirectory(c.build, why);
  if (database == nullptr) {
    throw refused(c.build + ": no compile_commands.json that can be read; write one with cmake -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, or give the flags behind --");
  }
  return database;
}

void look_at(const std::string& file, const tooling::CompilationDatabase& database, looking& l, const std::string& headers, bool from_build) {
  if (!fs::exists(file)) throw refused(file + ": no such file; give the path of a source file");
  tooling::ClangTool tool(database, {file});
  tool.clearArgumentsAdjusters();
  tool.appendArgumentsAdjuster(tooling::getClangSyntaxOnlyAdjuster());
  tool.appendArgumentsAdjuster(tooling::getClangStripOutputAdjuster());
  tool.appendArgumentsAdjuster(tooling::getClangStripDependencyFileAdjuster());
  tool.appendArgumentsAdjuster([&](const tooling::CommandLineArguments& words, llvm::StringRef) { return adjust(words, headers); });
  tool.setPrintErrorMessage(false);
  first_error errors;
  tool.setDiagnosticConsumer(&errors);
  factory f(l);
  const int status = tool.run(&f);
  if (status == 0 && errors.text.empty()) return;
  throw refused((errors.text.empty() ? file + ": clang cannot compile it" : errors.text) + (from_build ? "; build it first" : "; mend it, or give its flags behind --"));
}

// As the user would write it: clang makes every name absolute.
std::string readable(const std::string& file, const fs::path& folder) {
  const std::string path = fs::path(file).lexically_normal();
  const std::string begin = folder.string() + "/";
  return path.starts_with(begin) ? path.substr(begin.size()) : path;
}

void make_readable(ravel::vet::finding& f, const fs::path& folder) {
  f.where.file = readable(f.where.file, folder);
  for (auto& n : f.notes) n.where.file = readable(n.where.file, folder);
  for (auto& r : f.fixes) r.file = readable(r.file, folder);
}

}  // namespace

std::vector<ravel::vet::finding> look(const command_line& c, const ravel::vet::selection& chosen) {
  const auto database = database_of(c);
  const bool from_build = !c.build.empty();
  const std::vector<std::string> files = c.files.empty() ? database->getAllFiles() : c.files;
  const std::string headers = headers_of_installation();
  looking l{chosen, {}};
  std::set<std::string> seen_files;
  for (const std::string& file : files) {
    // Once, though several targets compile it.
    if (seen_files.insert(file).second) look_at(file, *database, l, headers, from_build);
  }
  std::vector<ravel::vet::finding> once;
  std::set<std::tuple<std::string, unsigned, unsigned, std::string>> seen;
  const fs::path folder = fs::current_path();
  for (ravel::vet::finding& f : l.findings) {
    make_readable(f, folder);
    if (seen.emplace(f.where.file, f.where.line, f.where.column, f.check).second) once.push_back(std::move(f));
  }
  return once;
}

}  // namespace ravel::tools::vet
