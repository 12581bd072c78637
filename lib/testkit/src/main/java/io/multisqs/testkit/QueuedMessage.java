package io.multisqs.testkit;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message as it lies in a queue of an {@link InMemorySqs}.
 *
 * @param messageId its id
 * @param body its body
 * @param state whether it can be received
 * @param receiveCount how often it has been received
 * @param sentAt when it was sent
 * @param visibleAt since when it is visible, or when it will be if nothing else happens
 * @param groupId its message group, or null
 * @param sequenceNumber its sequence number in a FIFO queue, or null
 */
public record QueuedMessage(
    String messageId,
    String body,
    State state,
    int receiveCount,
    Instant sentAt,
    Instant visibleAt,
    @Nullable String groupId,
    @Nullable String sequenceNumber) {

  /** Whether a message can be received. */
  public enum State {
    /** It was sent with a delay that is not over, and has not been received yet. */
    DELAYED,
    /** It can be received, unless its group has a message in flight. */
    VISIBLE,
    /** It was received, and its visibility timeout has not run out. */
    IN_FLIGHT
  }
}
