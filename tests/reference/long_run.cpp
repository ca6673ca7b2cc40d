#include "tests/reference/random_program.hpp"
#include <cstdio>
#include <cstdlib>
using namespace ravel::test;
int main(int argc,char**argv){ int n=atoi(argv[1]); std::uint64_t only = argc>2?strtoull(argv[2],0,10):0;
 if(only){ random_program p(only,{n,3,1,8,50,0}); puts(p.run().c_str()); return 0;}
 for(std::uint64_t s=1;s<300000;++s){ random_program p(s,{n,3,1,8,50,0}); auto r=p.run(); if(!r.empty()){ fprintf(stderr,"seed %lu %s\n",s,r.c_str()); return 1;} }
 fprintf(stderr,"none\n"); }
