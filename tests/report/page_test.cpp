// The HTML report in a browser: a script at the end of the page presses keys and clicks, and writes what it saw into the document.

#include <gtest/gtest.h>

#include "detector/report/print_json.hpp"
#include "tests/report/samples.hpp"
#include "tests/support/command.hpp"

namespace {

using namespace ravel::detector::report;
using namespace ravel::test;

class page : public testing::Test {
 protected:
  void SetUp() override {
    if (folder.run("command -v chromium").status != 0) GTEST_SKIP() << "no chromium here: apt-get install chromium to see the page driven";
    folder.write("r.jsonl", print_json_of_program("./bank") + "\n" + print_json(explored_race()) + "\n" + print_json(two_locks_deadlock()) + "\n" +
                              print_json(bank_race()) + "\n" + print_json(small_exploration()) + "\n");
    folder.write("clean.jsonl", print_json_of_program("./bank") + "\n");
  }

  // Lines that the script has given to say().
  std::string drive(const std::string& report, const std::string& script, const std::string& options = "") {
    EXPECT_EQ(folder.run(RAVEL_COMMAND " report " + report + " --format=html -o page.html").status, 0);
    folder.write("page.html", folder.read("page.html") +
                                "<script>{ const out = []; const say = x => out.push(x); const press = key => dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));"
                                "const all = s => [...document.querySelectorAll(s)], text = s => all(s).map(e => e.textContent).join('|');"
                                "try { " + script + " } catch (e) { say('threw ' + e); }"
                                "document.body.replaceChildren(Object.assign(document.createElement('pre'), {id: 'said', textContent: 'BEGIN' + out.join(';') + 'END'})); }</script>");
    const outcome o = folder.run("HOME=$PWD chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir=$PWD/profile " + options +
                                 " --dump-dom file://$PWD/page.html");
    const std::size_t begin = o.out.find(">BEGIN"), end = o.out.find("END</pre>");
    EXPECT_NE(end, o.out.npos) << o.out.substr(0, 2000) << o.err;
    return end == o.out.npos ? "" : o.out.substr(begin + 6, end - begin - 6);
  }

