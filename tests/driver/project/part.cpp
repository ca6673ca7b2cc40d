int total = 0;
void add() { ++total; }
