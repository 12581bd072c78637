package io.multisqs.internal;

import org.jspecify.annotations.Nullable;

/**
 * A slot that goes from one message to the next. The message that starts in it is kept here, where
 * no error on the way back to the slot's thread loses it. Confined to that thread.
 */
final class Slot {
  private @Nullable Delivery started;

  void start(Delivery delivery) {
    started = delivery;
  }

  boolean isEmpty() {
    return started == null;
  }

  /** The message that was started in it, once; null if there is none. */
  @Nullable Delivery take() {
    Delivery taken = started;
    started = null;
    return taken;
  }
}
