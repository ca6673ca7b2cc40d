# `cpack` in the build folder makes ravel_VERSION_amd64.deb. What it depends on is asked of the programs (dpkg-shlibdeps), but for what they
# only run: the compiler, and the linker and headers behind it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ravel)
set(CPACK_PACKAGE_CONTACT "The Ravel authors <ravel@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES OFF)  # the archives' debug information and symbols are what reports and gdb read
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "clang-19, libstdc++-12-dev, libc6-dev, binutils")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "gdb, llvm-19, libgtest-dev, cmake, pkg-config")
include(CPack)

# A clean Debian 12 root, the package in it, a stranger's work there. By hand: it fetches two hundred packages.
add_custom_target(check_package COMMAND ${CMAKE_COMMAND} -E env BUILD=${PROJECT_BINARY_DIR}/package ${CMAKE_CURRENT_LIST_DIR}/check_package
  USES_TERMINAL VERBATIM)
