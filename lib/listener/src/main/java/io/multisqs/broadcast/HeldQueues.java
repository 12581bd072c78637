package io.multisqs.broadcast;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The queues that this JVM holds open, by URL, and who in it does: two {@link BroadcastQueue}s of
 * one name would take the queue from each other. Safe for use by many threads.
 */
final class HeldQueues {
  private static final ConcurrentMap<String, String> OWNERS = new ConcurrentHashMap<>();

  private HeldQueues() {}

  /** Of a queue that its owner has created just now: nobody else holds it any more. */
  static void created(String url, String owner) {
    OWNERS.put(url, owner);
  }

  /**
   * Takes a queue that stood already.
   *
   * @return false if another one in this JVM holds it
   */
  static boolean take(String url, String owner) {
    String before = OWNERS.putIfAbsent(url, owner);
    return before == null || before.equals(owner);
  }

  static void release(String url, String owner) {
    OWNERS.remove(url, owner);
  }
}
