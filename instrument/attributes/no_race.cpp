// [[ravel::no_race]]: the function's accesses are not checked. Clang hands it to the pass as disable_sanitizer_instrumentation, an
// attribute every optimisation keeps. Of a lambda, Clang asks the function around it for that attribute instead, so it comes as an annotation.

#include <clang/AST/Attr.h>
#include <clang/AST/Decl.h>
#include <clang/AST/DeclCXX.h>
#include <clang/Sema/ParsedAttr.h>
#include <clang/Sema/Sema.h>

namespace {

struct no_race_attribute : clang::ParsedAttrInfo {
  no_race_attribute() {
    static constexpr Spelling spellings[] = {{clang::ParsedAttr::AS_CXX11, "ravel::no_race"}, {clang::ParsedAttr::AS_C23, "ravel::no_race"}};
    Spellings = spellings;
  }

  bool diagAppertainsToDecl(clang::Sema& sema, const clang::ParsedAttr& attribute, const clang::Decl* declaration) const override {
    if (llvm::isa<clang::FunctionDecl>(declaration)) return true;
    const unsigned id = sema.getDiagnostics().getCustomDiagID(clang::DiagnosticsEngine::Error, "'ravel::no_race' belongs to a function or lambda");
    sema.Diag(attribute.getLoc(), id);
    return false;
  }

  AttrHandling handleDeclAttribute(clang::Sema& sema, clang::Decl* declaration, const clang::ParsedAttr& attribute) const override {
    if (const auto* method = llvm::dyn_cast<clang::CXXMethodDecl>(declaration); method != nullptr && method->getParent()->isLambda()) {
      declaration->addAttr(clang::AnnotateAttr::CreateImplicit(sema.Context, "ravel::no_race", nullptr, 0, attribute.getRange()));
    }
    declaration->addAttr(clang::DisableSanitizerInstrumentationAttr::CreateImplicit(sema.Context, attribute.getRange()));
    return AttributeApplied;
  }
};

clang::ParsedAttrInfoRegistry::Add<no_race_attribute> registered("ravel-no-race", "leaves a function's accesses unchecked");

}  // namespace
