package io.multisqs.testkit.internal;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a FIFO queue was sent within the last five minutes. Guarded by the server's lock. */
final class Deduplication {

  private final Map<String, StoredMessage> sent = new LinkedHashMap<>();

  /** The message that was sent under the key within the interval, if there is one. */
  @Nullable StoredMessage find(String key, long now) {
    Iterator<StoredMessage> oldest = sent.values().iterator();
    while (oldest.hasNext() && now - oldest.next().sentAt >= Limits.DEDUPLICATION_NANOS) {
      oldest.remove();
    }
    return sent.get(key);
  }

  void remember(String key, StoredMessage message) {
    sent.put(key, message);
  }
}
