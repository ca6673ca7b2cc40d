#pragma once
#include <cstddef>

#include "detector/report/report.hpp"

namespace ravel::detector::report {

// Where findings go. Thread-safe; reports never interleave. Reads the process's options.

// Numbers and prints the finding, unless a report of the same two places was printed before or a suppression matches. With
// halt_on_error the process ends here.
void submit(finding f);

// While a listener is set, findings of all threads go to it instead, each one, and nothing is printed or counted. Null ends that.
using listener = void (*)(void* context, finding&& f);
void listen(listener to, void* context);
bool listened_to();

// Is told of each finding that submit prints, before it is printed.
void tell_of_each(void (*told)(const finding& f));

// Into the file that the option report= names, if it names one; `program` is filled in where it is empty. Each line is in the file when the call returns. open_report_file is called
// once, at start-up: it says which program writes, and ends the process with one line and status 2 when the file cannot be written.
void open_report_file(const std::string& program);
void write_to_report_file(finding f);
void write_to_report_file(exploration e);
bool has_report_file();

// The arguments under which the program runs only what runs from now on, for the command that a report ends with; "": it is no test.
void runs_under(const std::string& arguments);

// The text that submit would have printed, without colour.
std::string text_of(finding f);

std::size_t submitted();  // reports printed so far

// From now on the texts of reports are kept, for test libraries; that of a report by its number from 0, "" when it was not kept.
void keep_texts();
std::string kept_text(std::size_t number);

// Last words of the process: how many races; ends it with `exitcode` when there were any, else returns.
void finish();

}  // namespace ravel::detector::report
