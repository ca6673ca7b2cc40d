#include "instrument/vet/user_functions.hpp"

#include <clang/AST/DeclCXX.h>
#include <clang/AST/DeclTemplate.h>
#include <clang/Basic/SourceManager.h>

namespace ravel::vet {

using namespace clang;

namespace {

class collector {
 public:
  explicit collector(ASTContext& context) : sources_(context.getSourceManager()) {}

  void all_in(const DeclContext* c) {
    for (const Decl* d : c->decls()) one(d);
  }

  std::vector<const FunctionDecl*> found;

 private:
  // Classes inside a function have functions of their own.
  void local_classes(const Stmt* s) {
    if (s == nullptr) return;
    if (const auto* d = llvm::dyn_cast<DeclStmt>(s)) {
      for (const Decl* one : d->decls()) {
        if (const auto* r = llvm::dyn_cast<CXXRecordDecl>(one)) all_in(r);
      }
    }
    for (const Stmt* child : s->children()) local_classes(child);
  }

  void function(const FunctionDecl* f) {
    if (!f->doesThisDeclarationHaveABody() || f->isDependentContext() || f->isDefaulted() || f->getBody() == nullptr) return;
    found.push_back(f);
    local_classes(f->getBody());
  }

  void one(const Decl* d) {
    if (sources_.isInSystemHeader(sources_.getExpansionLoc(d->getLocation()))) return;
    if (const auto* f = llvm::dyn_cast<FunctionDecl>(d)) function(f);
    else if (const auto* t = llvm::dyn_cast<FunctionTemplateDecl>(d)) {
      for (const FunctionDecl* f : t->specializations()) {
        // Declared where the template is, defined by its pattern.
        if (const FunctionDecl* definition = f->getDefinition()) function(definition);
      }
    } else if (const auto* t = llvm::dyn_cast<ClassTemplateDecl>(d)) {
      for (const ClassTemplateSpecializationDecl* s : t->specializations()) {
        if (s->getSpecializationKind() != TSK_ExplicitSpecialization) all_in(s);
      }
    } else if (const auto* r = llvm::dyn_cast<CXXRecordDecl>(d)) {
      if (!r->isDependentContext() && !r->isLambda()) all_in(r);
    } else if (llvm::isa<NamespaceDecl, LinkageSpecDecl, ExportDecl>(d)) {
      all_in(llvm::cast<DeclContext>(d));
    }
  }

  const SourceManager& sources_;
};

}  // namespace

std::vector<const FunctionDecl*> user_functions(ASTContext& context) {
  collector c(context);
  c.all_in(context.getTranslationUnitDecl());
  return std::move(c.found);
}

}  // namespace ravel::vet