  scratch_folder folder;
};

TEST_F(page, a_race_is_told_shown_and_stepped_through) {
  EXPECT_EQ(drive("r.jsonl", "say(text('h2')); say(all('.side').length); say(all('.row.mark').map(e => e.textContent.replace(/\\s+/g, ' ').trim()).join('|')); say(all('svg .missing').length);"
                             "say(all('svg .arrow.spawn').length + all('svg .arrow.message').length + all('svg .arrow.lock').length + all('svg .arrow.wake').length);"
                             "say(text('#now').slice(0, 12)); press('ArrowLeft'); say(text('#now').slice(0, 12)); press('Home'); say(text('#now')); press('End'); say(text('#now').slice(0, 13))"),
            "data race on total;2;6 total += amount;|6 total += amount;;1;4;Step 8 of 9:;Step 7 of 9:;Step 1 of 9: goroutine 1 (main) begins;Step 9 of 9: ");
}

TEST_F(page, states_of_channels_and_locks_follow_the_steps) {
  EXPECT_EQ(drive("r.jsonl", "const row = name => all('#states tr').filter(r => r.firstChild.textContent === name).map(r => r.lastChild.textContent).join();"
                             "press('Home'); say(row('mutex 1')); say(row('channel 1')); press('ArrowRight'); say(row('mutex 1')); press('ArrowRight'); press('ArrowRight'); say(row('channel 1'));"
                             "press('ArrowRight'); press('ArrowRight'); say(row('channel 1')); press('ArrowRight'); say(row('mutex 1')); press('ArrowLeft'); say(row('mutex 1'))"),
            "free;0 of 1 elements;held by goroutine 1 (main);1 of 1 elements;0 of 1 elements;free;held by goroutine 1 (main)");
}

TEST_F(page, keys_go_from_finding_to_finding) {
  EXPECT_EQ(drive("r.jsonl", "press('j'); say(text('h2')); press('j'); say(text('h2')); press('j'); say(text('h2')); press('j'); say(text('h2')); press('k'); say(text('h2')); say(text('[aria-current=true]'))"),
            "goroutines wait for each other's locks;data race on a.balance;1 failure in 10 schedules;1 failure in 10 schedules;data race on a.balance;3 data race on a.balance");
}

TEST_F(page, a_deadlock_has_its_circle_in_red) {
  EXPECT_EQ(drive("r.jsonl", "press('j'); say(all('#waits .node').length); say(all('#waits .node.in-circle').length); say(all('#waits .arrow.in-circle').length); say(all('#waits text').filter(t => t.textContent === 'held by').length)"),
            "4;4;4;2");
}

TEST_F(page, a_parallel_run_is_drawn_by_what_is_known) {
  EXPECT_EQ(drive("r.jsonl", "press('j'); press('j'); say(all('svg .missing').length); say(all('svg .arrow.spawn').length); say(all('#slider').length)"), "1;1;0");
}

TEST_F(page, the_last_that_one_heard_of_the_other_is_an_arrow_of_a_parallel_run) {
  finding f = bank_race();
  f.data_race.last_known = {"sent on a channel", {in_bank("main()", 10, 5)}};
  folder.write("heard.jsonl", print_json(f) + "\n");
  EXPECT_EQ(drive("heard.jsonl", "say(all('svg .arrow.wake').length); say(all('svg .missing').length); say(text('#legend')); say(all('svg g.step text').map(e => e.textContent).join('|'))"),
            "1;1;the missing order: nothing leads from one access to the otherstartsthe last that one heard of the other;"
            "starts a goroutine|sent on a channel|read of a.balance|write of a.balance");
}

TEST_F(page, a_deadlock_of_a_parallel_run_has_its_goroutines_in_columns_and_its_locks_by_their_ends) {
  folder.write("stuck.jsonl", print_json(two_locks_deadlock()) + "\n");
  EXPECT_EQ(drive("stuck.jsonl", "say(all('svg g.step').length); say(all('#waits text').map(e => e.textContent).filter(t => t.startsWith('mutex')).join('|')); say(all('svg .missing').length)"),
            "5;mutex …2000|mutex …1000;0");
}

TEST_F(page, is_dark_where_the_reader_wants_it) {
  const std::string paper = "say(getComputedStyle(document.body).backgroundColor)";
  EXPECT_EQ(drive("r.jsonl", paper, "--blink-settings=preferredColorScheme=1"), "rgb(255, 255, 255)");
  EXPECT_EQ(drive("r.jsonl", paper, "--blink-settings=preferredColorScheme=0"), "rgb(22, 24, 28)");
}

TEST_F(page, zooms_and_filters) {
  EXPECT_EQ(drive("r.jsonl", "const high = () => Number(document.querySelector('.drawn svg').getAttribute('height')); const h = high(); press('+'); say(high() > h); press('0'); say(high() === h); press('-'); say(high() < h);"
                             "const f = document.getElementById('filter'); f.value = 'mutex'; f.dispatchEvent(new Event('input')); say(all('svg g.step').length - all('svg g.step.dim').length);"
                             "const n = all('svg g.step').length; all('[aria-pressed]')[1].click(); say(all('svg g.step').length < n); say(all('svg .missing').length)"),
            "true;true;true;3;true;0");
}

TEST_F(page, fits_a_narrow_window) {
  EXPECT_EQ(drive("r.jsonl", "say(document.documentElement.scrollWidth <= innerWidth); press('j'); say(document.documentElement.scrollWidth <= innerWidth); press('j'); press('j'); say(document.documentElement.scrollWidth <= innerWidth)",
                  "--window-size=500,800"),
            "true;true;true");
}

TEST_F(page, brings_the_columns_of_a_narrow_window_nearer) {
  const std::string places = "say(document.querySelectorAll('.drawn svg circle[r=\"5\"]').length); say(all('.drawn svg circle[r=\"5\"]').map(c => c.getAttribute('cx')).join(' '));"
                             "const d = document.querySelector('.drawn'); say(d.scrollWidth <= d.clientWidth)";
  EXPECT_EQ(drive("r.jsonl", places, "--window-size=1200,800"), "2;32 262;true");
  const std::string narrow = drive("r.jsonl", places, "--window-size=500,800");
  EXPECT_TRUE(narrow.starts_with("2;32 ") && narrow.ends_with(";true")) << narrow;
  EXPECT_LT(std::stod(narrow.substr(5)), 262) << narrow;
}

TEST_F(page, nothing_found_is_said) { EXPECT_EQ(drive("clean.jsonl", "say(text('h2'))"), "Nothing was found."); }

}  // namespace
