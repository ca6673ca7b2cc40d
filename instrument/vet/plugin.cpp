// The checks as warnings of the compiler: ravel++ loads this as a Clang plugin. Words for it: -Xclang -plugin-arg-ravelvet -Xclang LIST,
// the list as of --checks; "error" makes the warnings errors.

#include <clang/AST/ASTConsumer.h>
#include <clang/Frontend/CompilerInstance.h>
#include <clang/Frontend/FrontendPluginRegistry.h>

#include "instrument/vet/vet.hpp"

namespace ravel::vet {

using namespace clang;

namespace {

class consumer : public ASTConsumer {
 public:
  consumer(CompilerInstance& compiler, selection chosen, bool as_errors)
      : compiler_(compiler), chosen_(std::move(chosen)), as_errors_(as_errors) {}

  void HandleTranslationUnit(ASTContext& context) override {
    DiagnosticsEngine& diagnostics = compiler_.getDiagnostics();
    // What does not compile has no meaning to check; -w wants no warnings.
    if (diagnostics.hasErrorOccurred() || diagnostics.getIgnoreAllWarnings()) return;
    const auto level = as_errors_ ? DiagnosticsEngine::Error : DiagnosticsEngine::Warning;
    const unsigned warning = diagnostics.getCustomDiagID(level, "%0 [-Wravel-%1]");
    const unsigned note = diagnostics.getCustomDiagID(DiagnosticsEngine::Note, "%0");
    for (const located& l : run_checks(context, chosen_)) {
      {
        auto builder = diagnostics.Report(l.what.where, warning);
        builder << l.what.text << l.found_by->name;
        for (const FixItHint& h : l.what.fixes) builder.AddFixItHint(h);
      }
      for (const auto& [where, text] : l.what.notes) diagnostics.Report(where, note) << text;
    }
  }

 private:
  CompilerInstance& compiler_;
  selection chosen_;
  bool as_errors_;
};

class action : public PluginASTAction {
 protected:
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance& compiler, llvm::StringRef) override {
    return std::make_unique<consumer>(compiler, chosen_, as_errors_);
  }

  bool ParseArgs(const CompilerInstance& compiler, const std::vector<std::string>& words) override {
    for (const std::string& word : words) {
      std::string unknown;
      if (word == "error") as_errors_ = true;
      else if (!chosen_.choose(word, unknown)) {
        DiagnosticsEngine& d = compiler.getDiagnostics();
        d.Report(d.getCustomDiagID(DiagnosticsEngine::Error, "there is no check '%0'; `ravel vet --list` lists them")) << unknown;
        return false;
      }
    }
    return true;
  }

  // Before the main action: the optimiser need not have run for a warning.
  ActionType getActionType() override { return AddBeforeMainAction; }

 private:
  selection chosen_;
  bool as_errors_ = false;
};

const FrontendPluginRegistry::Add<action> registered("ravelvet", "Ravel's checks of goroutines, channels and locks");

}  // namespace

}  // namespace ravel::vet
