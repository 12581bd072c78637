package io.multisqs.internal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * What receives that went out just now are likely to bring: for as long as an answer takes. One
 * that is silent for longer stands on an empty queue, and is promised nothing more of. Guarded by
 * the board's lock.
 */
final class Promised {
  private record Receive(Grant grant, long until) {}

  private final Deque<Receive> receives = new ArrayDeque<>();

  void asked(Grant grant, long now, long hold) {
    forgetSilent(now);
    receives.addLast(new Receive(grant, now + hold));
  }

  private void forgetSilent(long now) {
    while (!receives.isEmpty() && receives.peekFirst().until - now <= 0) {
      receives.pollFirst();
    }
  }

  void answered(Grant grant, long now) {
    forgetSilent(now);
    for (Iterator<Receive> i = receives.iterator(); i.hasNext(); ) {
      if (i.next().grant == grant) {
        i.remove();
        return;
      }
    }
  }

  /** How many messages other queues of this one's priority, or a higher one, are promised. */
  int toOthers(Lane lane, long now) {
    forgetSilent(now);
    int messages = 0;
    for (Receive receive : receives) {
      Lane other = receive.grant.lane;
      if (other != lane && other.priority >= lane.priority && receive.until - now > 0) {
        messages += receive.grant.messages;
      }
    }
    return messages;
  }
}
