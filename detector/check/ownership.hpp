#pragma once
// Who owns a channel. The owner makes it, writes it and closes it; everybody else reads.
//
// A declared owner is an owned_chan. The runtime says when one is made and each time somebody is about to use it; whoever does, after all that
// the last owner did with it, is the owner from then on: a hand-over, by whatever way. Reported, as breaking what the program has declared:
// - C11 a send, C09 a close, C10 a second close, by a goroutine that is not the owner, with a handle from before there was one;
// - C11 one owner used by two goroutines that nothing orders.
//
// Of other channels the owner is guessed, and only told with the option `advice`: the goroutine that sends. A goroutine that begins to send after
// all earlier sends has taken over; fan-in, semaphores, and whoever made the channel and closes it after all sends, are right. What is left:
// - C09 a channel closed by one of its receivers, that never sent on it and did not make it;
// - C10 a close of what another goroutine has closed;
// - C11 one of several senders closes.
// The runtime's own channels are left out. A close and a send that nothing orders are a race (detector/race), whoever owns the channel.

#include "detector/race/goroutine_state.hpp"
#include "runtime/hooks/event_sink.hpp"

namespace ravel::detector {

void note_channel_made(goroutine_state& g, hooks::watched_channel& w, const void* frame);
void note_channel_owned(goroutine_state& g, const void* channel, hooks::watched_channel& w, const void* frame);
void note_channel_used(goroutine_state& g, const void* channel, hooks::watched_channel& w, hooks::channel_use use, const void* frame);
void note_channel_gone(hooks::watched_channel& w);

}  // namespace ravel::detector
