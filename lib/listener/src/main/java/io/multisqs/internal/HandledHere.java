package io.multisqs.internal;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Messages that were handled here lately: when one returns, as its delete was not confirmed or came
 * too late, it is deleted and not handled again (I10). Bounded; the oldest is forgotten first.
 * Guarded by the board's lock.
 */
final class HandledHere {
  /** A message returns after its visibility timeout: at 1,000 a second, this is 10 s of them. */
  private static final int MOST = 10_000;

  private record Key(Lane lane, String messageId) {}

  /** To each message whether SQS confirmed its delete. */
  private final Map<Key, Boolean> lately =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Boolean> eldest) {
          return size() > MOST;
        }
      };

  void remember(Delivery delivery, boolean confirmed) {
    lately.put(new Key(delivery.lane, delivery.id()), confirmed);
  }

  boolean knows(Lane lane, String messageId) {
    return lately.containsKey(new Key(lane, messageId));
  }

  /** Whether it was handled, and its delete never confirmed. */
  boolean awaitsConfirmation(Lane lane, String messageId) {
    return Boolean.FALSE.equals(lately.get(new Key(lane, messageId)));
  }
}
