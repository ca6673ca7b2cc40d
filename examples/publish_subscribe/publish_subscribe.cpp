// A newsroom: what is published on a topic reaches all who subscribed to it, and every piece knows how often it was read.

#include <ravel/ravel.hpp>

#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct news {
  std::string text;
  int readers = 0;
};

class broker {
 public:
  ravel::recv_chan<news*> subscribe(const std::string& topic) {
    auto inbox = ravel::make_chan<news*>(4);
    const std::lock_guard lock(mutex_);
    inboxes_[topic].push_back(inbox);
    return inbox;
  }
  void publish(const std::string& topic, news* piece) {
    const std::lock_guard lock(mutex_);
    for (const auto& inbox : inboxes_[topic]) inbox << piece;
  }
  void close() {
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, inboxes] : inboxes_) {
      for (const auto& inbox : inboxes) inbox.close();
    }
  }

 private:
  ravel::mutex mutex_;
  std::map<std::string, std::vector<ravel::send_chan<news*>>> inboxes_;
};

void read_all(ravel::recv_chan<news*> inbox) {
  // All subscribers get a pointer to the same piece of news, and each of them writes to it.
  for (news* piece : inbox) ++piece->readers;  // races
}

}  // namespace

int main() {
  news rain{"rain in the evening"}, goal{"late goal decides the cup"};

  broker newsroom;
  ravel::wait_group subscribers;
  for (const char* topic : {"weather", "weather", "weather", "sport", "sport"}) {
    subscribers.go([inbox = newsroom.subscribe(topic)] { read_all(inbox); });
  }
  newsroom.publish("weather", &rain);
  newsroom.publish("sport", &goal);
  newsroom.close();
  subscribers.wait();

  for (const news& piece : {rain, goal}) std::cout << piece.readers << " read: " << piece.text << '\n';
}
