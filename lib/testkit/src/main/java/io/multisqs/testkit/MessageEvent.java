package io.multisqs.testkit;

import java.time.Instant;

/**
 * Something that happened to a message in an {@link InMemorySqs}. The time is exact: a message
 * whose visibility timeout ran out became {@link Kind#VISIBLE} at that moment, even if nobody
 * looked until later.
 *
 * @param kind what happened
 * @param queue the name of the queue where it happened
 * @param messageId which message
 * @param body the message's body
 * @param at when, as a time of day
 * @param nanoTime when, on the clock's {@code nanoTime}
 * @param receiveCount how often the message had been received by then, this time included
 */
public record MessageEvent(
    Kind kind,
    String queue,
    String messageId,
    String body,
    Instant at,
    long nanoTime,
    int receiveCount) {

  /** What can happen to a message. */
  public enum Kind {
    /** It was sent to the queue, or moved there from another one. */
    ARRIVED,
    /** It can be received from now on. */
    VISIBLE,
    /** It was handed out and is in flight. */
    RECEIVED,
    /** Its visibility timeout was changed. */
    VISIBILITY_CHANGED,
    /** It was deleted, or the queue was purged. */
    DELETED,
    /** It left the queue for its dead-letter queue, or by a move task. */
    MOVED
  }
}
