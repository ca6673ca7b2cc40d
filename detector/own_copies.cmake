# cmake -DOBJECT= -DNM= -DOBJCOPY= -P: makes local what the joined object has only for itself: its copies of inline functions and
# templates (weak functions), and the libraries bundled into it.
# Rejected: hidden visibility, since copies are merged all the same.
execute_process(COMMAND ${NM} --defined-only ${OBJECT} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL " W (_Z[^\n]+|__clang_call_terminate)" own "${symbols}")
list(TRANSFORM own REPLACE "^ W " "")
# But for the weak ones that race/interposed puts before the C++ library's own.
list(REMOVE_ITEM own _ZNSt15__exception_ptr13exception_ptr10_M_releaseEv
  _ZNSt13__future_base13_State_baseV211_Make_ready6_M_setEv
  _ZNSt3pmr26synchronized_pool_resource11do_allocateEmm _ZNSt3pmr26synchronized_pool_resource13do_deallocateEPvmm
  _ZNSt13random_device9_M_getvalEv
  _ZNSt13runtime_errorD0Ev _ZNSt13runtime_errorD1Ev _ZNSt13runtime_errorD2Ev
  _ZNSt11logic_errorD0Ev _ZNSt11logic_errorD1Ev _ZNSt11logic_errorD2Ev)
string(REGEX MATCHALL " [TWDBR] (backtrace_[^\n]+|[a-z]+_fcontext|_ZNK?5boost[^\n]+)" bundled "${symbols}")
string(REGEX MATCHALL " T (_ZSt[0-9]+_Rb_tree_[^\n]+|_ZSt11_Hash_bytes[^\n]+|_ZNSt8__detail15_List_node_base[^\n]+)" standard "${symbols}")  # standard/README.md
list(APPEND bundled ${standard})
list(TRANSFORM bundled REPLACE "^ [A-Z] " "")
list(JOIN own "\n" own)
list(JOIN bundled "\n" bundled)
file(WRITE ${OBJECT}.own "${own}\n${bundled}\n")
execute_process(COMMAND ${OBJCOPY} --localize-symbols=${OBJECT}.own ${OBJECT} COMMAND_ERROR_IS_FATAL ANY)
