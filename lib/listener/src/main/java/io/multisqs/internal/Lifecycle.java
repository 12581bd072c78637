package io.multisqs.internal;

import io.multisqs.ListenerState;

/** NEW → STARTING → RUNNING → STOPPING → TERMINATED or FAILED, one way (I16). Thread-safe. */
final class Lifecycle {
  private final Events events;
  private ListenerState state = ListenerState.NEW; // guarded by this

  Lifecycle(Events events) {
    this.events = events;
  }

  synchronized ListenerState state() {
    return state;
  }

  /**
   * Moves on if it is in {@code from}; tells whether it did.
   *
   * @param before is done after the move and before anybody is told, who may call back
   */
  boolean move(ListenerState from, ListenerState to, Runnable before) {
    synchronized (this) {
      if (state != from) {
        return false;
      }
      state = to;
    }
    before.run();
    events.stateChanged(from, to);
    return true;
  }

  boolean move(ListenerState from, ListenerState to) {
    return move(from, to, () -> {});
  }

  /** Refuses a second start. */
  void start() {
    if (!move(ListenerState.NEW, ListenerState.STARTING)) {
      throw new IllegalStateException(
          "a listener starts once, and this one is " + state() + "; build a new one");
    }
  }
}
