// A newsroom: what is published on a topic reaches all who subscribed to it, and the newsroom hears how often a piece was read.

#include <ravel/ravel.hpp>

#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

// Shared by all who read it, so nobody may write to it.
using news = std::shared_ptr<const std::string>;

class broker {
 public:
  ravel::recv_chan<news> subscribe(const std::string& topic) {
    auto inbox = ravel::make_chan<news>(4);
    const std::lock_guard lock(mutex_);
    inboxes_[topic].push_back(inbox);
    return inbox;
  }
  void publish(const std::string& topic, const news& piece) {
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
  std::map<std::string, std::vector<ravel::send_chan<news>>> inboxes_;
};

void read_all(ravel::recv_chan<news> inbox, ravel::send_chan<news> receipts) {
  for (const news& piece : inbox) receipts << piece;
}

}  // namespace

int main() {
  const auto rain = std::make_shared<const std::string>("rain in the evening");
  const auto goal = std::make_shared<const std::string>("late goal decides the cup");

  broker newsroom;
  auto receipts = ravel::make_chan<news>();
  ravel::wait_group subscribers;
  for (const char* topic : {"weather", "weather", "weather", "sport", "sport"}) {
    subscribers.go([inbox = newsroom.subscribe(topic), receipts] { read_all(inbox, receipts); });
  }
  newsroom.publish("weather", rain);
  newsroom.publish("sport", goal);
  newsroom.close();
  ravel::go([&subscribers, receipts] {
    subscribers.wait();
    receipts.close();
  });

  std::map<news, int> readers;
  for (const news& piece : receipts) ++readers[piece];
  for (const news& piece : {rain, goal}) std::cout << readers[piece] << " read: " << *piece << '\n';
}
