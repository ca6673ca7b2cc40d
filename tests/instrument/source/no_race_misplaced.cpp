// One wrong place of [[ravel::no_race]] per compilation.
int counter;

#if defined(PLACE_variable)
[[ravel::no_race]] int variable;
#elif defined(PLACE_class)
struct [[ravel::no_race]] some_class {};
#elif defined(PLACE_parameter)
void f([[ravel::no_race]] int parameter);
#elif defined(PLACE_statement)
void f() { [[ravel::no_race]] counter = 1; }
#elif defined(PLACE_type)
auto lambda = []() [[ravel::no_race]] { counter = 1; };
#endif
