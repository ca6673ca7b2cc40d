#include "instrument/pass/function_name.hpp"

#include <llvm/Demangle/Demangle.h>

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace ravel::instrument {

using namespace llvm;

namespace {

using c_text = std::unique_ptr<char, decltype(&std::free)>;

std::string taken(char* s) {
  const c_text owner(s, &std::free);
  return s != nullptr ? std::string(s) : std::string();
}

// One past the parenthesis that closes the one at `open`.
std::size_t after_closing(const std::string& s, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < s.size(); ++i) {
    if (s[i] == '(') ++depth;
    if (s[i] == ')' && --depth == 0) return i + 1;
  }
  return s.size();
}

// LLVM's 'lambda'(int), 'lambda0'(int), ... to {lambda(int)#1}, {lambda(int)#2}, ...
void respell_lambdas(std::string& s) {
  constexpr StringLiteral prefix = "'lambda";
  for (std::size_t at = s.find(prefix); at != std::string::npos; at = s.find(prefix, at + 1)) {
    const std::size_t quote = s.find('\'', at + 1);
    if (quote == std::string::npos || quote + 1 >= s.size() || s[quote + 1] != '(') continue;
    const std::string digits = s.substr(at + prefix.size(), quote - at - prefix.size());
    const unsigned ordinal = digits.empty() ? 1 : static_cast<unsigned>(std::strtoul(digits.c_str(), nullptr, 10)) + 2;
    const std::size_t end = after_closing(s, quote + 1);
    const std::string parameters = s.substr(quote + 1, end - quote - 1);
    s.replace(at, end - at, "{lambda" + parameters + "#" + std::to_string(ordinal) + "}");
  }
}

void drop_abi_tags(std::string& s) {
  for (std::size_t at = s.find("[abi:"); at != std::string::npos; at = s.find("[abi:", at)) {
    const std::size_t end = s.find(']', at);
    if (end == std::string::npos) return;
    s.erase(at, end - at + 1);
  }
}

}  // namespace

std::string function_name(StringRef mangled) {
  const std::string name = mangled.str();
  ItaniumPartialDemangler d;
  std::string out;
  if (d.partialDemangle(name.c_str())) {
    // The C++ runtime reads some that LLVM does not: members of lambdas that clang calls $_0.
    int status = 0;
    out = taken(abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status));
    if (out.empty()) out = name;
  } else if (d.isFunction()) {
    out = taken(d.getFunctionName(nullptr, nullptr)) + taken(d.getFunctionParameters(nullptr, nullptr));
    if (d.hasFunctionQualifiers()) out += " const";
  } else {
    out = taken(d.finishDemangle(nullptr, nullptr));
  }
  respell_lambdas(out);
  drop_abi_tags(out);
  return out;
}

// For names the demangler cannot read.
std::string name_by_scopes(const DISubprogram& f) {
  std::string name = f.getName().str();
  for (const DIScope* s = f.getScope(); s != nullptr && !isa<DIFile>(s); s = s->getScope()) {
    const auto* outer = dyn_cast<DISubprogram>(s);
    const std::string scope = outer != nullptr ? outer->getName().str() : s->getName().str();
    if (isa<DICompositeType>(s) && scope.empty()) name = "{lambda}::" + name;
    else if (!scope.empty()) name = scope + "::" + name;
  }
  return name;
}

std::string function_name(const DISubprogram& f) {
  if (f.getLinkageName().empty()) return f.getName().str();
  const std::string name = function_name(f.getLinkageName());
  return StringRef(name).starts_with("_Z") ? name_by_scopes(f) : name;
}

std::string base_name(StringRef mangled) {
  const std::string name = mangled.str();
  ItaniumPartialDemangler d;
  if (d.partialDemangle(name.c_str()) || !d.isFunction()) return {};
  std::string out = taken(d.getFunctionBaseName(nullptr, nullptr));
  drop_abi_tags(out);
  return out;
}

}  // namespace ravel::instrument
