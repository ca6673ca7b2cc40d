"""gdb commands for programs of Ravel's runtime.

info goroutines         every goroutine: id, name, state, what it waits for, where it is
goroutine N COMMAND     runs COMMAND as if gdb had stopped in goroutine N: goroutine 3 bt
goroutine all COMMAND   in each of them

A goroutine that runs is its thread's; one that does not has its registers on its stack, in the order of sched/context_switch.cpp.
Loaded through .debug_gdb_scripts of libravel.a, or by: source lib/ravel/ravel-gdb.py
"""

import gdb

SCHED = "ravel::sched::"
SAVED = ("mxcsr", "r15", "r14", "r13", "r12", "rbx", "rbp", "rip")


def value_of(expression):
    return gdb.parse_and_eval(expression)


def atomic(v):
    """What a std::atomic holds."""
    for name in ("_M_b", "_M_i", "_M_p"):
        try:
            v = v[name]
        except (gdb.error, KeyError):
            continue
        if v.type.strip_typedefs().code != gdb.TYPE_CODE_STRUCT:
            return v
        return atomic(v)
    raise gdb.error("not a std::atomic: %s" % v.type)


def slots():
    goroutine = gdb.lookup_type(SCHED + "goroutine")
    region = atomic(value_of("'ravel::sched::(anonymous namespace)::regions'"))
    size, alignment = goroutine.sizeof, 64
    while int(region) != 0:
        r = region.dereference()
        for i in range(int(atomic(r["used"]))):
            top = int(r["base"]) + (i + 1) * int(r["stride"])
            address = (top - size) & ~(alignment - 1)
            yield gdb.Value(address).cast(goroutine.pointer()).dereference()
        region = r["next"]


def foreign():
    g = value_of("'ravel::sched::(anonymous namespace)::first'")
    while int(g) != 0:
        yield g.dereference()
        g = g["all_next"]


def goroutines():
    found = [value_of("'ravel::sched::main_goroutine()::one'")]
    found += list(slots())
    found += list(foreign())
    alive = [g for g in found if state_of(g) not in ("dead", "created")]
    return sorted(alive, key=lambda g: int(g["id"]))


def state_of(g):
    return str(atomic(g["state"])).split("::")[-1]


def name_of(g):
    text = g["name"].string()
    return " (%s)" % text if text else ""


def description(g):
    state, why = state_of(g), str(g["waiting_for"]).split("::")[-1]
    if state == "waiting" or (state == "running" and why == "blocking_call"):
        return why.replace("_", " ")
    return state


class in_goroutine:
    """While entered, gdb's registers are those of the goroutine."""

    def __init__(self, g):
        self.g = g

    def __enter__(self):
        self.thread = gdb.selected_thread()
        self.frame = gdb.selected_frame()
        self.changed = None
        state = state_of(self.g)
        if state == "running":
            self.select_thread_of_running()
            return
        gdb.execute("select-frame 0", to_string=True)
        names = ("rsp",) + SAVED[1:]
        self.changed = {n: int(value_of("(unsigned long)$" + n)) for n in names}
        at = int(self.g["saved"])
        word = gdb.lookup_type("unsigned long")
        new = {n: int(gdb.Value(at + 8 * i).cast(word.pointer()).dereference()) for i, n in enumerate(SAVED) if n != "mxcsr"}
        new["rsp"] = at + 8 * len(SAVED)
        self.set(new)

    def __exit__(self, *_):
        if self.changed is not None:
            gdb.execute("select-frame 0", to_string=True)
            self.set(self.changed)
        self.thread.switch()
        if self.frame.is_valid():
            self.frame.select()

    @staticmethod
    def set(registers):
        for name, content in registers.items():
            gdb.execute("set $%s = %d" % (name, content), to_string=True)

    def select_thread_of_running(self):
        machine = self.g["on"]
        wanted = int(atomic(machine["thread_id"])) if int(machine) != 0 else None
        for thread in gdb.selected_inferior().threads():
            if thread.ptid[1] == wanted:
                thread.switch()
                return
        raise gdb.GdbError("goroutine %d runs on a thread gdb does not know" % int(self.g["id"]))


class info_goroutines(gdb.Command):
    """List every goroutine: id, name, state or what it waits for, innermost function outside Ravel."""

    def __init__(self):
        super().__init__("info goroutines", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        for g in goroutines():
            print("%6d%s [%s] %s" % (int(g["id"]), name_of(g), description(g), self.place(g)))

    @staticmethod
    def place(g):
        if bool(g["foreign"]):
            return "(a thread of the program's own)"
        try:
            with in_goroutine(g):
                frame = gdb.newest_frame()
                while frame is not None:
                    name = frame.name() or ""
                    if name and not name.startswith(("ravel::", "ravel_", "syscall", "futex", "__")):
                        line = frame.find_sal()
                        return name + (" at %s:%d" % (line.symtab.filename, line.line) if line.symtab else "")
                    frame = frame.older()
        except gdb.error:
            pass
        return ""


class goroutine_command(gdb.Command):
    """goroutine N COMMAND: run COMMAND in goroutine N; N may be `all`."""

    def __init__(self):
        super().__init__("goroutine", gdb.COMMAND_STACK, gdb.COMPLETE_NONE)

    def invoke(self, argument, from_tty):
        words = argument.split(None, 1)
        if len(words) != 2 or not (words[0] == "all" or words[0].isdigit()):
            raise gdb.GdbError("usage: goroutine N COMMAND, for instance: goroutine 1 bt")
        chosen = [g for g in goroutines() if words[0] == "all" or int(g["id"]) == int(words[0])]
        if not chosen:
            raise gdb.GdbError("there is no goroutine %s; info goroutines lists them" % words[0])
        for g in chosen:
            if words[0] == "all":
                print("\ngoroutine %d%s [%s]:" % (int(g["id"]), name_of(g), description(g)))
            with in_goroutine(g):
                gdb.execute(words[1])


info_goroutines()
goroutine_command()
