package io.multisqs.testkit;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One call that was made to an {@link InMemorySqs}.
 *
 * @param operation what was called
 * @param queue the queue's name, empty for {@link Operation#LIST_QUEUES}
 * @param startedAt when the call came
 * @param endedAt when it was answered or failed; null while it is under way
 * @param asked for a receive how many messages were wanted, for a batch its entries, else 1
 * @param answered for a receive how many messages it brought, for a batch how many entries
 *     succeeded, else 1; 0 while it is under way and when it failed
 * @param bytes the size of the message bodies and attributes that were sent or received
 * @param error the error code, or the exception's class if it had none; null if there was none
 */
public record Call(
    Operation operation,
    String queue,
    Instant startedAt,
    @Nullable Instant endedAt,
    int asked,
    int answered,
    long bytes,
    @Nullable String error) {

  /**
   * Whether the call is under way.
   *
   * @return true until it is answered or fails
   */
  public boolean isUnderWay() {
    return endedAt == null;
  }

  /**
   * How long the call took.
   *
   * @return the time from start to end; zero while it is under way
   */
  public Duration duration() {
    return endedAt == null ? Duration.ZERO : Duration.between(startedAt, endedAt);
  }
}
